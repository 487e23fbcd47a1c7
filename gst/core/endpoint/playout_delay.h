// SPDX-License-Identifier: LGPL-2.1-or-later
// How late a viewer should show the pictures of one stream, so that those it asks for again come in
// time, and how it is told: the header extension playout-delay
// (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay). Who only receives knows no round
// trip (it would need RFC 3611 4.4, which browsers do not negotiate by themselves), so browsers
// skip pictures that are on their way. We know it, from their reports. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gst/core/time.h"

namespace rooms {

/// Decides on the delay: a round trip and what it takes to notice a loss, while packets are asked
/// for again, and the time for another try where many are lost; none otherwise. It rises at once
/// and falls late.
class PlayoutDelay {
 public:
  struct Config {
    /// A loss shows with the packet behind it, a picture later, and the request waits for others.
    Duration margin = std::chrono::milliseconds(80);
    /// Share of packets lost, by the viewer's reports, smoothed: from here on a second copy of one
    /// is waited for too. Of 150 packets a second at 5 %, three in eight seconds lose their first
    /// copy.
    double often = 0.03;
    /// From one request for a packet to the next, at least: browsers that know no round trip assume
    /// 100 ms, and look every 20.
    Duration repeat = std::chrono::milliseconds(120);
    /// No more than this: a conversation suffers. Nothing at all where the round trip is longer, as
    /// what is sent again would come too late.
    Duration most = std::chrono::milliseconds(400);
    Duration step = std::chrono::milliseconds(30);  ///< smaller changes are not worth telling
    Duration memory = std::chrono::seconds(10);     ///< so long `kRequests` of them count
    Duration patience = std::chrono::seconds(15);   ///< less must do for so long before it falls
  };
  /// Packets asked for within Config::memory that are not an accident or two.
  static constexpr std::size_t kRequests = 3;

  PlayoutDelay() = default;
  explicit PlayoutDelay(const Config& config) : config_(config) {}

  /// The viewer asked for one packet again.
  void observe_request(Timestamp now);
  /// Of the viewer's report: of the packets since the last, 0..1.
  void observe_loss(double fraction);
  /// Decides anew; a few times a second. `round_trip`: nothing where none was measured.
  void consider(std::optional<Duration> round_trip, Timestamp now);
  /// Whole hundredths of a second; zero: none.
  [[nodiscard]] Duration minimum() const { return minimum_; }

 private:
  [[nodiscard]] Duration wanted(std::optional<Duration> round_trip, Timestamp now) const;

  Config config_{};
  std::array<Timestamp, kRequests> requests_{};  // the latest, in a ring
  std::size_t requested_ = 0;
  double loss_ = 0;
  Duration minimum_{};
  std::optional<Timestamp> less_since_;  // less than `minimum_` would have done
  Duration most_since_{};                // would have done since then
};

/// What the packets of one stream carry of it. A receiver keeps the last value it was told, so one
/// that is none of the defaults goes with every packet, and the default with those that follow it
/// until the receiver is known to have had it.
class PlayoutDelayNotice {
 public:
  /// The default of receivers for the longest delay.
  static constexpr Duration kMaximum = std::chrono::seconds(10);
  /// Pictures of so long tell the default, and a report that one sent later came ends it.
  static constexpr Duration kTaking = std::chrono::seconds(2);

  /// The element of the packet that leaves at `now`: 24 bits, twelve each for the least and the
  /// longest delay in hundredths of a second. 0: it carries none.
  std::uint32_t next(Duration minimum, std::uint16_t sequence, Timestamp now) {
    if (minimum == Duration{} && !is_told_) return 0;
    return tell(minimum, sequence, now);
  }
  /// The highest sequence number that came, by the receiver's report.
  void observe_report(std::uint16_t highest_sequence);

 private:
  std::uint32_t tell(Duration minimum, std::uint16_t sequence, Timestamp now);

  bool is_told_ = false;  // the receiver may hold something that is not the default
  std::optional<Timestamp> default_since_;
  std::optional<std::uint16_t> last_;  // when that came, all is told
};

}  // namespace rooms
