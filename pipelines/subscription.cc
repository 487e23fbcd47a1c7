// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/subscription.h"

#include <algorithm>
#include <map>

#include "gst/glue/sdp_reader.h"
#include "gst/transport/media_structure.h"
#include "gst/transport/transport_type.h"

namespace rooms {
namespace {

constexpr const char* kStreamName = "gst-rooms";

std::uint32_t next_ssrc(void* room) { return static_cast<RoomContext*>(room)->random_ssrc(); }

}  // namespace

Subscription::Subscription(RoomContext& room, std::string participant, Peer::Callbacks callbacks,
                           std::function<void()> line_fell)
    : room_(room),
      participant_(std::move(participant)),
      callbacks_(std::move(callbacks)),
      line_fell_(std::move(line_fell)) {}

Subscription::~Subscription() {
  watch_.reset();
  for (auto& slot : slots_) {
    gst_pad_unlink(slot.output->pad(), slot.send_sink.get());
    gst_element_release_request_pad(room_.router, slot.output->pad());
    gst_element_release_request_pad(sender_.get(), slot.send_sink.get());
  }
  peer_.reset();
  if (sender_) remove_element(room_, sender_.get());
}

Status Subscription::connect(bool data) {
  const std::string number = std::to_string(room_.connections++);
  auto peer = Peer::create(room_.stock, room_.executor, room_.pipeline,
                           {"subscribe-" + number, data}, callbacks_);
  if (!peer) return peer.error();
  sender_ = add_element(room_, "sfusend", "send-" + number);
  if (!sender_)
    return Error{
        "plugin-missing",
        "There is no element 'sfusend'. Set GST_PLUGIN_PATH to the folder of libgstrooms.so."};
  peer_ = std::move(*peer);
  rooms::set_transport(sender_.get(), peer_->transport());
  watch_ = std::make_unique<EstimateWatch>(sender_.get(), line_fell_);
  plan_.cname = kStreamName;
  plan_.session_id = room_.random_ssrc();
  return Done{};
}

std::size_t Subscription::count(MediaKind kind) const {
  const auto count = std::count_if(slots_.begin(), slots_.end(),
                                   [&](const auto& slot) { return slot.settings.kind == kind; });
  return static_cast<std::size_t>(count);
}

void Subscription::add_slot(const SendSlot& settings, std::size_t pair) {
  Slot slot;
  slot.settings = settings;
  slot.pair = pair;
  slot.output = std::make_unique<SlotOutput>(
      adopt(gst_element_request_pad_simple(room_.router, "src_%u")), settings.ssrc);
  slot.output->set_resting(resting_);
  slot.send_sink = adopt(gst_element_request_pad_simple(sender_.get(), "sink_%u"));
  gst_pad_link(slot.output->pad(), slot.send_sink.get());
  configure(slot);
  slots_.push_back(std::move(slot));
}

void Subscription::configure(Slot& slot) {
  const auto structure = to_structure(slot.settings);
  g_object_set(slot.send_sink.get(), "slot", structure.get(), nullptr);
}

std::string Subscription::write_offer() {
  auto offer = offer_slots(plan_);
  auto transport = peer_->local_transport();
  transport.setup = "actpass";
  offer.ice_lite = peer_->is_ice_lite();
  set_transport(offer, transport, peer_->candidates());
  awaits_answer_ = true;
  return write_sdp(offer);
}

Result<std::string> Subscription::open(const SubscribeRequest& request) {
  if (auto connected = connect(request.data); !connected) return connected.error();
  plan_.data = request.data;
  plan_.data_mid = "data";
  plan_.version = 0;
  return add_slots(request.audio_slots, request.video_slots);
}

Result<std::string> Subscription::add_slots(unsigned audio, unsigned video) {
  const bool first = plan_.version == 0;
  const auto append = [&](MediaKind kind, unsigned more) {
    const auto first_number = count(kind);
    for (auto number = first_number; number < first_number + more; ++number) {
      SlotPlan::Slot slot{};
      slot.mid = (kind == MediaKind::kAudio ? "a" : "v") + std::to_string(number);
      slot.kind = kind;
      slot.stream = "slot" + std::to_string(number);
      slot.ssrc = room_.random_ssrc();
      slot.rtx_ssrc = kind == MediaKind::kVideo ? room_.random_ssrc() : 0;
      plan_.slots.push_back(slot);
      SendSlot settings;
      settings.mid = slot.mid;
      settings.kind = kind;
      settings.ssrc = slot.ssrc;
      settings.rtx_ssrc = slot.rtx_ssrc;
      add_slot(settings, number);
    }
  };
  append(MediaKind::kAudio, audio);
  append(MediaKind::kVideo, video);
  if (first) plan_.data_index = plan_.slots.size();
  ++plan_.version;
  return write_offer();
}

Result<std::string> Subscription::restart() {
  peer_->restart_ice();
  ++plan_.version;
  return write_offer();
}

Status Subscription::accept(const SessionDescription& answer) {
  auto accepted = accept_slots(plan_, answer);
  if (!accepted) return accepted.error();
  auto remote = transport_of(answer);
  if (!remote) return remote.error();
  peer_->expect(*remote, candidates_in(answer), true);
  for (std::size_t i = 0; i < slots_.size() && i < accepted->size(); ++i) {
    slots_[i].settings = (*accepted)[i];
    slots_[i].is_open = slots_[i].settings.active;
    configure(slots_[i]);
    slots_[i].output->set_open(started_ && slots_[i].is_open);
  }
  awaits_answer_ = false;
  return Done{};
}

Result<std::string> Subscription::play(const SessionDescription& offer) {
  auto answer = answer_play(offer, kStreamName, next_ssrc, &room_);
  if (!answer) return answer.error();
  if (auto connected = connect(answer->data); !connected) return connected.error();
  // Only sections that were accepted are numbered: answer_play names their streams so.
  std::map<MediaKind, std::size_t> pairs;
  for (const auto& slot : answer->slots) {
    add_slot(slot, slot.active ? pairs[slot.kind]++ : 0);
    slots_.back().is_open = slot.active;
  }
  peer_->expect(answer->transport, candidates_in(offer), false);
  auto transport = peer_->local_transport();
  transport.setup = "passive";
  answer->answer.session_id = plan_.session_id;
  answer->answer.version = ++play_version_;
  answer->answer.ice_lite = peer_->is_ice_lite();
  set_transport(answer->answer, transport, peer_->candidates());
  return write_sdp(answer->answer);
}

std::vector<SlotContent> Subscription::contents() const {
  std::vector<SlotContent> contents;
  for (const auto& slot : slots_)
    contents.push_back({slot.settings.kind, slot.pair, slot.output->track(), slot.is_open});
  return contents;
}

std::vector<std::pair<std::string, SlotContent>> Subscription::slots_by_mid() const {
  std::vector<std::pair<std::string, SlotContent>> slots;
  for (const auto& slot : slots_)
    slots.emplace_back(slot.settings.mid, SlotContent{slot.settings.kind, slot.pair,
                                                      slot.output->track(), slot.is_open});
  return slots;
}

bool Subscription::show(const std::vector<SlotContent>& contents,
                        const std::function<Shown(const std::string& track)>& describe) {
  bool changed = false;
  for (std::size_t i = 0; i < slots_.size() && i < contents.size(); ++i) {
    if (slots_[i].output->track() == contents[i].track) continue;
    slots_[i].output->show(contents[i].track);
    const auto shown = describe(contents[i].track);
    const Owned<GstStructure> sdes(gst_structure_new("application/x-rtp-source-sdes", "name",
                                                     G_TYPE_STRING, shown.name.c_str(), "note",
                                                     G_TYPE_STRING, shown.label.c_str(), nullptr));
    g_object_set(slots_[i].send_sink.get(), "sdes", sdes.get(), nullptr);
    changed = true;
  }
  return changed;
}

void Subscription::redirect(const std::string& track, const std::string& source) {
  for (auto& slot : slots_)
    if (slot.output->track() == track) slot.output->redirect(source);
}

bool Subscription::takes(const std::string& source) const {
  return std::any_of(slots_.begin(), slots_.end(),
                     [&](const auto& slot) { return slot.output->source() == source; });
}

SlotOutput* Subscription::video_output(const std::string& mid) {
  for (auto& slot : slots_)
    if (slot.settings.mid == mid && slot.settings.kind == MediaKind::kVideo)
      return slot.output.get();
  return nullptr;
}

std::vector<Subscription::VideoSlot> Subscription::shown_video() {
  std::vector<VideoSlot> shown;
  for (auto& slot : slots_) {
    if (slot.settings.kind != MediaKind::kVideo || !slot.settings.active) continue;
    if (slot.output->track().empty() || slot.output->muted()) continue;
    shown.push_back({slot.settings.mid, slot.output.get()});
  }
  return shown;
}

std::vector<std::string> Subscription::shown_audio() const {
  std::vector<std::string> shown;
  for (const auto& slot : slots_)
    if (slot.settings.kind == MediaKind::kAudio && !slot.output->track().empty() &&
        !slot.output->muted())
      shown.push_back(slot.output->source());
  return shown;
}

LineState Subscription::line() const {
  guint estimate = 0;
  gboolean estimating = FALSE;
  g_object_get(sender_.get(), "estimated-bitrate", &estimate, "estimating", &estimating, nullptr);
  LineState line;
  line.estimate = DataRate::bits_per_second(estimate);
  line.estimating = estimating != FALSE;
  line.will_tell = std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    const auto& feedback = slot.settings.feedback;
    return slot.settings.active && (feedback.transport_cc || feedback.remb);
  });
  return line;
}

void Subscription::set_line_use(DataRate wanted, DataRate estimate) {
  const auto bits = std::clamp<std::int64_t>(wanted.bits_per_second(), 0, G_MAXINT);
  g_object_set(sender_.get(), "wanted-bitrate", static_cast<guint>(bits), nullptr);
  watch_->taken(estimate);
}

void Subscription::set_muted(const std::string& track, bool muted) {
  for (auto& slot : slots_)
    if (slot.output->track() == track) slot.output->set_muted(muted);
}

void Subscription::set_resting(bool resting) {
  resting_ = resting;
  for (auto& slot : slots_) slot.output->set_resting(resting);
}

void Subscription::start() {
  started_ = true;
  for (auto& slot : slots_)
    if (slot.settings.active) slot.output->start();
}

std::vector<Codec> Subscription::decodable(MediaKind kind) const {
  for (const auto& slot : slots_)
    if (slot.settings.kind == kind && slot.settings.active) return rooms::decodable(slot.settings);
  return {};
}

}  // namespace rooms
