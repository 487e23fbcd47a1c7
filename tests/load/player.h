// SPDX-License-Identifier: LGPL-2.1-or-later
// The receiving client: counts everything, looks into some packets, reports back as a browser does.
// Media thread, but for what it is made from.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gst/core/endpoint/receive_statistics.h"
#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/rtp/rtp_header.h"
#include "tests/load/delivery_meter.h"
#include "tests/load/negotiate.h"
#include "tests/load/traffic.h"
#include "tests/load/transport.h"

namespace rooms::load {

struct PlayerSettings {
  unsigned audio = 1;  ///< streams that should come
  unsigned video = 1;
  unsigned look_into = 20;  ///< one packet of so many, on average
  std::uint32_t seed = 1;
  /// Packets tell when they were sent. Those that a server or an encoder has made do not.
  bool stamped_audio = true;
  bool stamped_video = true;
};

class Player : public Media {
 public:
  Player(const PlayerSettings& settings, Traffic& traffic);

  /// Before its transport starts.
  void set_negotiated(const Playing& playing) { playing_ = playing; }

  void connected(Transport& transport, Timestamp now) override;
  void receive_rtp(Transport& transport, MutableBytes packet, Timestamp now) override;
  void receive_rtcp(Bytes compound, Timestamp now) override;
  Timestamp advance(Transport& transport, SendArena& arena, Timestamp now) override;

  [[nodiscard]] std::optional<Timestamp> first_packet() const { return first_packet_; }
  [[nodiscard]] std::optional<Timestamp> first_keyframe() const { return first_keyframe_; }
  /// All the streams it should have.
  [[nodiscard]] bool complete() const;
  [[nodiscard]] unsigned streams() const { return static_cast<unsigned>(streams_.size()); }

  void begin_window();
  /// Streams that went silent lack what their source sent since.
  [[nodiscard]] Delivery window(Timestamp now) const;
  /// RTP sequence numbers that never came, in the window.
  [[nodiscard]] std::int64_t sequence_gaps() const;

 private:
  struct Stream {
    explicit Stream(std::uint32_t ssrc, PacketUse stream_use)
        : statistics(ssrc, stream_use == PacketUse::kAudio ? 48000 : 90000), use(stream_use) {}
    ReceiveStatistics statistics;
    DeliveryMeter meter;
    PacketUse use;
    bool keyframe_seen = false;
    unsigned until_look = 0;
    std::int64_t lost_before = 0;
    Timestamp last_arrival;
    Timestamp began;
  };
  Stream& stream_of(std::uint32_t ssrc, PacketUse use, Timestamp now);
  void look_into(Transport& transport, Stream& stream, MutableBytes packet, Timestamp now);
  void send_feedback(Transport& transport, SendArena& arena);
  void send_reports(Transport& transport, SendArena& arena, Timestamp now);
  unsigned next_distance();

  PlayerSettings settings_;
  Traffic& traffic_;
  Playing playing_;
  std::vector<Stream> streams_;
  std::size_t last_stream_ = 0;
  TransportFeedbackGenerator feedback_;
  std::uint32_t ssrc_;  ///< of our reports
  std::uint32_t random_;
  std::optional<Timestamp> first_packet_;
  std::optional<Timestamp> first_keyframe_;
  Timestamp next_feedback_;
  Timestamp next_report_;
};

}  // namespace rooms::load
