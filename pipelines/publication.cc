// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/publication.h"

#include <algorithm>

#include "gst/glue/heard_levels.h"
#include "gst/glue/sdp_reader.h"
#include "gst/transport/media_structure.h"
#include "gst/transport/transport_type.h"

namespace rooms {
namespace {

std::vector<Codec> codecs_in(const SdpMedia& media) {
  std::vector<Codec> codecs;
  for (const auto& format : media.formats) {
    const auto codec = codec_named(format.name);
    if (codec != Codec::kUnknown && std::find(codecs.begin(), codecs.end(), codec) == codecs.end())
      codecs.push_back(codec);
  }
  return codecs;
}

std::string default_label(MediaKind kind) {
  return kind == MediaKind::kAudio ? "microphone" : "camera";
}

std::string pad_text(GstPad* pad, const char* property) {
  gchar* text = nullptr;
  g_object_get(pad, property, &text, nullptr);
  std::string copy = text ? text : "";
  g_free(text);
  return copy;
}

}  // namespace

Publication::Publication(RoomContext& room, std::string participant, Peer::Callbacks callbacks)
    : room_(room), participant_(std::move(participant)), callbacks_(std::move(callbacks)) {}

Publication::~Publication() {
  // No packet may arrive while pads are unlinked, so the way in closes first.
  peer_.reset();
  for (auto& link : links_) {
    gst_pad_unlink(link.src.get(), link.router_sink.get());
    gst_element_release_request_pad(room_.router, link.router_sink.get());
  }
  if (receiver_) remove_element(room_, receiver_.get());
}

bool Publication::continues(const SessionDescription& offer) const {
  const auto remote = transport_of(offer);
  if (!peer_ || !remote || peer_->state() == ConnectionState::kFailed) return false;
  const auto& before = peer_->remote_transport();
  // A client may keep its certificate. A new connection of it has a new session id in its o= line
  // (RFC 3264 5) and new ICE credentials; an ICE restart has the former id, and some clients draw
  // an id for each offer.
  return remote->fingerprint_value == before.fingerprint_value &&
         (offer.session_id == offer_session_id_ || remote->ufrag == before.ufrag);
}

Status Publication::connect(const SdpTransport& remote, const std::vector<std::string>& candidates,
                            bool data) {
  if (!peer_) {
    const std::string number = std::to_string(room_.connections++);
    auto peer = Peer::create(room_.stock, room_.executor, room_.pipeline,
                             {"publish-" + number, data}, callbacks_);
    if (!peer) return peer.error();
    receiver_ = add_element(room_, "sfureceive", "receive-" + number);
    if (!receiver_)
      return Error{
          "plugin-missing",
          "There is no element 'sfureceive'. Set GST_PLUGIN_PATH to the folder of libgstrooms.so."};
    peer_ = std::move(*peer);
    rooms::set_transport(receiver_.get(), peer_->transport());
    session_id_ = room_.random_ssrc();
  } else if (remote.ufrag != peer_->remote_transport().ufrag &&
             !peer_->remote_transport().ufrag.empty()) {
    peer_->restart_ice();
  }
  peer_->expect(remote, candidates, false);
  return Done{};
}

Result<Publication::Negotiated> Publication::negotiate(
    const SessionDescription& offer, const std::map<std::string, TrackLabel>& labels,
    const CodecPolicy& policy) {
  auto answer = answer_publish(offer, policy);
  if (!answer) return answer.error();
  if (auto connected = connect(answer->transport, candidates_in(offer), answer->data); !connected)
    return connected.error();

  offer_session_id_ = offer.session_id;
  takes_limit_ = std::any_of(answer->media.begin(), answer->media.end(),
                             [](const auto& media) { return media.feedback.remb; });
  Negotiated outcome;
  apply(answer->media, offer, labels, outcome);
  auto transport = peer_->local_transport();
  transport.setup = "passive";
  answer->answer.session_id = session_id_;
  answer->answer.version = ++version_;
  answer->answer.ice_lite = peer_->is_ice_lite();
  set_transport(answer->answer, transport, peer_->candidates());
  outcome.sdp = write_sdp(answer->answer);
  return outcome;
}

void Publication::apply(const std::vector<ReceivedMedia>& media, const SessionDescription& offer,
                        const std::map<std::string, TrackLabel>& labels, Negotiated& outcome) {
  for (const auto& section : media) {
    auto known = std::find_if(tracks_.begin(), tracks_.end(),
                              [&](const auto& t) { return t.mid == section.mid; });
    if (!section.active) {
      if (known != tracks_.end()) {
        outcome.removed.push_back(known->info);
        remove_track(section.mid);
      }
      continue;
    }
    const auto label = labels.find(section.mid);
    if (known == tracks_.end()) {
      PublishedTrack track;
      track.mid = section.mid;
      track.info.participant = participant_;
      track.info.kind = section.kind;
      track.info.label = label != labels.end() && !label->second.label.empty()
                             ? label->second.label
                             : default_label(section.kind);
      track.info.id = unique_track_id(track.info.label);
      track.info.muted = label != labels.end() && label->second.muted;
      tracks_.push_back(track);
      known = tracks_.end() - 1;
    }
    known->codec = section.codec;
    known->rids = section.rids;
    const auto source = std::find_if(offer.media.begin(), offer.media.end(),
                                     [&](const auto& m) { return m.mid == section.mid; });
    if (source != offer.media.end()) known->offered = codecs_in(*source);
    const bool is_new = known->info.codec.empty();
    known->info.codec = std::string(name_of(section.codec));
    set_media(section, *known);
    if (is_new) outcome.added.push_back(known->info);
  }
}

void Publication::limit(std::optional<DataRate> rate) {
  const auto bits = rate ? std::clamp<std::int64_t>(rate->bits_per_second(), 1, G_MAXUINT) : 0;
  g_object_set(receiver_.get(), "max-bitrate", static_cast<guint>(bits), nullptr);
}

std::string Publication::unique_track_id(const std::string& label) const {
  const std::string first = participant_ + "/" + label;
  std::string id = first;
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(tracks_.begin(), tracks_.end(),
                       [&](const auto& t) { return t.info.id == candidate; });
  };
  for (int n = 2; taken(id); ++n) id = first + "-" + std::to_string(n);
  return id;
}

