// SPDX-License-Identifier: LGPL-2.1-or-later
// Any transport feedback, sending, probing, REMB and pauses through history, estimator and pacer:
// the estimate stays within its bounds, and what is queued leaves.
#include "gst/core/bwe/bandwidth_estimator.h"
#include "gst/core/pacing/pacer.h"
#include "gst/core/rtcp/transport_feedback.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

constexpr DataRate kMin = DataRate::kilobits_per_second(50);
constexpr DataRate kMax = DataRate::kilobits_per_second(5000);

struct Connection {
  Timestamp now{};
  TransportFeedbackHistory history{{.capacity = 256}};
  BandwidthEstimator estimator{{.min = kMin, .max = kMax}};
  Pacer pacer{{.capacity = 64}};

  void use(const BandwidthEstimator::Update& update) {
    require(update.estimate >= kMin && update.estimate <= kMax);
    require(update.estimate == estimator.estimate());
    pacer.set_estimate(update.estimate, now);
  }
  void leave() {
    for (int i = 0; i < 2000; ++i) {
      const auto departure = pacer.next(now);
      if (!departure) return;
      if (!departure->id) pacer.padded(departure->size, now);
      history.record(now, static_cast<std::uint32_t>(departure->size.bytes()), 1, departure->probe);
      estimator.sent({departure->size, now});
    }
    require(false);
  }
  void feed(Bytes tail, std::uint32_t sequence, std::uint32_t count, std::uint32_t reference) {
    std::array<std::uint8_t, 276> packet{};
    const std::size_t size = 20 + tail.size() / 4 * 4;
    packet[0] = 0x8F;
    packet[1] = 205;
    store_u16(&packet[2], static_cast<std::uint32_t>(size / 4 - 1));
    store_u16(&packet[12], sequence);
    store_u16(&packet[14], count);
    store_u24(&packet[16], reference);
    std::copy_n(tail.begin(), size - 20, packet.begin() + 20);
    const auto feedback = parse_transport_feedback(Bytes(packet).first(size));
    if (feedback) use(estimator.observe(history.resolve(*feedback, now), now));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, std::min<std::size_t>(size, 8192));
  Connection connection;
  while (!input.empty()) {
    switch (input.u8() % 8) {
      case 0:
      case 1:
        connection.pacer.enqueue(static_cast<PacedKind>(input.u8() % 3), 1,
                                 DataSize::bytes(input.u16()), connection.now);
        connection.leave();
        break;
      case 2:
        connection.now += std::chrono::milliseconds(input.u8());
        connection.leave();
        break;
      case 3:
        connection.now += std::chrono::seconds(input.u16());
        break;
      case 4: {
        const auto sequence =
            static_cast<std::uint32_t>(connection.history.next_sequence()) - input.u8();
        const std::uint32_t count = input.u8();
        const std::uint32_t reference = input.u32();
        connection.feed(input.bytes(input.u8()), sequence & 0xFFFF, count, reference & 0xFFFFFF);
        break;
      }
      case 5:
        connection.use(connection.estimator.observe_remote_limit(
            DataRate::bits_per_second(static_cast<std::int64_t>(input.u64() >> 1)),
            connection.now));
        break;
      case 6:
        if (const auto plan = connection.estimator.probe(connection.now)) {
          require(plan->rate > connection.estimator.estimate() && plan->rate <= kMax);
          connection.pacer.start_probe(*plan, connection.now);
        }
        break;
      default:
        connection.use(connection.estimator.tick(connection.now));
    }
  }
  return 0;
}
