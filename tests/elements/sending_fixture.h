// SPDX-License-Identifier: LGPL-2.1-or-later
// `sfusend` on a real transport, whose datagrams go to a peer in the same process.
#pragma once

#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gst/core/endpoint/transport_feedback_generator.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/core/srtp/srtp.h"
#include "gst/glue/clock.h"
#include "gst/glue/ref.h"
#include "gst/transport/media_structure.h"
#include "gst/transport/network.h"
#include "gst/transport/transport_type.h"
#include "tests/core/wire/packets.h"

namespace rooms::test {

constexpr std::uint32_t kVideoSsrc = 11;
constexpr std::uint32_t kRtxSsrc = 12;
constexpr std::uint32_t kAudioSsrc = 13;
constexpr std::uint8_t kTransportWideId = 5;
constexpr SrtpMasterKey kToPeer{1, 2, 3};
constexpr SrtpMasterKey kFromPeer{4, 5, 6};

/// Decrypts what is sent to it and remembers the order.
class Peer final : public DatagramLink {
 public:
  struct Seen {
    std::uint32_t ssrc = 0;
    std::uint16_t sequence = 0;
    std::size_t payload = 0;
  };

  bool send(Bytes datagram) override {
    std::vector<std::uint8_t> packet(datagram.begin(), datagram.end());
    std::lock_guard hold(mutex_);
    if (looks_like_rtcp(packet)) return true;
    const auto plain = srtp_.unprotect_rtp(packet);
    EXPECT_TRUE(plain);
    const auto header = parse_rtp(Bytes(packet).first(plain.size));
    if (!header) return ADD_FAILURE() << "no RTP", true;
    seen_.push_back({header->ssrc, header->sequence, header->payload.size()});
    if (const auto number = find_extension(*header, kTransportWideId))
      generator_.observe(static_cast<std::uint16_t>(load_u16(number->data())), monotonic_now());
    return true;
  }
  [[nodiscard]] const char* protocol() const override { return "test"; }

  std::vector<Seen> seen() const {
    std::lock_guard hold(mutex_);
    return seen_;
  }
  std::size_t count(std::uint32_t ssrc) const {
    std::lock_guard hold(mutex_);
    return static_cast<std::size_t>(std::count_if(
        seen_.begin(), seen_.end(), [&](const Seen& one) { return one.ssrc == ssrc; }));
  }
  /// Transport-wide feedback of what came since the last; empty: nothing did.
  std::vector<std::uint8_t> feedback() {
    std::vector<std::uint8_t> packet(1200);
    RtcpWriter writer(packet);
    std::lock_guard hold(mutex_);
    generator_.write(writer, 1, kVideoSsrc);
    packet.resize(writer.size());
    return packet;
  }