void Publication::set_media(const ReceivedMedia& media, const PublishedTrack& track) {
  auto structure = to_structure(media);
  gst_structure_set(structure.get(), "track", G_TYPE_STRING, track.info.id.c_str(), nullptr);
  gboolean done = FALSE;
  g_signal_emit_by_name(receiver_.get(), "set-media", structure.get(), &done);
  link_new_pads();
}

void Publication::link_new_pads() {
  std::vector<Ref<GstPad>> pads;
  gst_element_foreach_src_pad(
      receiver_.get(),
      [](GstElement*, GstPad* pad, gpointer data) -> gboolean {
        static_cast<std::vector<Ref<GstPad>>*>(data)->push_back(share(pad));
        return TRUE;
      },
      &pads);
  for (auto& pad : pads) {
    if (gst_pad_is_linked(pad.get())) continue;
    auto router_sink = adopt(gst_element_request_pad_simple(room_.router, "sink_%u"));
    if (!router_sink) continue;
    g_object_set(router_sink.get(), "track", pad_text(pad.get(), "track").c_str(), "rid",
                 pad_text(pad.get(), "rid").c_str(), nullptr);
    gst_pad_link(pad.get(), router_sink.get());
    links_.push_back({pad_text(pad.get(), "mid"), pad, router_sink, nullptr});
  }
}

TrackInfo Publication::carry(const std::string& mid, MediaKind kind, Codec codec,
                             const Ref<GstPad>& source,
                             std::function<std::vector<HeardLevel>()> levels) {
  PublishedTrack track;
  track.mid = mid;
  track.codec = codec;
  track.offered = {codec};
  track.rids = {""};
  track.info.participant = participant_;
  track.info.kind = kind;
  track.info.label = default_label(kind);
  track.info.id = unique_track_id(track.info.label);
  track.info.codec = std::string(name_of(codec));
  tracks_.push_back(track);
  auto router_sink = adopt(gst_element_request_pad_simple(room_.router, "sink_%u"));
  g_object_set(router_sink.get(), "track", track.info.id.c_str(), nullptr);
  gst_pad_link(source.get(), router_sink.get());
  links_.push_back({mid, source, std::move(router_sink), std::move(levels)});
  return track.info;
}

void Publication::remove_track(const std::string& mid) {
  for (auto link = links_.begin(); link != links_.end();) {
    if (link->mid != mid) {
      ++link;
      continue;
    }
    gst_pad_unlink(link->src.get(), link->router_sink.get());
    gst_element_release_request_pad(room_.router, link->router_sink.get());
    link = links_.erase(link);
  }
  if (receiver_) g_signal_emit_by_name(receiver_.get(), "remove-media", mid.c_str());
  std::erase_if(tracks_, [&](const auto& track) { return track.mid == mid; });
}

std::vector<Publication::TrackLevels> Publication::take_audio_levels() {
  std::vector<TrackLevels> levels;
  for (const auto& link : links_) {
    const auto track = std::find_if(tracks_.begin(), tracks_.end(),
                                    [&](const auto& t) { return t.mid == link.mid; });
    if (track == tracks_.end() || track->info.kind != MediaKind::kAudio) continue;
    if (link.levels) {
      levels.push_back({track->info.id, track->info.muted, true, link.levels()});
      continue;
    }
    guint ssrc = 0;
    GstStructure* heard = nullptr;
    g_object_get(link.src.get(), "ssrc", &ssrc, "audio-levels", &heard, nullptr);
    levels.push_back(
        {track->info.id, track->info.muted, ssrc != 0, heard_levels_in(own(heard).get())});
  }
  return levels;
}

}  // namespace rooms
