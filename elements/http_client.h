// SPDX-License-Identifier: LGPL-2.1-or-later
// HTTP requests of a WHIP or WHEP client, on an executor's thread and context.
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gst/glue/executor.h"
#include "gst/glue/ref.h"

namespace rooms {

struct HttpReply {
  unsigned status = 0;  ///< 0: no answer, and `failure` says why
  std::string failure;
  bool tls_failed = false;
  std::string uri;  ///< where the answer came from, after redirects
  std::string content_type;
  std::string body;  ///< as far as 256 KiB
  std::string location;
  std::string links;  ///< all Link headers, joined by ", "
  std::string entity_tag;
  std::string accept_patch;
};

struct HttpRequest {
  const char* method = "GET";
  std::string uri;
  std::string content_type;  ///< of `body`; empty: none
  std::string body;
  std::string if_match;
  Duration limit = std::chrono::seconds(10);  ///< of the whole exchange, redirects included
};

/// All methods on the executor's thread. When it is destroyed, nothing is answered any more.
class HttpClient {
 public:
  struct Settings {
    std::string token;  ///< empty: no Authorization
    std::string user_agent;
    bool strict_tls = true;
  };
  using Answered = std::function<void(HttpReply)>;

  HttpClient(Executor& executor, Settings settings);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// 307 and 308 are followed with method and body (RFC 9725 4.5).
  void send(HttpRequest request, Answered answered);

 private:
  struct Exchange;
  void start(const std::shared_ptr<Exchange>& exchange);
  void finish(const std::shared_ptr<Exchange>& exchange, HttpReply reply);
  static void on_headers(GObject* source, GAsyncResult* result, gpointer data);
  static void on_body(GObject* source, GAsyncResult* result, gpointer data);

  Executor& executor_;
  Settings settings_;
  Ref<SoupSession> session_;
  std::vector<std::shared_ptr<Exchange>> exchanges_;
};

/// `reference` as seen from `base`; empty: it is no URI.
std::string resolved_uri(const std::string& base, const std::string& reference);
/// The host is this machine: "localhost", 127.0.0.0/8, ::1.
bool is_loopback_uri(const std::string& uri);
/// Whether it is http or https with a host.
bool is_http_uri(const std::string& uri);

}  // namespace rooms
