// SPDX-License-Identifier: LGPL-2.1-or-later
// Blocking HTTP requests. Signalling thread.
#pragma once

#include <libsoup/soup.h>

#include <string>

#include "gst/core/result.h"

namespace rooms::load {

struct HttpReply {
  unsigned status = 0;
  std::string body;
  std::string location;  ///< absolute
};

class HttpClient {
 public:
  HttpClient(std::string token, bool insecure);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Error "http": no answer. A status of refusal is an answer.
  Result<HttpReply> send(const char* method, const std::string& url, const char* content_type = "",
                         const std::string& body = {});
  /// The same, with an error for all but 2xx that quotes what the server says.
  Result<HttpReply> demand(const char* method, const std::string& url,
                           const char* content_type = "", const std::string& body = {});
  [[nodiscard]] SoupSession* session() const { return session_; }
  /// A request with our headers; unref it.
  SoupMessage* message(const char* method, const std::string& url) const;

 private:
  SoupSession* session_;
  std::string token_;
  bool insecure_;
};

}  // namespace rooms::load
