// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/srt_ingest.h"

#include <glib.h>

#include <utility>

#include "server/json_writer.h"
#include "server/log.h"
#include "server/names.h"
#include "server/server_thread.h"

namespace rooms {
namespace {

/// Refusals are told to the log not more often: whoever is refused may try for ever.
constexpr Duration kTellEvery = std::chrono::seconds(1);

}  // namespace

Result<std::shared_ptr<SrtIngest>> SrtIngest::open(const SrtSettings& settings,
                                                   unsigned most_sources,
                                                   std::shared_ptr<SourceVisits> visits) {
  std::shared_ptr<SrtIngest> self(new SrtIngest(most_sources, std::move(visits)));
  auto listener = SrtListener::open(settings, self->callbacks());
  if (!listener) return listener.error();
  self->listener_ = std::move(*listener);
  return self;
}

SrtListener::Callbacks SrtIngest::callbacks() {
  const auto weak = weak_from_this();
  SrtListener::Callbacks callbacks;
  // The listener, which calls this, is ours and goes first.
  callbacks.admit = [this](const StreamPlace& place) { return admit(place); };
  callbacks.on_refused = [weak](const std::string& address, const Error& error) {
    server_thread::post([=] {
      if (const auto self = weak.lock()) self->note_refusal(address, error);
    });
  };
  callbacks.on_caller = [weak](SrtListener::Caller caller) {
    server_thread::post([weak, caller = std::move(caller)] {
      if (const auto self = weak.lock())
        self->take(caller);
      else
        caller.stream->hang_up();
    });
  };
  return callbacks;
}

Status SrtIngest::admit(const StreamPlace& place) const {
  if (auto named = check_name("room", place.room); !named) return named.error();
  if (!g_utf8_validate(place.name.data(), static_cast<gssize>(place.name.size()), nullptr))
    return Error{"stream-id", "The name in the stream id is not UTF-8."};
  const auto callers = callers_.with([&](const auto& all) {
    const auto found = all.find(place.room);
    return found == all.end() ? 0U : found->second;
  });
  if (callers < most_sources_) return Done{};
  return Error{"too-many-sources",
               "This room has as many sources as it may (" + std::to_string(most_sources_) + ")."};
}

void SrtIngest::take(const SrtListener::Caller& caller) {
  SourceRequest request;
  request.uri = "srt://" + caller.address;
  request.name = caller.place.name;
  request.stream = caller.stream;
  request.most_retries = 0;
  const auto room = caller.place.room;
  callers_.with([&](auto& all) { ++all[room]; });
  const auto weak = weak_from_this();
  // A room that closes while the source starts may say so twice.
  const auto left = [weak, room, once = std::make_shared<bool>(false)] {
    const auto self = weak.lock();
    if (self && !std::exchange(*once, true)) self->left(room);
  };
  visits_->start(
      room, std::move(request),
      [weak, left, caller](const Result<SourceInfo>& info) {
        if (info) return;
        caller.stream->hang_up();
        left();
        const auto self = weak.lock();
        if (!self) return;
        ++self->refused_by_room_;
        self->note_refusal(caller.address, info.error());
      },
      left);
}

void SrtIngest::left(const std::string& room) {
  callers_.with([&](auto& all) {
    const auto found = all.find(room);
    if (found != all.end() && --found->second == 0) all.erase(found);
  });
}

void SrtIngest::note_refusal(const std::string& address, const Error& error) {
  const auto now = server_thread::now();
  if (now - told_ < kTellEvery) return;
  told_ = now;
  log_warning("SRT from " + address + " is refused: " + error.message);
}

std::string SrtIngest::stats_json() const {
  const auto counts = listener_->counts();
  JsonWriter out;
  out.object([&] {
    out.field("callers", counts.callers).field("accepted", counts.accepted);
    out.field("refused-stream-id", counts.refused_place);
    out.field("refused-passphrase", counts.refused_encryption);
    out.field("refused-full", counts.refused_full + refused_by_room_);
    out.field("packets", counts.packets).field("packets-dropped", counts.packets_dropped);
  });
  return out.take();
}

}  // namespace rooms
