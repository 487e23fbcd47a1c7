// SPDX-License-Identifier: LGPL-2.1-or-later
// A room as one JSON object, for /api and for whoever debugs it.
#include <json-glib/json-glib.h>

#include <algorithm>

#include "pipelines/connection_names.h"
#include "pipelines/room_core.h"

namespace rooms {
namespace {

/// json-glib's builder with the two forms we need.
class Json {
 public:
  Json() : builder_(adopt(json_builder_new())) {}
  Json& name(const char* key) {
    json_builder_set_member_name(builder_.get(), key);
    return *this;
  }
  void text(const char* key, const std::string& value) {
    name(key);
    json_builder_add_string_value(builder_.get(), value.c_str());
  }
  void number(const char* key, gint64 value) {
    name(key);
    json_builder_add_int_value(builder_.get(), value);
  }
  void flag(const char* key, bool value) {
    name(key);
    json_builder_add_boolean_value(builder_.get(), value);
  }
  void real(const char* key, double value) {
    name(key);
    json_builder_add_double_value(builder_.get(), value);
  }
  /// What is JSON already.
  void json(const char* key, const std::string& value) {
    name(key);
    json_builder_add_value(builder_.get(), json_from_string(value.c_str(), nullptr));
  }
  void item(const std::string& value) {
    json_builder_add_string_value(builder_.get(), value.c_str());
  }
  void begin_object() { json_builder_begin_object(builder_.get()); }
  void end_object() { json_builder_end_object(builder_.get()); }
  void begin_array() { json_builder_begin_array(builder_.get()); }
  void end_array() { json_builder_end_array(builder_.get()); }

  /// Numbers and truths of a statistics structure, as members of the current object.
  void members_of(const GstStructure* structure) {
    gst_structure_foreach(
        structure,
        [](GQuark field, const GValue* value, gpointer self) -> gboolean {
          static_cast<Json*>(self)->member(g_quark_to_string(field), value);
          return TRUE;
        },
        this);
  }
  std::string finish() {
    JsonNode* root = json_builder_get_root(builder_.get());
    const auto written = own(json_to_string(root, FALSE));
    json_node_unref(root);
    return written.get();
  }

