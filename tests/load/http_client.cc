// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/http_client.h"

namespace rooms::load {

HttpClient::HttpClient(std::string token, bool insecure)
    : token_(std::move(token)), insecure_(insecure) {
  session_ = soup_session_new_with_options("timeout", 20, "user-agent",
                                           "gst-rooms-load/" GST_ROOMS_VERSION, nullptr);
}

HttpClient::~HttpClient() { g_object_unref(session_); }

SoupMessage* HttpClient::message(const char* method, const std::string& url) const {
  SoupMessage* message = soup_message_new(method, url.c_str());
  if (!message) return nullptr;
  if (!token_.empty()) {
    soup_message_headers_append(soup_message_get_request_headers(message), "Authorization",
                                ("Bearer " + token_).c_str());
  }
  if (insecure_) {
    const auto accept = +[](SoupMessage*, GTlsCertificate*, GTlsCertificateFlags, gpointer) {
      return gboolean{TRUE};
    };
    g_signal_connect(message, "accept-certificate", G_CALLBACK(accept), nullptr);
  }
  return message;
}

Result<HttpReply> HttpClient::send(const char* method, const std::string& url,
                                   const char* content_type, const std::string& body) {
  SoupMessage* request = message(method, url);
  if (!request) return Error{"http", "'" + url + "' is not a URL."};
  if (*content_type != '\0') {
    GBytes* bytes = g_bytes_new(body.data(), body.size());
    soup_message_set_request_body_from_bytes(request, content_type, bytes);
    g_bytes_unref(bytes);
  }
  GError* error = nullptr;
  GBytes* received = soup_session_send_and_read(session_, request, nullptr, &error);
  if (!received) {
    const std::string why = error ? error->message : "no answer";
    g_clear_error(&error);
    g_object_unref(request);
    return Error{"http", std::string(method) + " " + url + ": " + why};
  }
  HttpReply reply;
  reply.status = soup_message_get_status(request);
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(received, &size));
  if (data) reply.body.assign(data, size);
  const char* location =
      soup_message_headers_get_one(soup_message_get_response_headers(request), "Location");
  if (location) {
    char* absolute = g_uri_resolve_relative(url.c_str(), location, G_URI_FLAGS_NONE, nullptr);
    if (absolute) reply.location = absolute;
    g_free(absolute);
  }
  g_bytes_unref(received);
  g_object_unref(request);
  return reply;
}

Result<HttpReply> HttpClient::demand(const char* method, const std::string& url,
                                     const char* content_type, const std::string& body) {
  auto reply = send(method, url, content_type, body);
  if (!reply || (reply->status >= 200 && reply->status < 300)) return reply;
  return Error{"refused", std::string(method) + " " + url + ": the server says " +
                              std::to_string(reply->status) + ": " + reply->body.substr(0, 300)};
}

}  // namespace rooms::load
