// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/room_player.h"

#include <utility>

namespace rooms {
namespace {

constexpr const char* kAudio =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000";
constexpr const char* kVideo =
    "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000";

/// A server that names more has something else in mind.
constexpr std::size_t kMostSources = 256;

struct Stream {
  MediaKind kind = MediaKind::kVideo;
  std::string encoding;
  std::uint32_t ssrc = 0;
};

std::string text_in(const GstStructure* structure, const char* name) {
  const char* text = gst_structure_get_string(structure, name);
  return text ? text : "";
}

Stream stream_of(GstPad* pad) {
  Stream stream;
  auto caps = adopt(gst_pad_get_current_caps(pad));
  if (!caps) caps = adopt(gst_pad_query_caps(pad, nullptr));
  if (!caps || gst_caps_is_empty(caps.get()) || gst_caps_is_any(caps.get())) return stream;
  const auto* structure = gst_caps_get_structure(caps.get(), 0);
  stream.kind = text_in(structure, "media") == "audio" ? MediaKind::kAudio : MediaKind::kVideo;
  stream.encoding = text_in(structure, "encoding-name");
  guint ssrc = 0;
  gst_structure_get_uint(structure, "ssrc", &ssrc);
  stream.ssrc = ssrc;
  return stream;
}

}  // namespace

RoomPlayer::RoomPlayer(GstBin* bin, Callbacks callbacks)
    : bin_(bin), callbacks_(std::move(callbacks)) {}

RoomPlayer::~RoomPlayer() { stop(); }

void RoomPlayer::start(const Settings& settings) {
  settings_ = settings;
  client_ = std::make_unique<RoomClient>(bin_, settings.client, *this);
}

void RoomPlayer::connect() {
  if (client_) client_->connect();
}

void RoomPlayer::stop() {
  client_.reset();
  std::map<std::size_t, Track> old;
  {
    std::lock_guard hold(mutex_);
    std::swap(old, tracks_);
  }
  for (auto& [section, track] : old) {
    track.chain.reset();
    if (!track.pad) continue;
    gst_pad_set_active(track.pad.get(), FALSE);
    gst_element_remove_pad(GST_ELEMENT(bin_), track.pad.get());
  }
}

std::vector<PeerLink::Section> RoomPlayer::sections() {
  std::vector<PeerLink::Section> sections;
  for (unsigned i = 0; i < settings_.audio_sections; ++i)
    sections.push_back({MediaKind::kAudio, false, kAudio});
  for (unsigned i = 0; i < settings_.video_sections; ++i)
    sections.push_back({MediaKind::kVideo, false, kVideo});
  return sections;
}

SessionDescription RoomPlayer::offer(const SessionDescription& local) { return play_offer(local); }

Result<ClientSide::Accepted> RoomPlayer::accept(const SessionDescription& offer,
                                                const SessionDescription& answer) {
  auto plan = plan_playing(offer, answer);
  if (!plan) return plan.error();
  std::lock_guard hold(mutex_);
  played_ = std::move(plan->sections);
  taken_.assign(played_.size(), false);
  return Accepted{std::move(plan->for_webrtcbin), std::move(plan->transport)};
}

void RoomPlayer::on_pad(GstPad* source) {
  const auto stream = stream_of(source);
  std::optional<std::size_t> section;
  PlayedSection played;
  {
    std::lock_guard hold(mutex_);
    section = section_of(played_, stream.kind, stream.ssrc, taken_);
    if (section) {
      taken_[*section] = true;
      played = played_[*section];
    }
  }
  ReceivingChain::Settings settings;
  settings.name = section ? pad_name(*section) + "-line" : "stray-" + std::to_string(stream.ssrc);
  settings.encoding = stream.encoding;
  settings.decode = settings_.decode;
  auto on_caps = [this, section, played](GstPad* out) {
    if (section) show(*section, played, out);
  };
  // The old one of the same section goes first: its elements have the same name.
  std::unique_ptr<ReceivingChain> old;
  if (section) {
    std::lock_guard hold(mutex_);
    std::swap(old, tracks_[*section].chain);
  }
  old.reset();
  auto chain = ReceivingChain::create(bin_, source, settings, std::move(on_caps));
  if (!chain) return callbacks_.give_up(chain.error());
  std::lock_guard hold(mutex_);
  // A stream that no section announced is decoded for nobody, but it must not stop the others.
  const std::size_t key = section.value_or(played_.size() + stream.ssrc);
  tracks_[key].chain = std::move(*chain);
  tracks_[key].ssrc = stream.ssrc;
}

void RoomPlayer::on_sdes(std::uint32_t ssrc, const std::string& name, const std::string& note) {
  std::optional<std::size_t> section;
  {
    std::lock_guard hold(mutex_);
    if (sources_.size() >= kMostSources && !sources_.contains(ssrc)) return;
    sources_[ssrc] = {name, note};
    for (const auto& [key, track] : tracks_)
      if (track.ssrc == ssrc) section = key;
  }
  if (section) name_pad(*section);
}

void RoomPlayer::name_pad(std::size_t section) {
  Ref<GstPad> pad;
  ShownSource source;
  {
    std::lock_guard hold(mutex_);
    const auto track = tracks_.find(section);
    if (track == tracks_.end()) return;
    pad = track->second.pad;
    if (const auto known = sources_.find(track->second.ssrc); known != sources_.end())
      source = known->second;
  }
  if (pad) name_room_src_pad(pad.get(), source);
}

std::string RoomPlayer::pad_name(std::size_t section) const {
  const bool audio = section < settings_.audio_sections;
  return audio ? "audio_" + std::to_string(section)
               : "video_" + std::to_string(section - settings_.audio_sections);
}

/// A pad that is there already goes on with the new stream: whoever is linked to it stays.
void RoomPlayer::show(std::size_t section, const PlayedSection& played, GstPad* source) {
  Ref<GstPad> pad;
  {
    std::lock_guard hold(mutex_);
    pad = tracks_[section].pad;
  }
  if (pad) {
    gst_ghost_pad_set_target(GST_GHOST_PAD(pad.get()), source);
    describe_room_src_pad(pad.get(), played);
    return name_pad(section);
  }
  const auto name = pad_name(section);
  auto* templ = gst_element_class_get_pad_template(
      GST_ELEMENT_GET_CLASS(bin_), name.starts_with("audio") ? "audio_%u" : "video_%u");
  pad = sink(make_room_src_pad(name.c_str(), templ));
  describe_room_src_pad(pad.get(), played);
  gst_ghost_pad_set_target(GST_GHOST_PAD(pad.get()), source);
  gst_pad_set_active(pad.get(), TRUE);
  {
    std::lock_guard hold(mutex_);
    tracks_[section].pad = pad;
  }
  name_pad(section);
  gst_element_add_pad(GST_ELEMENT(bin_), pad.get());
}

void RoomPlayer::link_gone() {
  std::vector<std::unique_ptr<ReceivingChain>> old;
  {
    std::lock_guard hold(mutex_);
    for (auto& [section, track] : tracks_) {
      if (track.pad) gst_ghost_pad_set_target(GST_GHOST_PAD(track.pad.get()), nullptr);
      old.push_back(std::move(track.chain));
    }
    std::erase_if(tracks_, [](const auto& one) { return !one.second.pad; });
    sources_.clear();
  }
}

}  // namespace rooms
