// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/socket_signalling.h"

#include <deque>
#include <utility>

#include "tests/load/clocks.h"

namespace rooms::load {
namespace {

constexpr Duration kPatience = std::chrono::seconds(20);

void iterate_until(const auto& done) {
  const auto limit = monotonic_now() + kPatience;
  // The timeout wakes the loop, so that a server that says nothing does not hold us for ever.
  const auto wake = g_timeout_add(
      200, [](gpointer) { return gboolean{G_SOURCE_CONTINUE}; }, nullptr);
  while (!done() && monotonic_now() < limit) g_main_context_iteration(nullptr, TRUE);
  g_source_remove(wake);
}

std::string key_of(const Seat& seat) { return seat.room + "/" + seat.name; }

}  // namespace

/// One WebSocket, and what was said on it and not heard yet.
class SocketLine {
 public:
  SocketLine() = default;
  ~SocketLine() {
    if (!connection_) return;
    g_signal_handlers_disconnect_by_data(connection_, this);
    if (soup_websocket_connection_get_state(connection_) == SOUP_WEBSOCKET_STATE_OPEN)
      soup_websocket_connection_close(connection_, SOUP_WEBSOCKET_CLOSE_NORMAL, nullptr);
    g_object_unref(connection_);
  }
  SocketLine(const SocketLine&) = delete;
  SocketLine& operator=(const SocketLine&) = delete;

  Status connect(const HttpClient& http, const std::string& url) {
    SoupMessage* request = http.message("GET", url);
    if (!request) return Error{"http", "'" + url + "' is not a URL."};
    bool done = false;
    struct Opening {
      SocketLine* line;
      bool* done;
      std::string error;
    } opening{this, &done, {}};
    soup_session_websocket_connect_async(
        http.session(), request, nullptr, nullptr, G_PRIORITY_DEFAULT, nullptr,
        [](GObject* session, GAsyncResult* result, gpointer data) {
          auto& state = *static_cast<Opening*>(data);
          GError* error = nullptr;
          state.line->connection_ =
              soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);
          if (error) state.error = error->message;
          g_clear_error(&error);
          *state.done = true;
        },
        &opening);
    while (!done) g_main_context_iteration(nullptr, TRUE);  // the session's own timeout ends it
    g_object_unref(request);
    if (!connection_) return Error{"http", url + ": no WebSocket: " + opening.error};
    soup_websocket_connection_set_max_incoming_payload_size(connection_, 1 << 20);
    g_signal_connect(connection_, "message", G_CALLBACK(on_message), this);
    return Done{};
  }

  void send(const std::string& text) {
    if (is_open()) soup_websocket_connection_send_text(connection_, text.c_str());
  }
  [[nodiscard]] bool is_open() const {
    return connection_ &&
           soup_websocket_connection_get_state(connection_) == SOUP_WEBSOCKET_STATE_OPEN;
  }
  /// The answer to request `id`.
  Result<JsonValue> await(std::int64_t id) {
    iterate_until([&] { return replies_.contains(id) || !is_open(); });
    const auto found = replies_.find(id);
    if (found == replies_.end()) {
      return is_open() ? Error{"timeout", "/ws: no answer in 20 s."}
                       : Error{"closed", "/ws: the server closed the socket."};
    }
    auto reply = std::move(found->second);
    replies_.erase(found);
    return reply;
  }
  std::int64_t next_id() { return ++last_id_; }
  std::deque<JsonValue>& offers() { return offers_; }
  void set_player(Client* client) { player_ = client; }
  [[nodiscard]] Client* player() const { return player_; }

 private:
  static void on_message(SoupWebsocketConnection*, int type, GBytes* bytes, gpointer data) {
    auto& line = *static_cast<SocketLine*>(data);
    if (type != SOUP_WEBSOCKET_DATA_TEXT) return;
    gsize size = 0;
    const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
    auto message = JsonValue::parse(std::string(text, size));
    if (!message) return;
    if (message->has({"id"})) {
      line.replies_.insert_or_assign(message->number({"id"}), std::move(*message));
    } else if (message->text({"type"}) == "offer") {
      line.offers_.push_back(std::move(*message));
    }
  }

  SoupWebsocketConnection* connection_ = nullptr;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, JsonValue> replies_;
  std::deque<JsonValue> offers_;  ///< unasked
  Client* player_ = nullptr;
};

