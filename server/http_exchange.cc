// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/http_exchange.h"

#include <utility>

#include "server/json_writer.h"

namespace rooms {
namespace {

/// libsoup 3.2 does not know the codes of RFC 6585.
const char* phrase_of(unsigned status) {
  return status == 428 ? "Precondition Required" : soup_status_get_phrase(status);
}

}  // namespace

HttpExchange::HttpExchange(SoupServerMessage* message, const char* path, GHashTable* query)
    : message_(share(message)), method_(soup_server_message_get_method(message)), path_(path) {
  if (query) {
    GHashTableIter each;
    gpointer name = nullptr;
    gpointer value = nullptr;
    g_hash_table_iter_init(&each, query);
    while (g_hash_table_iter_next(&each, &name, &value)) {
      query_.emplace(static_cast<const char*>(name), static_cast<const char*>(value));
    }
  }
  const auto on_gone =
      +[](SoupServerMessage*, gpointer self) { static_cast<HttpExchange*>(self)->gone_ = true; };
  g_signal_connect(message, "finished", G_CALLBACK(on_gone), this);
  g_signal_connect(message, "disconnected", G_CALLBACK(on_gone), this);
}

HttpExchange::~HttpExchange() {
  g_signal_handlers_disconnect_by_data(message_.get(), this);
  // Nobody answered: a client must not wait for ever.
  if (held_ && !gone_) {
    soup_server_message_set_status(message_.get(), SOUP_STATUS_INTERNAL_SERVER_ERROR, nullptr);
    soup_server_message_unpause(message_.get());
  }
}

std::string HttpExchange::query(const char* name) const {
  const auto found = query_.find(name);
  return found == query_.end() ? std::string() : found->second;
}

std::optional<std::string> HttpExchange::header(const char* name) const {
  auto* headers = soup_server_message_get_request_headers(message_.get());
  const char* value = soup_message_headers_get_list(headers, name);
  if (!value) return std::nullopt;
  return value;
}

std::string HttpExchange::body() const {
  const SoupMessageBody* body = soup_server_message_get_request_body(message_.get());
  const auto bytes = adopt(soup_message_body_flatten(const_cast<SoupMessageBody*>(body)));
  gsize length = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(bytes.get(), &length));
  return text ? std::string(text, length) : std::string();
}

void HttpExchange::add_header(const char* name, const std::string& value) {
  auto* headers = soup_server_message_get_response_headers(message_.get());
  soup_message_headers_append(headers, name, value.c_str());
}

void HttpExchange::hold() {
  if (std::exchange(held_, true)) return;
  soup_server_message_pause(message_.get());
}

void HttpExchange::answered(unsigned status) {
  soup_server_message_set_status(message_.get(), status, phrase_of(status));
  if (std::exchange(held_, false) && !gone_) soup_server_message_unpause(message_.get());
}

void HttpExchange::respond(unsigned status) { answered(status); }

void HttpExchange::respond(unsigned status, const char* content_type, std::string_view body) {
  soup_server_message_set_response(message_.get(), content_type, SOUP_MEMORY_COPY, body.data(),
                                   body.size());
  answered(status);
}

void HttpExchange::refuse(unsigned status, const Error& error) {
  JsonWriter out;
  out.object([&] {
    out.field("title", phrase_of(status)).field("status", status);
    out.field("code", error.code).field("detail", error.message);
  });
  if (status == SOUP_STATUS_SERVICE_UNAVAILABLE) add_header("Retry-After", "5");
  respond(status, "application/problem+json", out.take());
}

void HttpExchange::refuse_method(const std::string& allowed) {
  add_header("Allow", allowed);
  refuse(SOUP_STATUS_METHOD_NOT_ALLOWED, {"method-not-allowed", "Here one can " + allowed + "."});
}

void ParkedExchanges::refuse_all(unsigned status, const Error& error) {
  for (auto& [number, exchange] : std::exchange(waiting_, {})) exchange->refuse(status, error);
}

unsigned status_of(const Error& error) {
  const auto& code = error.code;
  if (code.starts_with("sdp-") || code.starts_with("layout-") || code.starts_with("bad-") ||
      code == "recording-kind" || code == "recording-format") {
    return SOUP_STATUS_BAD_REQUEST;
  }
  if (code == "recording-off") return SOUP_STATUS_FORBIDDEN;
  if (code == "too-many-recordings") return SOUP_STATUS_CONFLICT;
  if (code == "recording-unknown") return SOUP_STATUS_NOT_FOUND;
  if (code == "disk-full") return SOUP_STATUS_INSUFFICIENT_STORAGE;
  if (code == "name-taken" || code == "name-reserved") return SOUP_STATUS_CONFLICT;
  if (code == "participant-unknown" || code == "track-unknown" || code == "no-connection") {
    return SOUP_STATUS_NOT_FOUND;
  }
  if (code == "room-closing" || code == "room-full" || code == "server-full") {
    return SOUP_STATUS_SERVICE_UNAVAILABLE;
  }
  return SOUP_STATUS_INTERNAL_SERVER_ERROR;
}

}  // namespace rooms
