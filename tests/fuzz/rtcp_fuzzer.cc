// SPDX-License-Identifier: LGPL-2.1-or-later
// Any datagram as RTCP: every packet of the walk is looked at in full, and transport feedback is
// written again.
#include <array>
#include <vector>

#include "gst/core/endpoint/transport_feedback_history.h"
#include "gst/core/rtcp/rtcp_parser.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

/// Adds up everything there is, so that nothing is optimised away.
struct Look {
  Bytes compound;
  std::uint64_t sum = 0;

  void operator()(const ReportBlock& block) {
    require(block.cumulative_lost >= -0x800000 && block.cumulative_lost <= 0x7FFFFF);
    sum += block.ssrc + block.jitter;
  }
  template <class T>
  void each(const RtcpList<T>& list) {
    std::size_t count = 0;
    for (const T entry : list) {
      (*this)(entry);
      ++count;
    }
    require(count == list.size() && count * T::kWireSize <= compound.size());
  }
  void operator()(const SsrcEntry& entry) { sum += entry.ssrc; }
  void operator()(const FirEntry& entry) { sum += entry.sequence; }
  void operator()(const SenderReport& sr) {
    require(sr.reports.size() <= 31);
    each(sr.reports);
  }
  void operator()(const ReceiverReport& rr) { each(rr.reports); }
  void operator()(const SourceDescription& sdes) {
    require(within(as_bytes(sdes.cname), compound) && sdes.cname.size() <= 255);
  }
  void operator()(const Goodbye& bye) { each(bye.ssrcs); }
  void operator()(const NackRequest& nack) {
    std::size_t count = 0;
    nack.for_each_sequence([&](std::uint16_t) { ++count; });
    require(count >= nack.entries.size() && count <= 17 * nack.entries.size());
  }
  void operator()(const PictureLossIndication& pli) { sum += pli.media_ssrc; }
  void operator()(const FullIntraRequest& fir) { each(fir.entries); }
  void operator()(const ReceiverEstimate& estimate) { each(estimate.ssrcs); }
  void operator()(const OtherRtcp& other) { require(within(other.packet, compound)); }
  void operator()(const TransportFeedback& feedback);
};

void Look::operator()(const TransportFeedback& feedback) {
  require(within(feedback.chunks, compound) && within(feedback.deltas, compound));
  std::vector<FeedbackArrival> arrivals;
  TransportFeedbackReader reader(feedback);
  std::int64_t sequence = feedback.base_sequence;
  std::size_t statuses = 0;
  const Duration reference = feedback.reference_time * kFeedbackReferenceTick;
  while (const auto status = reader.next()) {
    require(status->sequence == static_cast<std::uint16_t>(sequence));
    if (status->received) arrivals.push_back({sequence, Timestamp(reference + status->arrival)});
    ++sequence;
    ++statuses;
  }
  require(statuses == feedback.status_count);

  TransportFeedbackHistory history({.capacity = 64});
  for (int i = 0; i < 100; ++i) history.record(Timestamp{}, 1, 1);
  const auto results = history.resolve(feedback, Timestamp{});
  require(results.size() <= 64 && history.bytes_in_flight() <= 64);
  require(history.resolve(feedback, Timestamp{}).empty());

  std::array<std::uint8_t, 1200> memory;
  std::span<const FeedbackArrival> left(arrivals);
  std::int64_t base = feedback.base_sequence;
  while (!left.empty()) {
    const auto written = write_transport_feedback(memory, 1, 2, 3, base, left);
    require(written.size > 0 && written.arrivals > 0);
    const auto again = parse_transport_feedback(Bytes(memory).first(written.size));
    require(again.has_value());
    TransportFeedbackReader second(*again);
    std::size_t received = 0;
    while (const auto status = second.next()) {
      if (status->received) {
        require(status->sequence == static_cast<std::uint16_t>(left[received].sequence));
        ++received;
      }
    }
    require(received == written.arrivals);
    base = left[written.arrivals - 1].sequence + 1;
    left = left.subspan(written.arrivals);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes compound(data, size);
  RtcpReader reader(compound);
  Look look{compound};
  std::size_t packets = 0;
  while (const auto packet = reader.next()) {
    std::visit(look, *packet);
    ++packets;
  }
  require(packets * 4 <= size);
  require(!reader.next());
  return 0;
}
