// SPDX-License-Identifier: LGPL-2.1-or-later
// One HTTP request and its answer, given at once or later; the client may be gone by then. Server
// thread only: what waits for a room is parked, and the room gets a number.
#pragma once

#include <libsoup/soup.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gst/core/hls/rendition.h"
#include "gst/core/result.h"
#include "gst/glue/ref.h"

namespace rooms {

class HttpExchange {
 public:
  HttpExchange(SoupServerMessage* message, const char* path, GHashTable* query);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  [[nodiscard]] std::string_view method() const { return method_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string query(const char* name) const;
  /// All lines of the header joined by ", " (RFC 9110 5.3); nothing: no such header.
  [[nodiscard]] std::optional<std::string> header(const char* name) const;
  [[nodiscard]] std::string body() const;

  /// Before one of those below.
  void add_header(const char* name, const std::string& value);
  void respond(unsigned status);
  void respond(unsigned status, const char* content_type, std::string_view body);
  /// A body in pieces, which are not copied and stay as long as they are needed.
  void respond(unsigned status, const char* content_type, const std::vector<SharedBytes>& body);
  /// A body of `length` bytes that is read as fast as the client takes it; the connection is cut if
  /// there are fewer.
  void respond(unsigned status, const char* content_type, Ref<GInputStream> body,
               std::uint64_t length);
  /// application/problem+json (RFC 9457) with `code` and `detail`.
  void refuse(unsigned status, const Error& error);
  /// 405 with what would be allowed.
  void refuse_method(const std::string& allowed);

  /// The answer comes later.
  void hold();
  [[nodiscard]] bool client_gone() const { return gone_; }

 private:
  void answered(unsigned status);

  Ref<SoupServerMessage> message_;
  std::string method_;
  std::string path_;
  std::map<std::string, std::string> query_;
  bool held_ = false;
  bool gone_ = false;
};

/// Exchanges that wait for something that only knows their number.
class ParkedExchanges {
 public:
  std::uint64_t park(std::shared_ptr<HttpExchange> exchange) {
    exchange->hold();
    waiting_.emplace(++last_, std::move(exchange));
    return last_;
  }
  std::shared_ptr<HttpExchange> take(std::uint64_t number) {
    auto found = waiting_.extract(number);
    return found ? std::move(found.mapped()) : nullptr;
  }
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  /// Whoever still waits is answered with this.
  void refuse_all(unsigned status, const Error& error);

 private:
  std::map<std::uint64_t, std::shared_ptr<HttpExchange>> waiting_;
  std::uint64_t last_ = 0;
};

/// The status that fits an error of a room or of the registry.
unsigned status_of(const Error& error);

}  // namespace rooms