 private:
  mutable std::mutex mutex_;
  SrtpReceiver srtp_{kToPeer};
  TransportFeedbackGenerator generator_;
  std::vector<Seen> seen_;
};

template <class Ask>
bool eventually(const Ask& ask) {
  for (int i = 0; i < 2000; ++i) {
    if (ask()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

class Sending : public testing::Test {
 protected:
  void SetUp() override {
    NetworkSettings settings;
    settings.udp_port = 0;
    settings.workers = 1;
    network_ = std::move(*Network::create(settings));
    transport_ = *network_->create_transport([](MediaTransport::State) {});
    transport_->set_keys(kToPeer, kFromPeer);
    peer_ = std::make_shared<Peer>();
    transport_->connected_through({*SocketAddress::parse("127.0.0.1", 9), peer_});
    transport_->admit();
    element_ = sink(gst_element_factory_make("sfusend", nullptr));
    set_transport(element_.get(), transport_);
    g_signal_connect(element_.get(), "notify::estimated-bitrate",
                     G_CALLBACK(+[](GObject*, GParamSpec*, gpointer count) {
                       ++*static_cast<std::atomic<unsigned>*>(count);
                     }),
                     &notified_);
    video_ = open_slot("sink_0", MediaKind::kVideo);
    audio_ = open_slot("sink_1", MediaKind::kAudio);
  }
  void TearDown() override {
    for (auto** harness : {&video_, &audio_}) {
      if (*harness) gst_harness_teardown(std::exchange(*harness, nullptr));
    }
    if (element_) set_transport(element_.get(), nullptr);
    element_ = nullptr;
    transport_->close();
  }

  static SendSlot slot_of(MediaKind kind) {
    SendSlot slot;
    slot.kind = kind;
    slot.active = true;
    slot.ssrc = kind == MediaKind::kVideo ? kVideoSsrc : kAudioSsrc;
    const auto* profile = profile_of(kind == MediaKind::kVideo ? Codec::kVp8 : Codec::kOpus);
    slot.payloads.push_back({96, profile->payload_type});
    if (kind == MediaKind::kVideo) {
      slot.rtx_ssrc = kRtxSsrc;
      slot.payloads.push_back({97, profile->rtx_payload_type});
    }
    slot.extension_ids[static_cast<std::size_t>(Extension::kTransportWide)] = kTransportWideId;
    slot.feedback = {.nack = true, .pli = true, .transport_cc = true};
    return slot;
  }
  GstHarness* open_slot(const char* name, MediaKind kind) {
    auto* harness = gst_harness_new_with_element(element_.get(), name, nullptr);
    gst_harness_set_src_caps_str(harness, "application/x-rtp");
    negotiate(name, slot_of(kind));
    return harness;
  }
  void negotiate(const char* name, const SendSlot& slot) {
    const auto pad = adopt(gst_element_get_static_pad(element_.get(), name));
    g_object_set(pad.get(), "slot", to_structure(slot).get(), nullptr);
  }

  static void push(GstHarness* harness, Codec codec, std::uint16_t sequence, std::size_t payload) {
    auto packet = rtp_packet(1, sequence, payload);
    packet[1] = profile_of(codec)->payload_type;
    auto* buffer = gst_buffer_new_memdup(packet.data(), packet.size());
    EXPECT_EQ(gst_harness_push(harness, buffer), GST_FLOW_OK);
  }
  void push_video(std::uint16_t sequence) { push(video_, Codec::kVp8, sequence, 1100); }
  void push_audio(std::uint16_t sequence) { push(audio_, Codec::kOpus, sequence, 80); }

  /// RTCP from the peer, as a worker delivers it.
  void tell(std::vector<std::uint8_t> compound) {
    if (compound.empty()) return;
    const std::size_t size = compound.size();
    compound.resize(size + kSrtcpTrailerSize);
    const std::size_t whole = srtp_.protect_rtcp(compound, size);
    PacketSlot slot;
    std::copy_n(compound.begin(), whole, slot.room().begin());
    transport_->on_media(slot, whole, monotonic_now());
  }
  void tell_remb(std::uint64_t bits_per_second) {
    std::vector<std::uint8_t> packet(100);
    RtcpWriter writer(packet);
    const std::uint32_t ssrcs[] = {kVideoSsrc};
    writer.receiver_estimate(1, bits_per_second, ssrcs);
    packet.resize(writer.size());
    tell(std::move(packet));
  }
  guint get(const char* property) {
    guint value = 0;
    g_object_get(element_.get(), property, &value, nullptr);
    return value;
  }
  guint64 statistic(const char* field) {
    GstStructure* raw = nullptr;
    g_object_get(element_.get(), "stats", &raw, nullptr);
    const auto stats = own(raw);
    guint64 value = 0;
    EXPECT_TRUE(gst_structure_get_uint64(stats.get(), field, &value)) << field;
    return value;
  }

  std::unique_ptr<Network> network_;
  std::shared_ptr<MediaTransport> transport_;
  std::shared_ptr<Peer> peer_;
  Ref<GstElement> element_;
  GstHarness* video_ = nullptr;
  GstHarness* audio_ = nullptr;
  SrtpSender srtp_{kFromPeer};
  std::atomic<unsigned> notified_{0};
};

}  // namespace rooms::test
