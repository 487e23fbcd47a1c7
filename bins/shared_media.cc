// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/shared_media.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace rooms {
namespace {

struct Entry {
  MediaSettings settings;
  std::unique_ptr<MediaServer> media;
  unsigned shares = 0;
};

/// A mutex and no Guarded: who makes or ends a server keeps others from the port meanwhile.
std::mutex entries_mutex;
std::vector<Entry>& entries() {
  static std::vector<Entry> all;
  return all;
}

bool same(const MediaSettings& a, const MediaSettings& b) {
  return a.announce_ips == b.announce_ips && a.workers == b.workers;
}

}  // namespace

MediaShare::MediaShare(MediaShare&& other) noexcept
    : media_(std::exchange(other.media_, nullptr)) {}

MediaShare& MediaShare::operator=(MediaShare&& other) noexcept {
  if (this == &other) return *this;
  release();
  media_ = std::exchange(other.media_, nullptr);
  return *this;
}

Result<MediaShare> MediaShare::take(const MediaSettings& settings) {
  const std::lock_guard hold(entries_mutex);
  MediaShare share;
  for (auto& entry : entries()) {
    if (entry.settings.udp_port != settings.udp_port) continue;
    if (same(entry.settings, settings)) {
      ++entry.shares;
      share.media_ = entry.media.get();
      return share;
    }
    if (settings.udp_port != 0)
      return Error{"port-shared", "Another room of this process has the port " +
                                      std::to_string(settings.udp_port) +
                                      " with another announce-ip or number of workers."};
  }
  auto created = MediaServer::create(settings);
  if (!created) return created.error();
  share.media_ = created->get();
  entries().push_back({settings, std::move(*created), 1});
  return share;
}

void MediaShare::release() {
  auto* media = std::exchange(media_, nullptr);
  if (!media) return;
  const std::lock_guard hold(entries_mutex);
  const auto at = std::find_if(entries().begin(), entries().end(),
                               [&](const Entry& entry) { return entry.media.get() == media; });
  if (at != entries().end() && --at->shares == 0) entries().erase(at);
}

}  // namespace rooms