 private:
  void member(const char* key, const GValue* value) {
    GValue as = G_VALUE_INIT;
    if (G_VALUE_HOLDS_DOUBLE(value)) {
      real(key, g_value_get_double(value));
    } else if (G_VALUE_HOLDS_BOOLEAN(value)) {
      flag(key, g_value_get_boolean(value));
    } else if (G_VALUE_HOLDS_STRING(value)) {
      text(key, g_value_get_string(value) ? g_value_get_string(value) : "");
    } else {
      g_value_init(&as, G_TYPE_INT64);
      if (g_value_transform(value, &as)) number(key, g_value_get_int64(&as));
      g_value_unset(&as);
    }
  }
  Ref<JsonBuilder> builder_;
};

template <class Object>
void put_stats(Json& json, Object* object) {
  GstStructure* raw = nullptr;
  g_object_get(object, "stats", &raw, nullptr);
  if (const auto stats = own(raw)) json.members_of(stats.get());
}

void put_transport(Json& json, const Peer& peer) {
  const auto& counters = peer.transport()->counters();
  const auto put = [&](const char* key, const std::atomic<std::uint64_t>& value) {
    json.number(key, static_cast<gint64>(value.load(std::memory_order_relaxed)));
  };
  json.text("state", std::string(rooms::name_of(peer.state())));
  json.text("remote", peer.transport()->remote().text());
  json.text("protocol", peer.transport()->protocol());
  put("packets-received", counters.received);
  put("bytes-received", counters.received_bytes);
  put("packets-sent", counters.sent);
  put("bytes-sent", counters.sent_bytes);
  put("dropped-no-keys", counters.dropped_no_keys);
  put("dropped-authentication", counters.dropped_auth);
  put("dropped-replay", counters.dropped_replay);
  put("dropped-unreadable", counters.dropped_malformed);
  put("dropped-too-many-ssrcs", counters.dropped_ssrc);
  put("dropped-dtls", counters.dropped_dtls);
}

void put_pads(Json& json, GstElement* element, bool sources) {
  struct Context {
    Json* json;
  } context{&json};
  const auto visit = [](GstElement*, GstPad* pad, gpointer data) -> gboolean {
    auto& out = *static_cast<Context*>(data)->json;
    out.begin_object();
    out.text("pad", GST_PAD_NAME(pad));
    put_stats(out, pad);
    out.end_object();
    return TRUE;
  };
  json.begin_array();
  if (sources) {
    gst_element_foreach_src_pad(element, visit, &context);
  } else {
    gst_element_foreach_sink_pad(element, visit, &context);
  }
  json.end_array();
}

void put_publication(Json& json, const Publication& publication) {
  json.name("publish").begin_object();
  if (publication.peer()) {
    put_transport(json, *publication.peer());
    put_stats(json, publication.receiver());
    json.name("encodings");
    put_pads(json, publication.receiver(), true);
  }
  json.end_object();
}

/// What the slot is given, and why; nothing of one that is not allocated for.
void put_share(Json& json, const event::Allocated& allocated, const std::string& mid) {
  const auto share = std::find_if(allocated.slots.begin(), allocated.slots.end(),
                                  [&](const auto& slot) { return slot.mid == mid; });
  if (share == allocated.slots.end()) return;
  const auto& given = share->given;
  json.number("spatial", given.layer ? given.layer->spatial : -1);
  json.number("temporal", given.layer ? given.layer->temporal : -1);
  json.number("bitrate", given.bitrate.bits_per_second());
  json.text("reason", std::string(name_of(given.reason)));
  json.text("priority", std::string(name_of(share->priority)));
}

/// What somebody watches of each encoding.
void put_demand(Json& json, const PublishedTrack& track) {
  json.name("encodings").begin_array();
  for (std::size_t i = 0; i < track.demand.demand().size() && i < track.rids.size(); ++i) {
    const auto& demand = track.demand.demand()[i];
    json.begin_object();
    json.text("rid", track.rids[i]);
    json.flag("wanted", demand.active);
    if (demand.max_bitrate) json.number("max-bitrate", demand.max_bitrate->bits_per_second());
    json.end_object();
  }
  json.end_array();
}

void put_track(Json& json, const PublishedTrack& track) {
  json.begin_object();
  json.text("id", track.info.id);
  json.text("kind", std::string(rooms::name_of(track.info.kind)));
  json.text("label", track.info.label);
  json.text("codec", track.info.codec);
  json.flag("muted", track.info.muted);
  json.flag("moderated", track.info.moderated);
  if (!track.demand.demand().empty()) put_demand(json, track);
  json.end_object();
}

void put_subscription(Json& json, const Subscription& subscription) {
  json.name("subscribe").begin_object();
  if (subscription.peer()) {
    put_transport(json, *subscription.peer());
    put_stats(json, subscription.sender());
    json.name("slots").begin_array();
    for (const auto& [mid, content] : subscription.slots_by_mid()) {
      json.begin_object();
      json.text("mid", mid);
      json.text("kind", std::string(name_of(content.kind)));
      json.text("track", content.track);
      put_share(json, subscription.allocated(), mid);
      json.end_object();
    }
    json.end_array();
    json.name("streams");
    // `src` is a source pad; sink pads have the statistics.
    put_pads(json, subscription.sender(), false);
  }
  json.end_object();
}

void put_size(Json& json, Size size) {
  json.number("width", size.width);
  json.number("height", size.height);
}

/// `mixer`: its statistics, with a structure for each of its pads.
void put_mix_input(Json& json, const MixStats::Input& input, const GstStructure* mixer) {
  json.begin_object();
  json.text("track", input.track);
  json.text("kind", std::string(name_of(input.kind)));
  json.text("codec", std::string(name_of(input.codec)));
  json.flag("decodes", input.decodes);
  if (input.kind == MediaKind::kVideo) put_size(json, input.tile);
  json.number("failures", input.failures);
  if (input.output) {
    json.name("output").begin_object();
    json.members_of(input.output.get());
    json.end_object();
  }
  const auto* of_pad = mixer ? gst_structure_get_value(mixer, input.pad.c_str()) : nullptr;
  if (of_pad && GST_VALUE_HOLDS_STRUCTURE(of_pad)) {
    json.name("mixer").begin_object();
    json.members_of(gst_value_get_structure(of_pad));
    json.end_object();
  }
  json.end_object();
}

void put_mix_encoder(Json& json, const MixStats::Encoder& encoder) {
  json.begin_object();
  json.text("track", encoder.track.id);
  json.text("kind", std::string(name_of(encoder.track.kind)));
  json.number("takers", encoder.takers);
  json.name("input").begin_object();
  json.members_of(encoder.input.get());
  json.end_object();
  json.end_object();
}

template <class List, class Put>
void put_list(Json& json, const char* name, const List& list, Put put) {
  json.name(name).begin_array();
  for (const auto& one : list) put(json, one);
  json.end_array();
}

void put_mix(Json& json, const MixStats& stats) {
  json.name("mix").begin_object();
  json.number("failures", stats.failures);
  put_size(json, stats.size);
  put_list(json, "inputs", stats.inputs, [&](Json& out, const MixStats::Input& input) {
    const auto& mixer = input.kind == MediaKind::kVideo ? stats.picture : stats.sound;
    put_mix_input(out, input, mixer.get());
  });
  put_list(json, "encoders", stats.encoders, put_mix_encoder);
  for (const auto& [name, structure] :
       {std::pair("picture", stats.picture.get()), std::pair("sound", stats.sound.get())}) {
    if (!structure) continue;
    json.name(name).begin_object();
    json.members_of(structure);
    json.end_object();
  }
  json.end_object();
}

/// In the form in which a control says it.
void put_control(Json& json, const MixSettings& settings) {
  json.name("control").begin_object();
  if (settings.layout_json.empty()) {
    json.text("layout", settings.layout);
  } else {
    json.json("layout", settings.layout_json);
  }
  json.flag("captions", settings.captions);
  json.name("size").begin_object();
  put_size(json, settings.size);
  json.end_object();
  json.name("mix").begin_object();
  for (const auto& [id, one] : settings.participants) json.flag(id.c_str(), one.mixed);
  json.end_object();
  json.name("volume").begin_object();
  for (const auto& [id, one] : settings.participants) json.real(id.c_str(), one.volume);
  json.end_object();
  json.end_object();
}

const char* name_of(MixMode mode) {
  return mode == MixMode::kMix ? "mix" : mode == MixMode::kHybrid ? "hybrid" : "tracks";
}

}  // namespace

void RoomCore::count_takers(std::vector<MixStats::Encoder>& encoders) const {
  for (auto& encoder : encoders) {
    for (const auto& participant : participants_)
      if (participant->subscription)
        encoder.takers += participant->subscription->takes(encoder.track.id) ? 1 : 0;
    encoder.takers += takers_->takers_of(encoder.track.id);
  }
}

MixStats RoomCore::mix_stats() const {
  auto stats = mix_->stats();
  count_takers(stats.encoders);
  return stats;
}

std::string RoomCore::stats_json() const {
  Json json;
  json.begin_object();
  json.text("room", id_);
  json.text("topology", std::string(name_of(topology_)));
  json.name("direct").begin_object();
  if (const auto& session = direct_.session()) {
    json.number("session", session->number);
    json.flag("established", session->established);
    json.name("members").begin_array();
    json.item(session->first);
    json.item(session->second);
    json.end_array();
  }
  json.end_object();
  json.number("direct-dropped", static_cast<gint64>(direct_dropped_));
  put_control(json, mix_->settings());
  json.text("speaker", voices_.speaker());
  json.number("data-relayed", static_cast<gint64>(data_->relayed()));
  json.number("data-dropped", static_cast<gint64>(data_->dropped()));
  json.name("participants").begin_array();
  for (const auto& participant : participants_) {
    json.begin_object();
    json.text("id", participant->id);
    json.text("name", participant->name);
    json.flag("hidden", participant->hidden);
    json.text("mode", name_of(participant->mode));
    json.name("tracks").begin_array();
    if (participant->publication)
      for (const auto& track : participant->publication->tracks()) put_track(json, track);
    json.end_array();
    if (participant->publication) put_publication(json, *participant->publication);
    if (participant->subscription) put_subscription(json, *participant->subscription);
    json.end_object();
  }
  json.end_array();
  auto transcoded = transcoder_->stats();
  count_takers(transcoded);
  put_list(json, "transcoded", transcoded, put_mix_encoder);
  // Of a mix that nobody takes there is nothing to tell.
  if (mix_->is_built()) put_mix(json, mix_stats());
  json.end_object();
  return json.finish();
}

}  // namespace rooms
