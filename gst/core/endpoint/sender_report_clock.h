// SPDX-License-Identifier: LGPL-2.1-or-later
// When was this sampled? RTP timestamps of a stream to the publisher's wall clock by its sender
// reports, and that to our timeline by one offset a publisher: whatever the offset is, sound and
// picture of one publisher stay together. Not thread-safe: owned by the thread that receives the
// publisher.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "gst/core/rtcp/rtcp_writer.h"
#include "gst/core/time.h"

namespace rooms {

/// The publisher's wall clock against our timeline: the smallest (arrival - NTP time) of recent
/// reports, i.e. of those that were least delayed on the way. Moves slowly, so that nothing jumps;
/// steps when the publisher's clock was set.
class PublisherClock {
 public:
  /// False: the report contradicts the ones before and does not count (yet).
  bool observe(std::uint64_t ntp_time, Timestamp arrival);
  /// nullopt before the first report.
  [[nodiscard]] std::optional<Timestamp> to_local(std::uint64_t ntp_time) const;
  /// Counts how often the clock was set: NTP times of before and after have nothing in common.
  [[nodiscard]] std::uint32_t steps() const { return steps_; }

 private:
  bool suspect(Duration offset, Timestamp arrival);
  void follow(Duration offset, Timestamp arrival);
  void step_to(Duration offset, Timestamp arrival);

  static constexpr std::size_t kWindow = 16;
  std::array<Duration, kWindow> samples_{};
  std::size_t sample_count_ = 0;
  std::size_t next_sample_ = 0;
  std::optional<Duration> offset_;
  Timestamp started_;
  Timestamp adjusted_;
  std::uint32_t steps_ = 0;
  // Reports that speak of another clock, so far
  Duration suspect_{};
  Timestamp suspect_since_;
  unsigned suspects_ = 0;
};

/// The RTP clock of one stream (one SSRC).
class SenderReportClock {
 public:
  SenderReportClock(PublisherClock& publisher, std::uint32_t clock_rate)
      : publisher_(&publisher), clock_rate_(clock_rate) {}

  /// Of each packet, before its capture_time, but not of those that are sent again. A sender that
  /// sends nothing for a while may go on where its RTP clock was then (browsers do with sound):
  /// from then on the earlier reports mean nothing. A path that was interrupted looks the same at
  /// first, until what was held up has come.
  void observe_packet(std::uint32_t rtp_time, Timestamp arrival);
  /// False: ignored as nonsense (no time at all, or against the earlier reports once).
  bool observe_sr(std::uint64_t ntp_time, std::uint32_t rtp_time, Timestamp arrival);
  /// On our timeline; nullopt before the first report.
  [[nodiscard]] std::optional<Timestamp> capture_time(std::uint32_t rtp_time) const;

 private:
  struct Anchor {
    std::uint64_t ntp_time = 0;
    std::uint32_t rtp_time = 0;
    /// As it was when the report came, for when the publisher's clock is set before the next one.
    Timestamp local;
    std::uint32_t steps = 0;
  };
  /// What the two anchors disagree by when one predicts the other.
  [[nodiscard]] Duration disagreement(const Anchor& from, const Anchor& to) const;
  struct Arrival {
    std::uint32_t rtp_time = 0;
    Timestamp when;
  };
  struct Pause {
    Arrival before;
    Timestamp ended;
  };

  PublisherClock* publisher_;
  std::uint32_t clock_rate_;
  std::optional<Anchor> anchor_;
  std::optional<Anchor> suspect_;
  std::optional<Arrival> last_;
  std::optional<Pause> pause_;  // that has just ended
};

/// The sender report of a stream we send: at `now` (= `now_ntp` on the wall clock) its RTP clock
/// shows the timestamp of the last packet plus what has passed since that packet's presentation
/// time.
SenderInfo sender_report_at(Timestamp now, std::uint64_t now_ntp, std::uint32_t last_rtp_time,
                            Timestamp last_presentation, std::uint32_t clock_rate,
                            std::uint32_t packets, std::uint32_t octets);

}  // namespace rooms
