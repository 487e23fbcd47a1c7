// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/direct_json.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace rooms {
namespace {

constexpr std::size_t kLongestSdp = 64 * 1024;
constexpr std::size_t kLongestCandidate = 1024;
constexpr std::size_t kLongestMid = 64;
constexpr std::size_t kLongestTrack = 256;
constexpr std::size_t kMostTracks = 64;
constexpr JsonFields::Range kSessions{1, INT32_MAX};
constexpr JsonFields::Range kTilePixels{0, 16384};
constexpr JsonFields::Range kLayers{0, 7};
constexpr JsonFields::Range kBitrates{1, 1'000'000'000};

constexpr std::array<std::string_view, 4> kStates{"receiving", "left", "failed", "doubtful"};

std::string bounded(JsonFields& fields, const char* name, std::size_t longest) {
  auto text = fields.text(name);
  if (text.size() > longest)
    fields.fail({"bad-field", "'" + std::string(name) + "' should be at most " +
                                  std::to_string(longest) + " bytes long."});
  return text;
}

DirectMessage::Offer read_offer(JsonFields& fields) {
  DirectMessage::Offer offer;
  offer.sdp = bounded(fields, "offer", kLongestSdp);
  fields.objects("tracks", kMostTracks, [&](JsonFields& track) {
    auto mid = bounded(track, "mid", kLongestMid);
    offer.tracks.push_back({std::move(mid), bounded(track, "track", kLongestTrack)});
  });
  return offer;
}

DirectMessage::Candidate read_candidate(JsonFields& fields) {
  DirectMessage::Candidate candidate;
  candidate.candidate = bounded(fields, "candidate", kLongestCandidate);
  candidate.mid = bounded(fields, "mid", kLongestMid);
  candidate.of_offerer = fields.flag("ofOfferer");
  return candidate;
}

DirectMessage::State read_state(JsonFields& fields) {
  const auto* found = std::find(kStates.begin(), kStates.end(), fields.text("state"));
  if (found != kStates.end()) return static_cast<DirectMessage::State>(found - kStates.begin());
  fields.fail({"bad-field", "'state' should be 'receiving', 'left', 'failed' or 'doubtful'."});
  return DirectMessage::State::kFailed;
}

template <class Number>
std::optional<Number> number_if_any(JsonFields& fields, const char* name, JsonFields::Range range) {
  const auto number = fields.number_or(name, range, -1);
  return number < 0 ? std::nullopt : std::optional(static_cast<Number>(number));
}

DirectMessage::Wishes read_wishes(JsonFields& fields) {
  DirectMessage::Wishes wishes;
  fields.objects("wishes", kMostTracks, [&](JsonFields& one) {
    DirectMessage::Wish wish;
    wish.track = bounded(one, "track", kLongestTrack);
    wish.width = number_if_any<int>(one, "width", kTilePixels);
    wish.height = number_if_any<int>(one, "height", kTilePixels);
    wish.max_spatial = number_if_any<int>(one, "maxSpatial", kLayers);
    wish.max_bitrate = number_if_any<std::int64_t>(one, "maxBitrate", kBitrates);
    wishes.push_back(std::move(wish));
  });
  return wishes;
}

struct ContentWriter {
  JsonWriter& out;

  void operator()(const DirectMessage::Offer& offer) const {
    out.field("offer", offer.sdp).name("tracks").list(offer.tracks, [&](const auto& track) {
      out.object([&] { out.field("mid", track.mid).field("track", track.track); });
    });
  }
  void operator()(const DirectMessage::Answer& answer) const { out.field("answer", answer.sdp); }
  void operator()(const DirectMessage::Candidate& candidate) const {
    out.field("candidate", candidate.candidate).field("mid", candidate.mid);
    out.field("ofOfferer", candidate.of_offerer);
  }
  void operator()(DirectMessage::State state) const {
    out.field("state", kStates[static_cast<std::size_t>(state)]);
  }
  void operator()(const DirectMessage::Wishes& wishes) const {
    out.name("wishes").list(wishes, [&](const DirectMessage::Wish& wish) {
      out.object([&] {
        out.field("track", wish.track);
        if (wish.width) out.field("width", *wish.width);
        if (wish.height) out.field("height", *wish.height);
        if (wish.max_spatial) out.field("maxSpatial", *wish.max_spatial);
        if (wish.max_bitrate) out.field("maxBitrate", *wish.max_bitrate);
      });
    });
  }
};

}  // namespace

DirectMessage read_direct_message(JsonFields& fields) {
  DirectMessage message;
  message.session = static_cast<unsigned>(fields.number("session", kSessions));
  const std::array<const char*, 5> kinds{"offer", "answer", "candidate", "state", "wishes"};
  const auto count =
      std::count_if(kinds.begin(), kinds.end(), [&](const char* kind) { return fields.has(kind); });
  if (count != 1) {
    fields.fail({"bad-field",
                 "'direct' should have one of 'offer', 'answer', 'candidate', 'state' and "
                 "'wishes'."});
    return message;
  }
  if (fields.has("offer")) message.content = read_offer(fields);
  if (fields.has("answer"))
    message.content = DirectMessage::Answer{bounded(fields, "answer", kLongestSdp)};
  if (fields.has("candidate")) message.content = read_candidate(fields);
  if (fields.has("state")) message.content = read_state(fields);
  if (fields.has("wishes")) message.content = read_wishes(fields);
  return message;
}

void write_direct_message(JsonWriter& out, const DirectMessage& message) {
  out.field("session", message.session);
  std::visit(ContentWriter{out}, message.content);
}

}  // namespace rooms
