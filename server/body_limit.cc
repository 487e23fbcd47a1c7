// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/body_limit.h"

#include <string>
#include <utility>

#include "gst/glue/ref.h"
#include "server/json_writer.h"
#include "server/requests.h"

namespace rooms {
namespace {

constexpr goffset kLongest = static_cast<goffset>(kLongestMessage);
/// A body announced or found too long is read up to here, so that the client gets to read the
/// answer.
constexpr goffset kReadOn = 4 * 1024 * 1024;

void refuse(SoupServerMessage* message) {
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
  JsonWriter out;
  out.object([&] {
    out.field("title", soup_status_get_phrase(SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE));
    out.field("status", static_cast<int>(SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE));
    out.field("code", "too-large").field("detail", "The body may have at most 256 KiB.");
  });
  const std::string body = out.take();
  soup_server_message_set_response(message, "application/problem+json", SOUP_MEMORY_COPY,
                                   body.data(), body.size());
  soup_message_headers_replace(soup_server_message_get_response_headers(message), "Connection",
                               "close");
  soup_server_message_set_status(message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, nullptr);
}

/// Takes the connection from libsoup, which has no other way to stop reading, and drops it. At
/// once: libsoup reads on without coming back to the main loop while a client sends as fast as it
/// reads.
void cut(SoupServerMessage* message) {
  const auto stream = adopt(soup_server_message_steal_connection(message));
  if (stream) g_io_stream_close(stream.get(), nullptr, nullptr);
}

struct Received {
  std::uint64_t* refusals = nullptr;
  goffset bytes = 0;
  bool refused = false;
  bool cut = false;
};

/// Counts what really comes: chunked bodies announce no length.
void on_chunk(SoupServerMessage* message, GBytes* chunk, gpointer data) {
  auto* received = static_cast<Received*>(data);
  received->bytes += static_cast<goffset>(g_bytes_get_size(chunk));
  if (received->bytes > kLongest && !std::exchange(received->refused, true)) {
    ++*received->refusals;
    refuse(message);
  }
  if (received->bytes > kReadOn && !std::exchange(received->cut, true)) cut(message);
}

}  // namespace

void limit_body(SoupServer*, SoupServerMessage* message, const char*, GHashTable*,
                gpointer refusals) {
  auto* headers = soup_server_message_get_request_headers(message);
  auto* received = new Received{static_cast<std::uint64_t*>(refusals)};
  received->refused = soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH &&
                      soup_message_headers_get_content_length(headers) > kLongest;
  if (received->refused) {
    ++*received->refusals;
    refuse(message);
  }
  const GClosureNotify free_count = [](gpointer data, GClosure*) {
    delete static_cast<Received*>(data);
  };
  g_signal_connect_data(message, "got-chunk", G_CALLBACK(on_chunk), received, free_count,
                        static_cast<GConnectFlags>(0));
}

}  // namespace rooms
