// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/http_client.h"

#include <algorithm>
#include <utility>

#include "gst/core/client/http_outcome.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestBody = 256 * 1024;

// SOUP_HTTP_URI_FLAGS is an int in C++.
constexpr auto kUriFlags = static_cast<GUriFlags>(
    G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY |
    G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE);

std::string text_of(const char* text) { return text ? text : ""; }

std::string header(SoupMessage* message, const char* name) {
  return text_of(soup_message_headers_get_list(soup_message_get_response_headers(message), name));
}

struct UriDeleter {
  void operator()(GUri* uri) const { g_uri_unref(uri); }
};
using Uri = std::unique_ptr<GUri, UriDeleter>;

Uri parsed(const std::string& uri) { return Uri(g_uri_parse(uri.c_str(), kUriFlags, nullptr)); }

bool is_tls(const std::string& uri) { return uri.starts_with("https:"); }

}  // namespace

struct HttpClient::Exchange {
  HttpClient* client = nullptr;  // nullptr: nobody waits any more
  HttpRequest request;
  Answered answered;
  Ref<GCancellable> cancellable = adopt(g_cancellable_new());
  DelayedCall deadline;
  bool timed_out = false;
  bool with_token = true;
  unsigned redirects = 0;
  Ref<SoupMessage> message;
  Ref<GInputStream> stream;
  std::string body;
};

HttpClient::HttpClient(Executor& executor, Settings settings)
    : executor_(executor), settings_(std::move(settings)) {
  executor_.assert_current();
  session_ = adopt(soup_session_new());
  soup_session_set_user_agent(session_.get(), settings_.user_agent.c_str());
}

HttpClient::~HttpClient() {
  executor_.assert_current();
  for (const auto& exchange : exchanges_) {
    exchange->client = nullptr;
    exchange->deadline.cancel();
    g_cancellable_cancel(exchange->cancellable.get());
  }
  soup_session_abort(session_.get());
}

void HttpClient::send(HttpRequest request, Answered answered) {
  executor_.assert_current();
  auto exchange = std::make_shared<Exchange>();
  exchange->client = this;
  exchange->request = std::move(request);
  exchange->answered = std::move(answered);
  exchange->deadline =
      executor_.call_later(exchange->request.limit, [weak = std::weak_ptr<Exchange>(exchange)] {
        const auto alive = weak.lock();
        if (!alive) return;
        alive->timed_out = true;
        g_cancellable_cancel(alive->cancellable.get());
      });
  exchanges_.push_back(exchange);
  start(exchange);
}

void HttpClient::start(const std::shared_ptr<Exchange>& exchange) {
  const auto& request = exchange->request;
  exchange->message = adopt(soup_message_new(request.method, request.uri.c_str()));
  auto* message = exchange->message.get();
  if (!message) {
    HttpReply reply;
    reply.failure = "'" + request.uri + "' is no address.";
    return finish(exchange, std::move(reply));
  }
  soup_message_add_flags(message, SOUP_MESSAGE_NO_REDIRECT);
  if (!settings_.strict_tls) {
    g_signal_connect(message, "accept-certificate",
                     G_CALLBACK(+[](SoupMessage*, GTlsCertificate*, GTlsCertificateFlags,
                                    gpointer) -> gboolean { return TRUE; }),
                     nullptr);
  }
  auto* headers = soup_message_get_request_headers(message);
  if (!settings_.token.empty() && exchange->with_token)
    soup_message_headers_append(headers, "Authorization", ("Bearer " + settings_.token).c_str());
  if (!request.if_match.empty())
    soup_message_headers_append(headers, "If-Match", request.if_match.c_str());
  if (!request.content_type.empty()) {
    soup_message_headers_append(headers, "Accept", request.content_type.c_str());
    GBytes* body = g_bytes_new(request.body.data(), request.body.size());
    soup_message_set_request_body_from_bytes(message, request.content_type.c_str(), body);
    g_bytes_unref(body);
  }
  soup_session_send_async(session_.get(), message, G_PRIORITY_DEFAULT, exchange->cancellable.get(),
                          on_headers, new std::shared_ptr<Exchange>(exchange));
}

