// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/sending_input.h"

#include <gst/rtp/rtp.h>

#include <algorithm>
#include <utility>

namespace rooms {
namespace {

constexpr std::size_t kMostLayers = 3;

std::uint32_t fresh_ssrc() { return std::max(g_random_int(), guint32{1}); }

std::uint8_t id_of(const ExtensionIds& ids, Extension extension) {
  return ids[static_cast<std::size_t>(extension)];
}

void add_text(GstRTPBuffer& rtp, std::uint8_t id, const std::string& text) {
  if (id == 0 || text.empty() || text.size() > 16) return;
  gst_rtp_buffer_add_extension_onebyte_header(&rtp, id, text.data(),
                                              static_cast<guint>(text.size()));
}

/// Payload type, SSRC and header extensions are those of the connection, whatever the packet had.
Ref<GstBuffer> stamped(Ref<GstBuffer> packet, const SentSection& section, const SentLayer& layer) {
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  if (!gst_rtp_buffer_map(packet.get(), GST_MAP_READWRITE, &rtp)) return {};
  gst_rtp_buffer_set_ssrc(&rtp, layer.ssrc);
  gst_rtp_buffer_set_payload_type(&rtp, section.payload_type);
  if (gst_rtp_buffer_get_extension(&rtp)) gst_rtp_buffer_remove_extension_data(&rtp);
  const auto& ids = section.extension_ids;
  add_text(rtp, id_of(ids, Extension::kMid), section.mid);
  if (section.by_rid) add_text(rtp, id_of(ids, Extension::kRid), layer.rid);
  // The number is written by the session, into the room that is made here.
  static constexpr guint8 kNoNumber[2] = {0, 0};
  if (const auto id = id_of(ids, Extension::kTransportWide); id != 0 && section.transport_cc)
    gst_rtp_buffer_add_extension_onebyte_header(&rtp, id, kNoNumber, sizeof kNoNumber);
  gst_rtp_buffer_unmap(&rtp);
  return packet;
}

constexpr const char* kVideoCaps =
    "video/x-raw,format=I420; video/x-raw; video/x-vp8; video/x-h264; video/x-vp9; "
    "application/x-rtp,media=video";
constexpr const char* kAudioCaps = "audio/x-raw; audio/x-opus; application/x-rtp,media=audio";

}  // namespace

SendingInput::SendingInput(GstBin* bin, MediaKind kind, EncodeOptions options, Callbacks callbacks)
    : bin_(bin), kind_(kind), options_(std::move(options)), callbacks_(std::move(callbacks)) {
  const bool video = kind == MediaKind::kVideo;
  for (std::size_t i = 0; i < kMostLayers; ++i)
    layers_.push_back({"", fresh_ssrc(), video ? fresh_ssrc() : 0});
  entry_ = sink(gst_element_factory_make("capsfilter", (options_.name + "-entry").c_str()));
  const auto caps = adopt(gst_caps_from_string(video ? kVideoCaps : kAudioCaps));
  g_object_set(entry_.get(), "caps", caps.get(), nullptr);
  gst_bin_add(bin_, entry_.get());
  exit_ = adopt(gst_element_get_static_pad(entry_.get(), "src"));
  probe_ = gst_pad_add_probe(
      exit_.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad* pad, GstPadProbeInfo* info, gpointer data) {
        return static_cast<SendingInput*>(data)->on_event(pad, GST_PAD_PROBE_INFO_EVENT(info));
      },
      this, nullptr);
  gst_element_sync_state_with_parent(entry_.get());
}

SendingInput::~SendingInput() { detach(); }

void SendingInput::detach() {
  if (!exit_) return;
  close();
  gst_element_set_locked_state(entry_.get(), TRUE);
  gst_element_set_state(entry_.get(), GST_STATE_NULL);
  gst_pad_remove_probe(exit_.get(), probe_);
  reset();
  gst_bin_remove(bin_, entry_.get());
  exit_ = {};
}

