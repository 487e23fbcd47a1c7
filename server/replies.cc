// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/replies.h"

#include "pipelines/connection_names.h"
#include "server/direct_json.h"
#include "server/json_fields.h"
#include "server/json_writer.h"

namespace rooms {
namespace {

template <class Fill>
std::string message(std::string_view id, std::string_view type, Fill&& fill) {
  JsonWriter out;
  out.object([&] {
    out.field("type", type);
    if (!id.empty()) out.name("id").raw(id);
    fill(out);
  });
  return out.take();
}

std::string_view word_of(MediaKind kind) {
  switch (kind) {
    case MediaKind::kAudio:
      return "audio";
    case MediaKind::kVideo:
      return "video";
    case MediaKind::kApplication:
      return "application";
  }
  return "application";
}

void write_track(JsonWriter& out, const TrackInfo& track) {
  out.object([&] {
    out.field("id", track.id).field("participant", track.participant);
    out.field("kind", word_of(track.kind)).field("label", track.label);
    out.field("codec", track.codec).field("muted", track.muted);
    if (track.moderated) out.field("moderated", true);
  });
}

void write_participant(JsonWriter& out, const ParticipantInfo& participant) {
  out.object([&] {
    out.field("id", participant.id).field("name", participant.name);
    out.name("tracks").list(participant.tracks,
                            [&](const TrackInfo& track) { write_track(out, track); });
  });
}

void write_slot(JsonWriter& out, const SlotInfo& slot) {
  out.object([&] {
    out.field("mid", slot.mid).field("kind", word_of(slot.kind)).name("track");
    if (slot.track) {
      write_track(out, *slot.track);
    } else {
      out.null();
    }
  });
}

void write_share(JsonWriter& out, const SlotShare& share) {
  const auto& given = share.given;
  const int spatial = given.layer ? given.layer->spatial : -1;
  const int temporal = given.layer ? given.layer->temporal : -1;
  out.object([&] {
    out.field("slot", share.mid).field("track", share.track);
    out.field("spatial", spatial).field("temporal", temporal);
    out.field("bitrate", given.bitrate.bits_per_second()).field("reason", name_of(given.reason));
    out.field("priority", name_of(share.priority));
    out.field("paused", !given.layer && given.reason != AllocationReason::kNoLayers);
  });
}

void write_texts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
  out.name(name).list(texts, [&](const std::string& text) { out.value(text); });
}

/// One overload an event; what each becomes stands in docs/signalling.md.
struct EventWriter {
  std::string operator()(const event::ParticipantJoined& e) const {
    return message({}, "participant-joined", [&](JsonWriter& out) {
      out.name("participant");
      write_participant(out, e.participant);
    });
  }
  std::string operator()(const event::ParticipantLeft& e) const {
    return message({}, "participant-left", [&](JsonWriter& out) {
      out.field("participant", e.participant).field("reason", e.reason);
    });
  }
  std::string operator()(const event::TrackAdded& e) const {
    return message({}, "track-added", [&](JsonWriter& out) {
      out.name("track");
      write_track(out, e.track);
    });
  }
  std::string operator()(const event::TrackRemoved& e) const {
    return message({}, "track-removed", [&](JsonWriter& out) {
      out.field("track", e.track).field("participant", e.participant);
    });
  }
  std::string operator()(const event::TrackMuted& e) const {
    return message({}, "track-muted", [&](JsonWriter& out) {
      out.field("track", e.track).field("participant", e.participant).field("muted", e.muted);
      out.field("moderated", e.moderated);
    });
  }
  std::string operator()(const event::SlotsChanged& e) const {
    return message({}, "slots", [&](JsonWriter& out) {
      out.name("slots").list(e.slots, [&](const SlotInfo& slot) { write_slot(out, slot); });
    });
  }
  std::string operator()(const event::SubscribeOffer& e) const {
    return offer_message({}, e.sdp, 0);
  }
  std::string operator()(const event::Candidate& e) const {
    return message({}, "candidate", [&](JsonWriter& out) {
      out.field("connection", name_of(e.role)).field("candidate", e.candidate);
    });
  }
  std::string operator()(const event::Speaking& e) const {
    return message({}, "speaking",
                   [&](JsonWriter& out) { out.field("participant", e.participant); });
  }
  std::string operator()(const event::Data& e) const {
    return message({}, "data", [&](JsonWriter& out) {
      // The room carries the sender's JSON as text.
      out.field("from", e.from).name("data").raw(e.text);
    });
  }
  std::string operator()(const event::ConnectionChanged& e) const {
    return message({}, "connection", [&](JsonWriter& out) {
      out.field("connection", name_of(e.role)).field("state", name_of(e.state));
      out.field("reason", e.reason);
    });
  }
  std::string operator()(const event::RoomCodecs& e) const {
    return message({}, "codecs", [&](JsonWriter& out) {
      write_texts(out, "audio", e.audio);
      write_texts(out, "video", e.video);
    });
  }
  std::string operator()(const event::RepublishWanted& e) const {
    return message({}, "republish", [&](JsonWriter& out) { out.field("reason", e.reason); });
  }
  std::string operator()(const event::Allocated& e) const {
    return message({}, "allocation", [&](JsonWriter& out) {
      out.field("estimate", e.estimate.bits_per_second()).field("estimating", e.estimating);
      out.name("slots").list(e.slots, [&](const SlotShare& share) { write_share(out, share); });
    });
  }
  std::string operator()(const event::EncodingsWanted& e) const {
    return message({}, "encodings", [&](JsonWriter& out) {
      out.field("track", e.track).name("encodings").list(e.encodings, [&](const auto& encoding) {
        out.object([&] {
          const auto& demand = encoding.demand;
          out.field("rid", encoding.rid).field("active", demand.active);
          if (demand.max_bitrate) out.field("maxBitrate", demand.max_bitrate->bits_per_second());
        });
      });
    });
  }
  std::string operator()(const event::TopologyChanged& e) const {
    return message({}, "topology", [&](JsonWriter& out) {
      out.field("topology", name_of(e.topology)).name("direct");
      if (!e.direct) {
        out.null();
        return;
      }
      out.object([&] {
        out.field("session", e.direct->session).field("peer", e.direct->peer);
        out.field("established", e.direct->established);
      });
    });
  }
  std::string operator()(const event::Direct& e) const {
    return message({}, "direct", [&](JsonWriter& out) {
      out.field("from", e.from);
      write_direct_message(out, e.message);
    });
  }
  std::string operator()(const event::RecordingChanged& e) const {
    return message({}, "recording", [&](JsonWriter& out) {
      out.field("recording", e.id).field("kind", e.kind).field("state", e.state);
      out.field("reason", e.reason);
    });
  }
  std::string operator()(const event::PushChanged& e) const {
    return message({}, "push-state", [&](JsonWriter& out) {
      out.field("push", e.push.id).field("uri", e.push.uri);
      out.field("state", name_of(e.push.state));
      out.field("code", e.push.error.code).field("reason", e.push.error.message);
    });
  }
  std::string operator()(const event::SourceChanged& e) const {
    return message({}, "source", [&](JsonWriter& out) {
      out.field("source", e.id).field("participant", e.participant).field("state", e.state);
      out.field("reason", e.reason);
    });
  }
  std::string operator()(const event::TapChanged& e) const {
    return message({}, "tap", [&](JsonWriter& out) {
      out.field("tap", e.id).field("track", e.track).field("state", e.state);
      out.field("reason", e.reason);
    });
  }
  std::string operator()(const event::CodecMismatch& e) const {
    return message({}, "codec-mismatch", [&](JsonWriter& out) {
      out.name("track");
      write_track(out, e.track);
      out.field("participant", e.participant);
      if (!e.transcoded.empty()) out.field("transcoded", e.transcoded);
    });
  }
};

}  // namespace