void HttpClient::on_headers(GObject* source, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<std::shared_ptr<Exchange>> held(
      static_cast<std::shared_ptr<Exchange>*>(data));
  const auto exchange = *held;
  GError* raw = nullptr;
  exchange->stream = adopt(soup_session_send_finish(SOUP_SESSION(source), result, &raw));
  const auto error = own(raw);
  auto* client = exchange->client;
  if (!client) return;
  HttpReply reply;
  reply.uri = exchange->request.uri;
  if (error) {
    reply.failure = exchange->timed_out ? "No answer within the time." : text_of(error->message);
    reply.tls_failed = error->domain == G_TLS_ERROR;
    return client->finish(exchange, std::move(reply));
  }
  const unsigned status = soup_message_get_status(exchange->message.get());
  const auto location = resolved_uri(reply.uri, header(exchange->message.get(), "Location"));
  if (is_redirect(status) && is_http_uri(location)) {
    if (++exchange->redirects > kMostRedirects) {
      reply.failure = "The server sends us from one address to the next.";
      return client->finish(exchange, std::move(reply));
    }
    exchange->with_token &= may_take_token(is_tls(reply.uri), is_tls(location));
    exchange->request.uri = location;
    return client->start(exchange);
  }
  exchange->body.resize(kLongestBody);
  g_input_stream_read_all_async(exchange->stream.get(), exchange->body.data(), kLongestBody,
                                G_PRIORITY_DEFAULT, exchange->cancellable.get(), on_body,
                                new std::shared_ptr<Exchange>(exchange));
}

void HttpClient::on_body(GObject* source, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<std::shared_ptr<Exchange>> held(
      static_cast<std::shared_ptr<Exchange>*>(data));
  const auto exchange = *held;
  GError* raw = nullptr;
  gsize size = 0;
  g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &size, &raw);
  const auto error = own(raw);
  auto* client = exchange->client;
  if (!client) return;
  auto* message = exchange->message.get();
  HttpReply reply;
  reply.uri = exchange->request.uri;
  if (error) {
    reply.failure =
        exchange->timed_out ? "The answer did not end within the time." : text_of(error->message);
    return client->finish(exchange, std::move(reply));
  }
  exchange->body.resize(size);
  reply.status = soup_message_get_status(message);
  reply.body = std::move(exchange->body);
  reply.content_type = text_of(
      soup_message_headers_get_content_type(soup_message_get_response_headers(message), nullptr));
  reply.location = header(message, "Location");
  reply.links = header(message, "Link");
  reply.entity_tag = header(message, "ETag");
  reply.accept_patch = header(message, "Accept-Patch");
  client->finish(exchange, std::move(reply));
}

void HttpClient::finish(const std::shared_ptr<Exchange>& exchange, HttpReply reply) {
  exchange->deadline.cancel();
  exchange->client = nullptr;
  std::erase(exchanges_, exchange);
  exchange->answered(std::move(reply));
}

std::string resolved_uri(const std::string& base, const std::string& reference) {
  if (reference.empty()) return {};
  const auto resolved =
      own(g_uri_resolve_relative(base.c_str(), reference.c_str(), kUriFlags, nullptr));
  return text_of(resolved.get());
}

bool is_loopback_uri(const std::string& uri) {
  const auto parts = parsed(uri);
  const std::string host = parts ? text_of(g_uri_get_host(parts.get())) : "";
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

bool is_http_uri(const std::string& uri) {
  const auto parts = parsed(uri);
  if (!parts || text_of(g_uri_get_host(parts.get())).empty()) return false;
  const auto scheme = text_of(g_uri_get_scheme(parts.get()));
  return scheme == "http" || scheme == "https";
}

}  // namespace rooms
