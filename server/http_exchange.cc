// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/http_exchange.h"

#include <map>
#include <string_view>
#include <utility>

#include "server/body_sender.h"
#include "server/json_writer.h"

namespace rooms {
namespace {

/// libsoup 3.2 does not know the codes of RFC 6585.
const char* phrase_of(unsigned status) {
  return status == 428 ? "Precondition Required" : soup_status_get_phrase(status);
}

/// Of the codes that tell what a client asked for; anything else is our fault.
const std::map<std::string_view, SoupStatus> kStatuses{
    {"codec-not-playable", SOUP_STATUS_CONFLICT},
    {"codec-unsupported", SOUP_STATUS_NOT_IMPLEMENTED},
    {"disk-full", SOUP_STATUS_INSUFFICIENT_STORAGE},
    {"file-unknown", SOUP_STATUS_NOT_FOUND},
    {"hls-nobody", SOUP_STATUS_NOT_FOUND},
    {"hls-off", SOUP_STATUS_FORBIDDEN},
    {"missing-field", SOUP_STATUS_BAD_REQUEST},
    {"name-reserved", SOUP_STATUS_CONFLICT},
    {"name-taken", SOUP_STATUS_CONFLICT},
    {"no-connection", SOUP_STATUS_NOT_FOUND},
    {"no-ports", SOUP_STATUS_SERVICE_UNAVAILABLE},
    {"nothing-to-play", SOUP_STATUS_CONFLICT},
    {"participant-unknown", SOUP_STATUS_NOT_FOUND},
    {"push-not-allowed", SOUP_STATUS_FORBIDDEN},
    {"push-off", SOUP_STATUS_FORBIDDEN},
    {"push-scheme", SOUP_STATUS_BAD_REQUEST},
    {"push-unknown", SOUP_STATUS_NOT_FOUND},
    {"push-uri", SOUP_STATUS_BAD_REQUEST},
    {"recording-format", SOUP_STATUS_BAD_REQUEST},
    {"recording-kind", SOUP_STATUS_BAD_REQUEST},
    {"recording-off", SOUP_STATUS_FORBIDDEN},
    {"recording-unknown", SOUP_STATUS_NOT_FOUND},
    {"replay-empty", SOUP_STATUS_CONFLICT},
    {"replay-off", SOUP_STATUS_FORBIDDEN},
    {"replay-too-long", SOUP_STATUS_BAD_REQUEST},
    {"room-closing", SOUP_STATUS_SERVICE_UNAVAILABLE},
    {"room-full", SOUP_STATUS_SERVICE_UNAVAILABLE},
    {"server-full", SOUP_STATUS_SERVICE_UNAVAILABLE},
    {"source-scheme", SOUP_STATUS_FORBIDDEN},
    {"source-unknown", SOUP_STATUS_NOT_FOUND},
    {"source-uri", SOUP_STATUS_BAD_REQUEST},
    {"too-many-pushes", SOUP_STATUS_CONFLICT},
    {"too-many-recordings", SOUP_STATUS_CONFLICT},
    {"tap-element", SOUP_STATUS_BAD_REQUEST},
    {"tap-empty", SOUP_STATUS_BAD_REQUEST},
    {"tap-off", SOUP_STATUS_FORBIDDEN},
    {"tap-property", SOUP_STATUS_BAD_REQUEST},
    {"tap-syntax", SOUP_STATUS_BAD_REQUEST},
    {"tap-too-long", SOUP_STATUS_BAD_REQUEST},
    {"tap-unknown", SOUP_STATUS_NOT_FOUND},
    {"tap-unlinked", SOUP_STATUS_BAD_REQUEST},
    {"too-many-sources", SOUP_STATUS_CONFLICT},
    {"too-many-taps", SOUP_STATUS_CONFLICT},
    {"track-unknown", SOUP_STATUS_NOT_FOUND},
};

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

void HttpExchange::respond(unsigned status, const char* content_type,
                           const std::vector<SharedBytes>& body) {
  auto* headers = soup_server_message_get_response_headers(message_.get());
  soup_message_headers_set_content_type(headers, content_type, nullptr);
  auto* pieces = soup_server_message_get_response_body(message_.get());
  for (const auto& piece : body) {
    const auto bytes = adopt(g_bytes_new_with_free_func(
        piece->data(), piece->size(), [](gpointer held) { delete static_cast<SharedBytes*>(held); },
        new SharedBytes(piece)));
    soup_message_body_append_bytes(pieces, bytes.get());
  }
  answered(status);
}

void HttpExchange::respond(unsigned status, const char* content_type, Ref<GInputStream> body,
                           std::uint64_t length) {
  auto* headers = soup_server_message_get_response_headers(message_.get());
  soup_message_headers_set_content_type(headers, content_type, nullptr);
  soup_message_headers_set_content_length(headers, static_cast<goffset>(length));
  if (method_ != "HEAD" && length > 0) send_stream(message_, std::move(body), length);
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
  for (const auto* family : {"sdp-", "layout-", "bad-"})
    if (code.starts_with(family)) return SOUP_STATUS_BAD_REQUEST;
  const auto known = kStatuses.find(code);
  return known == kStatuses.end() ? SOUP_STATUS_INTERNAL_SERVER_ERROR : known->second;
}

}  // namespace rooms