SocketSignalling::SocketSignalling(const Options& options)
    : options_(options), http_(options.token, options.insecure) {}

SocketSignalling::~SocketSignalling() = default;

Status SocketSignalling::open(const std::vector<std::string>&) {
  auto reply = http_.send("GET", options_.url + "/");
  if (!reply) return reply.error();
  return Done{};
}

Result<JsonValue> SocketSignalling::ask(SocketLine& line, const std::string& type,
                                        const std::string& fields, const char* expected) {
  const auto id = line.next_id();
  line.send("{\"type\": " + to_json_text(type) + ", \"id\": " + std::to_string(id) + fields + "}");
  auto reply = line.await(id);
  if (!reply || reply->text({"type"}) == expected) return reply;
  return Error{"refused", "/ws: '" + type + "' was answered by " + reply->text({"type"}) + " " +
                              reply->text({"code"}) + ": " + reply->text({"message"})};
}

Result<RemoteEnd> SocketSignalling::publish(Client& client) {
  auto line = std::make_unique<SocketLine>();
  auto url = "ws" + options_.url.substr(4) + "/ws";  // http and https
  if (auto status = line->connect(http_, url); !status) return status.error();
  const auto& seat = client.seat;
  auto joined =
      ask(*line, "join",
          ", \"room\": " + to_json_text(seat.room) + ", \"name\": " + to_json_text(seat.name) +
              ", \"participant\": " + to_json_text(seat.name),
          "joined");
  if (!joined) return joined.error();
  std::string tracks;
  if (options_.audio) tracks += R"({"mid": "0", "label": "microphone", "muted": false})";
  if (options_.audio && options_.video) tracks += ", ";
  if (options_.video) tracks += R"({"mid": "1", "label": "camera", "muted": false})";
  auto published =
      ask(*line, "publish",
          ", \"sdp\": " + to_json_text(offer_of(client)) + ", \"tracks\": [" + tracks + "]",
          "published");
  if (!published) return published.error();
  lines_[key_of(seat)] = std::move(line);
  return take_answer(client, published->text({"sdp"}));
}

Result<RemoteEnd> SocketSignalling::play(Client& client) {
  const auto found = lines_.find(key_of(client.seat));
  if (found == lines_.end()) return Error{"refused", "Its publisher has no socket."};
  auto& line = *found->second;
  const auto last_n =
      options_.last_n > 0 ? ", \"lastN\": " + std::to_string(options_.last_n) : std::string();
  const auto mode =
      options_.mode == "tracks" ? std::string() : ", \"mode\": " + to_json_text(options_.mode);
  auto offer = ask(line, "subscribe",
                   ", \"audio\": " + std::to_string(client.audio) + ", \"video\": " +
                       std::to_string(client.video) + last_n + mode + ", \"data\": false",
                   "offer");
  if (!offer) return offer.error();
  auto taken = take_offer(client, offer->text({"sdp"}));
  if (!taken) return taken.error();
  auto answered = ask(line, "answer",
                      ", \"sdp\": " + to_json_text(taken->answer) +
                          ", \"version\": " + std::to_string(offer->number({"version"})),
                      "answered");
  if (!answered) return answered.error();
  line.set_player(&client);
  return std::move(taken->remote);
}

/// More slots than asked for, or others: what they carry keeps its payload types.
void SocketSignalling::answer_offers(SocketLine& line) {
  while (!line.offers().empty() && line.player()) {
    const auto offer = std::move(line.offers().front());
    line.offers().pop_front();
    const auto answer = answer_to_play(offer.text({"sdp"}), line.player()->codec,
                                       line.player()->transport->local_end());
    if (!answer) continue;
    line.send("{\"type\": \"answer\", \"sdp\": " + to_json_text(*answer) +
              ", \"version\": " + std::to_string(offer.number({"version"})) + "}");
  }
}

void SocketSignalling::leave(Client& client) {
  const auto found = lines_.find(key_of(client.seat));
  if (found == lines_.end()) return;
  if (client.player) return found->second->set_player(nullptr);
  if (!gone_ && !ask(*found->second, "leave", "", "left")) gone_ = true;
  lines_.erase(found);
}

void SocketSignalling::tend() {
  while (g_main_context_iteration(nullptr, FALSE)) {
  }
  for (auto& [name, line] : lines_) answer_offers(*line);
}

}  // namespace rooms::load
