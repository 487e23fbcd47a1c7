// SPDX-License-Identifier: LGPL-2.1-or-later
// A subscriber's connection in simulated time: a SendEndpoint with one slot of sound and one of
// video, used as `sfusend` uses it, over a LinkModel to a receiver that writes real RTCP. What
// comes to the video slot follows the estimate, as layers would, or has a rate of its own.
// Deterministic.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "gst/core/endpoint/send_endpoint.h"
#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/support/estimate_log.h"
#include "tests/support/link_model.h"

namespace rooms::test {

struct ConnectionPlan {
  LinkPlan link;
  DataRate publisher = DataRate::unlimited();  ///< video comes at no more than that
  bool follows = true;                         ///< video comes at no more than the estimate
  bool has_rtx = true;
  bool has_transport_cc = true;  ///< negotiated and sent
  Duration keyframe_every{};     ///< zero: none
  int keyframe_size = 8;         ///< times the mean frame
  DataRate start = DataRate::kilobits_per_second(300);
  DataRate max = DataRate::kilobits_per_second(50'000);
  DataRate wanted{};
  std::uint64_t seed = 1;
};

class SimulatedConnection : public EstimateLog {
 public:
  struct Trip {
    Duration came{};     ///< to the slot
    Duration left{};     ///< for the link
    Duration arrived{};  ///< Duration::max(): did not
    bool is_audio = false;
  };

  explicit SimulatedConnection(const ConnectionPlan& plan)
      : plan_(plan), random_(plan.seed), link_(plan.link, random_) {
    sender_.congestion().set_bounds(DataRate::kilobits_per_second(30), plan.max);
    sender_.congestion().set_start(plan.start);
    sender_.congestion().set_wanted(plan.wanted);
    audio_ = sender_.add_slot(slot_of(MediaKind::kAudio));
    video_ = sender_.add_slot(slot_of(MediaKind::kVideo));
  }

  void run_until(Duration end) {
    while (now_.time_since_epoch() < end) {
      step();
      now_ += std::chrono::milliseconds(1);
    }
  }
  /// RTCP from the peer.
  SendEndpoint::Requests tell(Bytes compound) { return sender_.observe_rtcp(compound, now_, 1); }
  /// Nothing leaves between two calls of run_until as long as a worker is held up.
  void pause(Duration time) { now_ += time; }
  void set_wanted(DataRate wanted) { sender_.congestion().set_wanted(wanted); }

  [[nodiscard]] SendEndpoint& sender() { return sender_; }
  [[nodiscard]] CongestionControl::Stats stats() const { return sender_.congestion().stats(); }
  [[nodiscard]] const std::vector<Trip>& trips() const { return trips_; }
  [[nodiscard]] std::size_t padded() const { return padded_; }
  /// The part `fraction` of sound or video that came since `from` took no longer, as `what` says.
  template <class What>
  [[nodiscard]] Duration quantile(bool is_audio, Duration from, double fraction, What what) const {
    std::vector<Duration> times;
    for (const auto& trip : trips_)
      if (trip.is_audio == is_audio && trip.came >= from && trip.arrived != Duration::max())
        times.push_back(what(trip));
    if (times.empty()) return {};
    std::sort(times.begin(), times.end());
    return times[static_cast<std::size_t>(fraction * static_cast<double>(times.size() - 1))];
  }
  static Duration whole_way(const Trip& trip) { return trip.arrived - trip.came; }
  static Duration in_pacer(const Trip& trip) { return trip.left - trip.came; }

 private:
  static constexpr std::uint32_t kVideoSsrc = 11;
  static constexpr std::uint32_t kRtxSsrc = 12;
  static constexpr std::uint32_t kAudioSsrc = 13;
  static constexpr DataRate kSound = DataRate::kilobits_per_second(56);
  static constexpr Duration kFrame = std::chrono::microseconds(33'333);
  struct Packet {
    bool is_audio = false;
    RtpPatch patch;
    std::size_t payload = 0;
    Timestamp came;
  };
  struct Arrival {
    Timestamp at;
    std::uint16_t sequence;
    friend bool operator>(const Arrival& a, const Arrival& b) { return a.at > b.at; }
  };

  [[nodiscard]] SendSlot slot_of(MediaKind kind) const {
    SendSlot slot;
    slot.mid = kind == MediaKind::kAudio ? "a" : "v";
    slot.kind = kind;
    slot.active = true;
    slot.ssrc = kind == MediaKind::kAudio ? kAudioSsrc : kVideoSsrc;
    const auto* profile = profile_of(kind == MediaKind::kAudio ? Codec::kOpus : Codec::kVp8);
    slot.payloads.push_back({profile->payload_type, profile->payload_type});
    if (kind == MediaKind::kVideo && plan_.has_rtx) {
      slot.rtx_ssrc = kRtxSsrc;
      slot.payloads.push_back({profile->rtx_payload_type, profile->rtx_payload_type});
    }
    if (plan_.has_transport_cc) {
      slot.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] = kTransportWideId;
      slot.feedback.transport_cc = true;
    } else {
      slot.extension_ids[static_cast<std::size_t>(Extension::kAbsSendTime)] = kSendTimeId;
      slot.feedback.remb = true;
    }
    return slot;
  }

