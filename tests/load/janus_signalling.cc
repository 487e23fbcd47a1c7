// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/janus_signalling.h"

#include <unistd.h>

#include "tests/load/clocks.h"

namespace rooms::load {
namespace {

constexpr Duration kPatience = std::chrono::seconds(20);
constexpr Duration kKeepalive = std::chrono::seconds(20);  // sessions end after 60 s

/// The answer of a plugin to a message: event or immediate success.
std::string plugin_error(const JsonValue& reply) {
  if (reply.has({"error"})) return reply.text({"error", "reason"});
  return reply.text({"plugindata", "data", "error"});
}

std::string jsep_of(const char* type, const std::string& sdp) {
  return std::string(R"({"type": ")") + type + R"(", "trickle": false, "sdp": )" +
         to_json_text(sdp) + "}";
}

}  // namespace

JanusSignalling::JanusSignalling(const Options& options, std::string plugin)
    : options_(options),
      plugin_(std::move(plugin)),
      http_(options.token, options.insecure),
      first_room_(getpid() * 1000LL) {}

JanusSignalling::~JanusSignalling() {
  if (session_.empty() || gone_) return;
  for (unsigned i = 0; i < rooms_created_; ++i) {
    [[maybe_unused]] const auto destroyed =
        post(rooms_handle_, R"("janus": "message", "body": {"request": "destroy", "room": )" +
                                std::to_string(room_id(i)) + "}");
  }
  [[maybe_unused]] const auto ended = post(session_, R"("janus": "destroy")");
}

Result<JsonValue> JanusSignalling::post(const std::string& path, const std::string& fields) {
  const auto transaction = "t" + std::to_string(++transactions_);
  auto reply = http_.demand("POST", options_.url + path, "application/json",
                            "{" + fields + R"(, "transaction": ")" + transaction + "\"}");
  if (!reply) return reply.error();
  auto value = JsonValue::parse(reply->body);
  if (value && value->text({"janus"}) == "error")
    return Error{"refused", "Janus says: " + value->text({"error", "reason"})};
  return value;
}

Result<std::string> JanusSignalling::attach() {
  auto handle = post(session_, R"("janus": "attach", "plugin": "janus.plugin.)" + plugin_ + "\"");
  if (!handle) return handle.error();
  return session_ + "/" + std::to_string(handle->number({"data", "id"}));
}

Status JanusSignalling::open(const std::vector<std::string>& rooms) {
  auto session = post("", R"("janus": "create")");
  if (!session) return session.error();
  session_ = "/" + std::to_string(session->number({"data", "id"}));
  next_keepalive_ = monotonic_now() + kKeepalive;
  auto handle = attach();
  if (!handle) return handle.error();
  rooms_handle_ = *handle;
  for (unsigned i = 0; i < rooms.size(); ++i) {
    auto created = post(rooms_handle_, R"("janus": "message", "body": {"request": "create", )" +
                                           room_description(i) + "}");
    if (!created) return created.error();
    if (const auto error = plugin_error(*created); !error.empty())
      return Error{"refused", "Janus does not create a room: " + error};
    ++rooms_created_;
  }
  return Done{};
}

std::string JanusSignalling::room_description(unsigned index) const {
  const auto publishers = options_.meeting() ? options_.size : options_.publishers;
  const std::string codec = options_.codec == Codec::kH264 ? "h264" : "vp8";
  return R"("room": )" + std::to_string(room_id(index)) + R"(, "publishers": )" +
         std::to_string(publishers) + R"(, "videocodec": ")" + codec +
         R"(", "bitrate": 0, "permanent": false)";
}

std::string JanusSignalling::offered(const Client& client) {
  return jsep_of("offer", offer_of(client));
}

Result<JsonValue> JanusSignalling::await_event(const std::string& transaction) {
  const auto limit = monotonic_now() + kPatience;
  while (monotonic_now() < limit) {
    while (!events_.empty()) {
      auto event = std::move(events_.front());
      events_.pop_front();
      if (event.text({"transaction"}) == transaction && event.text({"janus"}) != "ack")
        return event;
    }
    auto reply = http_.demand("GET", options_.url + session_ + "?maxev=20");
    if (!reply) return reply.error();
    auto batch = JsonValue::parse(reply->body);
    if (!batch) return batch.error();
    for (std::size_t i = 0; i < batch->size(); ++i) events_.push_back(batch->at(i));
  }
  return Error{"timeout", "Janus: no event in 20 s."};
}

Result<JsonValue> JanusSignalling::message(const std::string& handle, const std::string& body,
                                           const std::string& jsep, const char* expected) {
  auto sent = post(handle, R"("janus": "message", "body": )" + body +
                               (jsep.empty() ? "" : R"(, "jsep": )" + jsep));
  if (!sent) return sent.error();
  auto event = await_event(sent->text({"transaction"}));
  if (!event) return event.error();
  if (const auto error = plugin_error(*event); !error.empty())
    return Error{"refused", "Janus says: " + error};
  const auto kind = event->text({"plugindata", "data", plugin_.c_str()});
  if (kind != expected)
    return Error{"refused", "Janus answers '" + kind + "' instead of '" + expected + "'."};
  return event;
}

Result<RemoteEnd> JanusSignalling::publish(Client& client) {
  auto handle = attach();
  if (!handle) return handle.error();
  client.resource = *handle;
  const auto body = R"({"request": "joinandconfigure", "ptype": "publisher", "room": )" +
                    std::to_string(room_id(client.seat.room_index)) + R"(, "id": )" +
                    std::to_string(client.seat.index + 1) + R"(, "display": )" +
                    to_json_text(client.seat.name) + "}";
  auto joined = message(*handle, body, offered(client), "joined");
  if (!joined) return joined.error();
  return take_answer(client, joined->text({"jsep", "sdp"}));
}

Result<RemoteEnd> JanusSignalling::play(Client& client) {
  auto handle = attach();
  if (!handle) return handle.error();
  client.resource = *handle;
  std::string streams;
  for (const auto& seat : client.shown) {
    streams += (streams.empty() ? "" : ", ") + std::string(R"({"feed": )") +
               std::to_string(seat.index + 1) + "}";
  }
  const auto room = std::to_string(room_id(client.seat.room_index));
  auto attached = message(*handle,
                          R"({"request": "join", "ptype": "subscriber", "room": )" + room +
                              R"(, "streams": [)" + streams + "]}",
                          "", "attached");
  if (!attached) return attached.error();
  auto taken = take_offer(client, attached->text({"jsep", "sdp"}));
  if (!taken) return taken.error();
  auto started = message(*handle, R"({"request": "start", "room": )" + room + "}",
                         jsep_of("answer", taken->answer), "event");
  if (!started) return started.error();
  return std::move(taken->remote);
}

void JanusSignalling::leave(Client& client) {
  if (client.resource.empty() || gone_) return;
  const auto left = post(client.resource, R"("janus": "detach")");
  if (!left && left.error().code == "http") gone_ = true;
  client.resource.clear();
}

void JanusSignalling::tend() {
  if (monotonic_now() < next_keepalive_) return;
  next_keepalive_ = monotonic_now() + kKeepalive;
  [[maybe_unused]] const auto alive = post(session_, R"("janus": "keepalive")");
}

}  // namespace rooms::load