Ref<GstPad> SendingInput::entry() const {
  return adopt(gst_element_get_static_pad(entry_.get(), "sink"));
}

std::shared_ptr<EncodeChain> SendingInput::chain() const {
  return chain_.with([](const auto& chain) { return chain; });
}

std::optional<SentMedia> SendingInput::media() const {
  const auto built = chain();
  const auto format = built ? built->format() : std::nullopt;
  if (!format) return std::nullopt;
  SentMedia media;
  media.kind = kind_;
  media.format = *format;
  media.track = options_.name;
  const auto rids = layer_rids(built->layers());
  for (std::size_t i = 0; i < built->layers(); ++i) {
    media.layers.push_back(layers_[i]);
    media.layers.back().rid = rids[i];
  }
  return media;
}

std::size_t SendingInput::encoder_layers() const {
  const auto built = chain();
  return built && built->encodes() ? built->layers() : 0;
}

GstPadProbeReturn SendingInput::on_event(GstPad* pad, GstEvent* event) {
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      if (const auto built = chain()) {
        built->set_input(caps);
      } else {
        build(pad, caps);
      }
      break;
    }
    case GST_EVENT_EOS:
      // Nothing ever came: the end has to be told all the same.
      if (!chain()) {
        const auto caps = adopt(gst_caps_new_empty_simple("application/x-rtp"));
        build(pad, caps.get());
      }
      break;
    default:
      break;
  }
  return GST_PAD_PROBE_OK;
}

void SendingInput::build(GstPad* pad, const GstCaps* caps) {
  EncodeChain::Callbacks callbacks;
  callbacks.on_format = callbacks_.on_format;
  callbacks.on_packet = [this](std::size_t layer, Ref<GstBuffer> packet) {
    send(layer, std::move(packet));
  };
  auto built = EncodeChain::create(bin_, pad, caps, options_, std::move(callbacks));
  if (!built) return callbacks_.on_error(built.error());
  if (const auto rates = bitrates(); !rates.empty()) (*built)->set_bitrates(rates);
  chain_.with([&](auto& chain) { chain = std::move(*built); });
}

void SendingInput::send(std::size_t layer, Ref<GstBuffer> packet) {
  // A copy: nothing is pushed while the lock is held.
  const auto sending = sending_.with([](const Sending& current) { return current; });
  if (!sending.feed || layer >= sending.section.layers.size() || !sending.section.layers[layer])
    return;
  auto named = layers_[layer];
  named.rid = layer_rids(sending.section.layers.size())[layer];
  auto ready = stamped(std::move(packet), sending.section, named);
  if (!ready) return;
  ++sent_;
  push_packet(sending.feed.get(), std::move(ready));
}

void SendingInput::open(const SentSection& section, Ref<RoomsPacketFeed> feed) {
  if (!section.accepted) return;
  sending_.with([&](Sending& sending) { sending = {std::move(feed), section}; });
  const auto built = chain();
  for (std::size_t i = 0; built && i < section.layers.size(); ++i)
    if (section.layers[i]) built->request_keyframe(i);
}

void SendingInput::close() {
  Ref<RoomsPacketFeed> old;
  sending_.with([&](Sending& sending) { std::swap(old, sending.feed); });
}

void SendingInput::set_bitrates(const std::vector<DataRate>& rates) {
  bitrates_.with([&](auto& known) { known = rates; });
  if (const auto built = chain()) built->set_bitrates(rates);
}

std::vector<DataRate> SendingInput::bitrates() const {
  return bitrates_.with([](const auto& known) { return known; });
}

bool SendingInput::request_keyframe(std::uint32_t ssrc) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].ssrc != ssrc) continue;
    if (const auto built = chain()) built->request_keyframe(i);
    return true;
  }
  return false;
}

void SendingInput::reset() {
  std::shared_ptr<EncodeChain> old;
  chain_.with([&](auto& chain) { std::swap(old, chain); });
  if (old) old->remove();
}

}  // namespace rooms