  void step() {
    deliver();
    if (is_time(250)) sender_.congestion().tick(now_);
    if (is_time(20)) come({true, {kAudioSsrc, 0, audio_sequence_++, {}}, 80, now_});
    if (now_ >= next_frame_) publish();
    while (const auto departure = sender_.congestion().next(now_)) {
      departure->id ? leave(take(*departure->id), departure->probe) : pad(*departure);
    }
    if (is_time(50))
      note({now_.time_since_epoch(), sender_.congestion().estimate(), link_.capacity(now_),
            link_.waiting(now_)});
  }
  [[nodiscard]] bool is_time(int milliseconds) const {
    return now_.time_since_epoch() % std::chrono::milliseconds(milliseconds) == Duration{};
  }

  void publish() {
    next_frame_ += kFrame;
    DataRate rate = plan_.publisher;
    // As who divides the estimate must: sound first, and headers count.
    const DataRate left_for_video = sender_.congestion().estimate() * 0.93 - kSound;
    if (plan_.follows) rate = std::min(rate, left_for_video);
    auto left =
        std::max<std::int64_t>((rate * kFrame).bytes() * random_.between(70, 130) / 100, 100);
    if (plan_.keyframe_every > Duration{} && now_ >= next_keyframe_) {
      next_keyframe_ = now_ + plan_.keyframe_every;
      left *= plan_.keyframe_size;
    }
    for (auto packets = (left + 1099) / 1100; packets > 0; --packets) {
      const auto size = static_cast<std::size_t>(left / packets);
      come({false, {kVideoSsrc, 0, video_sequence_++, {}}, size, now_});
      left -= left / packets;
    }
  }

  void come(const Packet& packet) {
    auto& congestion = sender_.congestion();
    const auto kind = packet.is_audio ? PacedKind::kAudio : PacedKind::kVideo;
    const auto size = SendEndpoint::size_of(packet.payload);
    if (const auto probe = congestion.pass(kind, size, now_)) return leave(packet, *probe);
    if (congestion.enqueue(kind, next_id_, size, now_)) waiting_.emplace(next_id_++, packet);
  }
  Packet take(std::uint64_t id) {
    const Packet packet = waiting_.at(id);
    waiting_.erase(id);
    return packet;
  }

  void leave(const Packet& packet, std::int32_t probe) {
    RtpHeader source;
    source.payload_type = profile_of(packet.is_audio ? Codec::kOpus : Codec::kVp8)->payload_type;
    source.payload = Bytes(payload_).first(packet.payload);
    const auto header = sender_.write_header(memory_, packet.is_audio ? audio_ : video_, source,
                                             packet.patch, packet.came, {now_, {}, probe});
    trips_.push_back({packet.came.time_since_epoch(), now_.time_since_epoch(), Duration::max(),
                      packet.is_audio});
    if (const auto arrival = send(header)) trips_.back().arrived = arrival->time_since_epoch();
  }
  void pad(const Pacer::Departure& departure) {
    const auto header = sender_.write_padding_header(
        memory_, static_cast<std::uint8_t>(departure.size.bytes()), {now_, {}, departure.probe});
    sender_.congestion().padded(header.on_the_wire, now_);
    if (header.size > 0) send(header), ++padded_;
  }
  std::optional<Timestamp> send(const SendEndpoint::Header& header) {
    const auto arrival = link_.send(header.on_the_wire, now_);
    const auto written = parse_rtp(Bytes(memory_).first(header.size));
    if (!arrival || !plan_.has_transport_cc) return arrival;
    // Of a packet of padding the header alone does not parse: its last byte would be the count.
    RtpHeader plain = written.value_or(RtpHeader{});
    if (!written) {
      memory_[0] &= 0xDF;
      plain = *parse_rtp(Bytes(memory_).first(header.size));
    }
    if (const auto number = find_extension(plain, kTransportWideId))
      on_the_way_.push({*arrival, static_cast<std::uint16_t>(load_u16(number->data()))});
    return arrival;
  }

  void deliver() {
    while (!on_the_way_.empty() && on_the_way_.top().at <= now_) {
      generator_.observe(on_the_way_.top().sequence, on_the_way_.top().at + std::chrono::hours(9));
      on_the_way_.pop();
    }
    if (generator_.due() && is_time(50)) {
      std::vector<std::uint8_t> packet(1200);
      RtcpWriter writer(packet);
      if (generator_.write(writer, 1, kVideoSsrc)) {
        packet.resize(writer.size());
        answers_.emplace_back(now_ + plan_.link.propagation, std::move(packet));
      }
    }
    while (!answers_.empty() && answers_.front().first <= now_) {
      tell(answers_.front().second);
      answers_.pop_front();
    }
  }

  static constexpr std::uint8_t kTransportWideId = 3;
  static constexpr std::uint8_t kSendTimeId = 4;
  ConnectionPlan plan_;
  Random random_;
  LinkModel link_;
  SendEndpoint sender_{"test"};
  SendEndpoint::SlotId audio_ = 0;
  SendEndpoint::SlotId video_ = 0;
  TransportFeedbackGenerator generator_{{.interval = std::chrono::milliseconds(50)}};
  Timestamp now_{};
  Timestamp next_frame_{};
  Timestamp next_keyframe_{};
  std::uint16_t audio_sequence_ = 1;
  std::uint16_t video_sequence_ = 1;
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, Packet> waiting_;
  std::array<std::uint8_t, 320> memory_{};
  std::array<std::uint8_t, 1400> payload_{};
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> on_the_way_;
  std::deque<std::pair<Timestamp, std::vector<std::uint8_t>>> answers_;
  std::vector<Trip> trips_;
  std::size_t padded_ = 0;
};

}  // namespace rooms::test