std::string joined_message(std::string_view id, const JoinedMessage& joined) {
  return message(id, "joined", [&](JsonWriter& out) {
    out.field("session", joined.session).field("participant", joined.participant);
    out.field("name", joined.name).field("room", joined.room);
    out.name("others").list(joined.others,
                            [&](const ParticipantInfo& other) { write_participant(out, other); });
    out.field("resumed", joined.resumed).field("resumeTimeout", joined.resume_timeout.count());
    out.name("iceServers").raw(ice_servers_json(joined.ice_servers));
  });
}

std::string published_message(std::string_view id, const PublishReply& reply) {
  return message(id, "published", [&](JsonWriter& out) {
    out.field("sdp", reply.sdp);
    out.name("tracks").list(reply.tracks, [&](const auto& entry) {
      out.object([&] {
        out.field("mid", entry.first).name("track");
        write_track(out, entry.second);
      });
    });
  });
}

std::string offer_message(std::string_view id, std::string_view sdp, std::int64_t version) {
  return message(id, "offer",
                 [&](JsonWriter& out) { out.field("sdp", sdp).field("version", version); });
}

std::string done_message(std::string_view id, std::string_view type) {
  return message(id, type, [](JsonWriter&) {});
}

std::string error_message(std::string_view id, const Error& error) {
  return message(id, "error", [&](JsonWriter& out) {
    out.field("code", error.code).field("message", error.message);
  });
}

std::string event_message(const RoomEvent& event) { return std::visit(EventWriter{}, event); }

}  // namespace rooms
