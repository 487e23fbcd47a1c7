// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/server/test_clients.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "server/json_writer.h"

namespace rooms {
namespace {

gboolean accept_any_certificate(SoupMessage*, GTlsCertificate*, GTlsCertificateFlags, gpointer) {
  return TRUE;
}

Ref<SoupMessage> new_message(const std::string& method, const std::string& url) {
  auto message = adopt(soup_message_new(method.c_str(), url.c_str()));
  g_signal_connect(message.get(), "accept-certificate", G_CALLBACK(accept_any_certificate),
                   nullptr);
  return message;
}

std::string text_of(JsonNode* node) {
  if (!node) return {};
  if (JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING) {
    return json_node_get_string(node);
  }
  return json_text(node);
}

JsonNode* child(JsonNode* node, const std::string& name) {
  if (node && JSON_NODE_HOLDS_OBJECT(node)) {
    return json_object_get_member(json_node_get_object(node), name.c_str());
  }
  if (node && JSON_NODE_HOLDS_ARRAY(node)) {
    JsonArray* array = json_node_get_array(node);
    const auto index = static_cast<guint>(std::strtoul(name.c_str(), nullptr, 10));
    return index < json_array_get_length(array) ? json_array_get_element(array, index) : nullptr;
  }
  return nullptr;
}

}  // namespace

std::string HttpReply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

std::string HttpReply::field(const char* name) const { return Message(body).at(name); }

HttpReply http(const std::string& method, const std::string& url, const Headers& headers,
               const std::string& body) {
  const auto session = adopt(soup_session_new());
  const auto message = new_message(method, url);
  for (const auto& [name, value] : headers) {
    if (name == "Content-Type") continue;
    soup_message_headers_append(soup_message_get_request_headers(message.get()), name.c_str(),
                                value.c_str());
  }
  if (!body.empty()) {
    const char* type = nullptr;
    for (const auto& [name, value] : headers) {
      if (name == "Content-Type") type = value.c_str();
    }
    const auto bytes = adopt(g_bytes_new(body.data(), body.size()));
    soup_message_set_request_body_from_bytes(message.get(), type, bytes.get());
  }
  HttpReply reply;
  GError* problem = nullptr;
  const auto content =
      adopt(soup_session_send_and_read(session.get(), message.get(), nullptr, &problem));
  if (!content) {
    ADD_FAILURE() << method << " " << url << ": " << own(problem)->message;
    return reply;
  }
  gsize length = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(content.get(), &length));
  if (text) reply.body.assign(text, length);
  reply.status = soup_message_get_status(message.get());
  soup_message_headers_foreach(
      soup_message_get_response_headers(message.get()),
      [](const char* name, const char* value, gpointer out) {
        const auto lower = own(g_ascii_strdown(name, -1));
        static_cast<HttpReply*>(out)->headers.emplace(lower.get(), value);
      },
      &reply);
  return reply;
}

double metric(const ServerProcess& server, const std::string& name) {
  std::istringstream lines(http("GET", server.http("/metrics")).body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return std::strtod(line.c_str() + name.size(), nullptr);
  }
  return -1;
}

Message::Message(std::string text) : raw_(std::move(text)) {
  auto tree = parse_json_object(raw_);
  if (tree) tree_ = std::move(*tree);
}

std::string Message::at(const std::string& path) const {
  JsonNode* node = tree_.get();
  std::istringstream parts(path);
  std::string part;
  while (std::getline(parts, part, '.')) node = child(node, part);
  return text_of(node);
}

