// SPDX-License-Identifier: LGPL-2.1-or-later
// Any order of packets, reports, requests and pauses through the bookkeeping of an endpoint: it
// stays bounded and keeps its promises whatever a peer does.
#include <memory>

#include "gst/core/endpoint/nack_generator.h"
#include "gst/core/endpoint/receive_statistics.h"
#include "gst/core/endpoint/retransmission_cache.h"
#include "gst/core/endpoint/sender_report_clock.h"
#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/endpoint/transport_feedback_history.h"
#include "gst/core/ice/stun_rate_limit.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

struct Endpoint {
  Timestamp now{};
  NackGenerator nack;
  ReceiveStatistics statistics{1, 90'000};
  TransportFeedbackGenerator generator{{.max_pending = 300}};
  TransportFeedbackHistory history{{.capacity = 256}};
  RetransmissionCache<std::shared_ptr<int>> cache{{.capacity = 64}};
  PublisherClock publisher;
  SenderReportClock video{publisher, 90'000};
  SenderReportClock audio{publisher, 48'000};
  StunRateLimit limit{{.per_second = 5, .burst = 5, .sources = 16}, 1};
  std::array<std::uint8_t, 1500> memory;

  void receive(std::uint16_t sequence, std::uint32_t rtp_time) {
    statistics.observe(sequence, rtp_time, 100, now);
    nack.observe(sequence, now);
    generator.observe(sequence, now);
    require(nack.missing() <= 1000);
  }
  void ask() {
    const auto requests = nack.due(now, std::chrono::milliseconds(30));
    require(requests.sequences.size() <= 1000);
    require(nack.next_due({}).has_value() == (nack.missing() > 0));
  }
  void report() {
    const ReportBlock block = statistics.report(now);
    require(block.cumulative_lost >= -0x800000 && block.cumulative_lost <= 0x7FFFFF);
  }
  void send_feedback(std::size_t room) {
    for (int i = 0; i < 400; ++i) {
      RtcpWriter writer(MutableBytes(memory).first(room));
      if (!generator.write(writer, 1, 2)) break;
      const auto feedback = parse_transport_feedback(writer.written());
      require(feedback.has_value());
      for (const PacketResult& result : history.resolve(*feedback, now)) {
        require(result.sequence > 0 && result.size == 7);
      }
    }
    require(room < 1000 || !generator.due());
  }
  void send(std::uint16_t sequence) {
    RtpPatch patch;
    patch.sequence = sequence;
    cache.add(std::make_shared<int>(sequence), patch, now);
    require(cache.size() <= 64);
    const auto* entry = cache.request(sequence, now, {});
    require(entry != nullptr && *entry->packet == sequence);
    cache.mark_resent(sequence, now);
    history.record(now, 7, 1);
    require(history.bytes_in_flight() <= 256 * 7);
  }
  void observe_sr(bool is_video, std::uint64_t ntp, std::uint32_t rtp) {
    SenderReportClock& clock = is_video ? video : audio;
    const bool accepted = clock.observe_sr(ntp, rtp, now);
    require(!accepted || clock.capture_time(rtp).has_value());
    statistics.observe_sender_report(ntp, now);
    require(video.capture_time(rtp).has_value() || audio.capture_time(~rtp).has_value() ||
            !accepted);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, std::min<std::size_t>(size, 4096));
  Endpoint endpoint;
  std::uint16_t next = 65'000;
  while (!input.empty()) {
    switch (input.u8() % 12) {
      case 0:
        ++next;
        endpoint.receive(next, next * 30U);
        break;
      case 1:
        next = static_cast<std::uint16_t>(next + input.u8());
        endpoint.receive(next, next * 30U);
        break;
      case 2:
        endpoint.receive(static_cast<std::uint16_t>(next - input.u8()), next * 30U);
        break;
      case 3:
        endpoint.receive(input.u16(), input.u32());
        break;
      case 4:
        endpoint.now += std::chrono::milliseconds(input.u8());
        break;
      case 5:
        endpoint.now += std::chrono::seconds(input.u16());
        break;
      case 6:
        endpoint.ask();
        break;
      case 7:
        endpoint.report();
        break;
      case 8:
        endpoint.send_feedback(16 + input.u8() * 6U);
        break;
      case 9:
        endpoint.send(input.u16());
        break;
      case 10: {
        const bool is_video = input.u8() % 2 == 0;
        const std::uint64_t ntp = input.u64();
        endpoint.observe_sr(is_video, ntp, input.u32());
        break;
      }
      default:
        endpoint.nack.observe_keyframe(input.u16());
        endpoint.limit.allow(SocketAddress::v4({10, 0, 0, input.u8()}, 1), endpoint.now);
    }
  }
  return 0;
}
