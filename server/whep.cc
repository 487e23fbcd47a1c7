// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/whep.h"

#include <charconv>
#include <string>
#include <string_view>

#include "server/media_endpoint.h"

namespace rooms {
namespace {

constexpr std::size_t kMostShown = 64;
/// In the place of a participant: everybody, mixed. Nobody has that id.
constexpr std::string_view kMixName = "mix";

/// Ids or names of participants, so anything but a comma may be in them.
Result<std::vector<std::string>> read_list(const std::string& list) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (at < list.size()) {
    const auto comma = std::min(list.find(',', at), list.size());
    if (comma > at) names.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  if (names.size() > kMostShown) {
    return Error{"bad-field", "'participants' should name at most 64 participants."};
  }
  return names;
}

Result<int> read_height(const std::string& text) {
  if (text.empty()) return 0;
  int height = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), height);
  if (read.ptr != text.data() + text.size() || height == 0) height = -1;
  const auto checked = check_mix_height(height);
  if (!checked) return checked.error();
  return height;
}

}  // namespace

void respond_to_whep(const std::shared_ptr<HttpExchange>& exchange, ResourceTable& resources) {
  if (!wants_resource(*exchange, resources)) return;
  const auto names = endpoint_names(exchange->path(), "/whep");
  if (!names) {
    return exchange->refuse(
        SOUP_STATUS_NOT_FOUND,
        {"not-found",
         "Play from /whep/{room}, /whep/{room}/{participant}, /whep/{room}/mix or "
         "/whep/{room}?participants=a,b."});
  }
  auto shown = read_list(exchange->query("participants"));
  if (!shown) return exchange->refuse(status_of(shown.error()), shown.error());
  const auto height = read_height(exchange->query("height"));
  if (!height) return exchange->refuse(status_of(height.error()), height.error());
  ResourceRequest request;
  request.mix_height = *height;
  request.role = ConnectionRole::kSubscribe;
  request.room = names->front();
  const bool mixed = names->size() == 2 && names->back() == kMixName;
  if (mixed) {
    request.mode = MixMode::kMix;
  } else {
    request.shown = names->size() == 2 ? std::vector{names->back()} : std::move(*shown);
    if (!request.shown.empty()) request.mode = MixMode::kTracks;
  }
  request.offer = exchange->body();
  resources.open()->create(exchange, std::move(request));
}

}  // namespace rooms
