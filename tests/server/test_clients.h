// SPDX-License-Identifier: LGPL-2.1-or-later
// HTTP and WebSocket clients that wait, with a deadline, for what a test expects.
#pragma once

#include <libsoup/soup.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gst/glue/ref.h"
#include "server/json_fields.h"
#include "tests/server/server_process.h"

namespace rooms {

struct HttpReply {
  unsigned status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// The first of that name; empty: none.
  [[nodiscard]] std::string header(const std::string& name) const;
  /// A text field of the JSON body.
  [[nodiscard]] std::string field(const char* name) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;
HttpReply http(const std::string& method, const std::string& url, const Headers& headers = {},
               const std::string& body = {});

/// A line of GET /metrics; -1: there is none of that name.
double metric(const ServerProcess& server, const std::string& name);

/// A message of the server.
class Message {
 public:
  Message() = default;
  explicit Message(std::string text);
  explicit operator bool() const { return tree_ != nullptr; }
  [[nodiscard]] const std::string& raw() const { return raw_; }
  /// A field by its path: "participant.tracks.0.id". Texts come without quotes, everything else as
  /// JSON; "" if absent.
  [[nodiscard]] std::string at(const std::string& path) const;

 private:
  std::string raw_;
  JsonTree tree_;
};

/// Has a main context of its own: as long as nobody waits on it, it neither reads nor answers
/// pings, as if it had vanished.
class SocketClient {
 public:
  /// `from`: an IP address of this machine; empty: any.
  explicit SocketClient(const std::string& url, const std::string& from = {});
  ~SocketClient();
  SocketClient(const SocketClient&) = delete;
  SocketClient& operator=(const SocketClient&) = delete;

  void say(const std::string& text);
  void say_binary(const std::string& bytes);
  /// The next message of the type; others before it are dropped. Fails the test when none comes.
  Message wait_for(const std::string& type, int seconds = 5);
  /// wait_for("error"), its code.
  std::string wait_for_error(int seconds = 5);
  Message ask(const std::string& text, const std::string& type) {
    say(text);
    return wait_for(type);
  }
  /// The close code, once the server has closed. 0: it has not.
  unsigned short wait_for_close(int seconds = 5);
  /// Lives on: answers pings, keeps what comes.
  void idle(double seconds);
  void close();
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] bool has_heard(const std::string& type) const;

 private:
  template <class Ready>
  bool iterate_until(Ready&& ready, double seconds);

  Ref<GMainContext> context_;
  Ref<SoupSession> session_;
  Ref<SoupWebsocketConnection> connection_;
  std::deque<std::string> heard_;
  bool closed_ = false;
};

/// {"type":"join",..} with an id of 1.
std::string join_text(const std::string& room, const std::string& name);
/// A file of tests/data/sdp.
std::string sdp_file(const std::string& name);
std::string json_string(const std::string& text);

}  // namespace rooms
