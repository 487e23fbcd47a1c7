// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/source_visits.h"

#include <utility>

#include "server/log.h"
#include "server/server_thread.h"

namespace rooms {

void SourceVisits::start(const std::string& room, SourceRequest request, Reply<SourceInfo> started,
                         std::function<void()> over) {
  const auto number = ++last_;
  const auto release = [weak = weak_from_this(), number] {
    server_thread::post([weak, number] {
      if (const auto self = weak.lock()) self->release(number);
    });
  };
  auto place = registry_.enter(room, release);
  if (!place) return started(place.error());
  const auto opened = place->room();
  visits_[number] = {std::move(*place), std::move(over)};
  request.over = [release](const std::string& /*id*/) { release(); };
  opened->start_source(
      std::move(request),
      server_thread::reply_to<SourceInfo>(shared_from_this(),
                                          [=](SourceVisits& self, const Result<SourceInfo>& info) {
                                            self.begun(number, room, info, started);
                                          }));
}

void SourceVisits::begun(std::uint64_t number, const std::string& room,
                         const Result<SourceInfo>& info, const Reply<SourceInfo>& started) {
  if (info)
    log_info("room " + room + ": source " + info->id + " is " + info->uri);
  else
    visits_.erase(number);
  started(info);
}

void SourceVisits::release(std::uint64_t number) {
  const auto visit = visits_.extract(number);
  if (visit && visit.mapped().over) visit.mapped().over();
}

void SourceVisits::stop(const std::string& room, const std::string& id) {
  if (const auto open = registry_.find(room)) open->stop_source(id, [](const auto&) {});
}

}  // namespace rooms