SocketClient::SocketClient(const std::string& url, const std::string& from)
    : context_(adopt(g_main_context_new())) {
  g_main_context_push_thread_default(context_.get());
  const auto local =
      adopt(from.empty() ? nullptr : g_inet_socket_address_new_from_string(from.c_str(), 0));
  session_ = adopt(soup_session_new_with_options("local-address", local.get(), nullptr));
  const auto message = new_message("GET", url);
  const GAsyncReadyCallback on_connected = [](GObject* session, GAsyncResult* result,
                                              gpointer self) {
    GError* problem = nullptr;
    auto* connection =
        soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &problem);
    if (!connection) {
      ADD_FAILURE() << own(problem)->message;
      static_cast<SocketClient*>(self)->closed_ = true;
      return;
    }
    static_cast<SocketClient*>(self)->connection_ = adopt(connection);
  };
  soup_session_websocket_connect_async(session_.get(), message.get(), nullptr, nullptr,
                                       G_PRIORITY_DEFAULT, nullptr, on_connected, this);
  iterate_until([this] { return connection_ || closed_; }, 5);
  if (connection_) {
    soup_websocket_connection_set_max_incoming_payload_size(connection_.get(), 4 * 1024 * 1024);
    const auto on_message =
        +[](SoupWebsocketConnection*, int, GBytes* message_bytes, gpointer self) {
          gsize length = 0;
          const auto* text = static_cast<const char*>(g_bytes_get_data(message_bytes, &length));
          static_cast<SocketClient*>(self)->heard_.emplace_back(text, length);
        };
    const auto on_closed = +[](SoupWebsocketConnection*, gpointer self) {
      static_cast<SocketClient*>(self)->closed_ = true;
    };
    g_signal_connect(connection_.get(), "message", G_CALLBACK(on_message), this);
    g_signal_connect(connection_.get(), "closed", G_CALLBACK(on_closed), this);
  }
  g_main_context_pop_thread_default(context_.get());
}

SocketClient::~SocketClient() {
  if (connection_) g_signal_handlers_disconnect_by_data(connection_.get(), this);
}

template <class Ready>
bool SocketClient::iterate_until(Ready&& ready, double seconds) {
  const auto deadline = g_get_monotonic_time() + static_cast<gint64>(seconds * G_USEC_PER_SEC);
  g_main_context_push_thread_default(context_.get());
  while (!ready() && g_get_monotonic_time() < deadline) {
    if (!g_main_context_iteration(context_.get(), FALSE)) g_usleep(1000);
  }
  g_main_context_pop_thread_default(context_.get());
  return ready();
}

void SocketClient::say(const std::string& text) {
  if (!connection_ || closed_) return;
  const auto bytes = adopt(g_bytes_new(text.data(), text.size()));
  soup_websocket_connection_send_message(connection_.get(), SOUP_WEBSOCKET_DATA_TEXT, bytes.get());
}

void SocketClient::say_binary(const std::string& bytes) {
  if (connection_)
    soup_websocket_connection_send_binary(connection_.get(), bytes.data(), bytes.size());
}

Message SocketClient::wait_for(const std::string& type, int seconds) {
  Message found;
  std::string seen;
  const bool came = iterate_until(
      [&] {
        while (!found && !heard_.empty()) {
          Message message(heard_.front());
          heard_.pop_front();
          if (message.at("type") == type) {
            found = std::move(message);
          } else {
            seen += "\n  " + message.raw().substr(0, 300);
          }
        }
        return found || closed_;
      },
      seconds);
  if (!came || !found)
    ADD_FAILURE() << "no '" << type << "' came" << (closed_ ? ", the socket closed" : "")
                  << ", only:" << seen;
  return found;
}

std::string SocketClient::wait_for_error(int seconds) {
  const Message error = wait_for("error", seconds);
  EXPECT_NE(error.at("message"), "");
  return error.at("code");
}

unsigned short SocketClient::wait_for_close(int seconds) {
  if (!iterate_until([this] { return closed_; }, seconds)) return 0;
  return soup_websocket_connection_get_close_code(connection_.get());
}

void SocketClient::idle(double seconds) {
  iterate_until([] { return false; }, seconds);
}

void SocketClient::close() {
  if (connection_ &&
      soup_websocket_connection_get_state(connection_.get()) == SOUP_WEBSOCKET_STATE_OPEN) {
    soup_websocket_connection_close(connection_.get(), 1000, nullptr);
  }
  iterate_until([this] { return closed_; }, 5);
}

bool SocketClient::has_heard(const std::string& type) const {
  for (const auto& text : heard_) {
    if (Message(text).at("type") == type) return true;
  }
  return false;
}

std::string json_string(const std::string& text) {
  JsonWriter out;
  out.value(text);
  return out.take();
}

std::string join_text(const std::string& room, const std::string& name) {
  return R"({"type":"join","id":1,"room":")" + room + R"(","name":)" + json_string(name) + "}";
}

std::string sdp_file(const std::string& name) {
  const char* folder = std::getenv("GST_ROOMS_SDP");
  const std::string path = std::string(folder ? folder : "tests/data/sdp") + "/" + name;
  char* contents = nullptr;
  gsize length = 0;
  GError* problem = nullptr;
  if (!g_file_get_contents(path.c_str(), &contents, &length, &problem)) {
    ADD_FAILURE() << own(problem)->message;
    return {};
  }
  return {own(contents).get(), length};
}

}  // namespace rooms
