// SPDX-License-Identifier: LGPL-2.1-or-later
// What `/api/rooms/{room}/recordings`, `push`, `taps` and `sources` have in common: a POST to the
// folder starts one, GET shows one or all, DELETE stops one. Server thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/room.h"
#include "server/http_exchange.h"
#include "server/http_rules.h"
#include "server/json_writer.h"
#include "server/server_thread.h"

namespace rooms {

template <class Info, class Request>
class RoomFolder : public std::enable_shared_from_this<RoomFolder<Info, Request>> {
 public:
  struct Parts {
    const char* name;  ///< of the list of all
    Result<Request> (*read)(const std::string& body);
    void (*write)(JsonWriter& out, const Info& info);
    void (Room::*start)(Request, Reply<Info>);
    void (Room::*stop)(std::string, Reply<Info>);
    void (Room::*find)(std::string, Reply<Info>);
    void (Room::*list)(Reply<std::vector<Info>>);
  };
  explicit RoomFolder(const Parts& parts) : parts_(parts) {}

  /// `id`: what stands behind the folder; empty: all of them.
  void respond(const std::shared_ptr<HttpExchange>& exchange, const std::shared_ptr<Room>& room,
               const std::string& id) {
    const auto method = exchange->method();
    const bool reads = method == "GET" || method == "HEAD";
    if (id.empty()) {
      if (method == "POST") {
        if (auto request = read(*exchange))
          ((*room).*parts_.start)(std::move(*request), answer(exchange));
        return;
      }
      return reads ? list(exchange, *room) : exchange->refuse_method("GET, HEAD, POST");
    }
    if (reads) return ((*room).*parts_.find)(id, answer(exchange));
    if (method == "DELETE") return ((*room).*parts_.stop)(id, answer(exchange));
    exchange->refuse_method("GET, HEAD, DELETE");
  }

  /// The request in its body; nullopt: it was refused. Only what a form of another site cannot
  /// send: no page may do this on a server that its visitor reaches.
  std::optional<Request> read(HttpExchange& exchange) const {
    const auto type = exchange.header("Content-Type");
    if (!type || !is_media_type(*type, kJson)) {
      exchange.refuse(SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                      {"content-type", "POST a JSON object as application/json."});
      return std::nullopt;
    }
    auto request = parts_.read(exchange.body());
    if (request) return std::move(*request);
    exchange.refuse(status_of(request.error()), request.error());
    return std::nullopt;
  }

  /// Answers with what comes to it, on any thread.
  Reply<Info> answer(const std::shared_ptr<HttpExchange>& exchange) {
    return server_thread::reply_to<Info>(
        this->shared_from_this(),
        [number = waiting_.park(exchange)](RoomFolder& self, const Result<Info>& info) {
          const auto waiting = self.waiting_.take(number);
          if (!waiting) return;
          if (!info) return waiting->refuse(status_of(info.error()), info.error());
          JsonWriter out;
          self.parts_.write(out, *info);
          if (waiting->method() == "POST")
            waiting->add_header("Location", waiting->path() + "/" + info->id);
          waiting->respond(waiting->method() == "POST" ? SOUP_STATUS_CREATED : SOUP_STATUS_OK,
                           kJson, out.take());
        });
  }

 private:
  static constexpr const char* kJson = "application/json";

  void list(const std::shared_ptr<HttpExchange>& exchange, Room& room) {
    (room.*parts_.list)(server_thread::reply_to<std::vector<Info>>(
        this->shared_from_this(),
        [number = waiting_.park(exchange)](RoomFolder& self, const Result<std::vector<Info>>& all) {
          const auto waiting = self.waiting_.take(number);
          if (!waiting) return;
          if (!all) return waiting->refuse(status_of(all.error()), all.error());
          JsonWriter out;
          out.object([&] {
            out.name(self.parts_.name).list(*all, [&](const Info& info) {
              self.parts_.write(out, info);
            });
          });
          waiting->respond(SOUP_STATUS_OK, kJson, out.take());
        }));
  }

  const Parts parts_;
  ParkedExchanges waiting_;
};

}  // namespace rooms
