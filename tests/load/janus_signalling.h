// SPDX-License-Identifier: LGPL-2.1-or-later
// Janus through its HTTP API, by default its VideoRoom plugin: one session, a handle for each
// connection, no trickling. Subscribers take all feeds in one connection, which Janus 1.x can do.
#pragma once

#include <deque>
#include <map>

#include "tests/load/json_value.h"
#include "tests/load/signalling.h"

namespace rooms::load {

class JanusSignalling : public Signalling {
 public:
  explicit JanusSignalling(const Options& options, std::string plugin = "videoroom");
  ~JanusSignalling() override;
  Status open(const std::vector<std::string>& rooms) override;
  Result<RemoteEnd> publish(Client& client) override;
  Result<RemoteEnd> play(Client& client) override;
  void leave(Client& client) override;
  void tend() override;

 protected:
  Result<std::string> attach();
  /// Sends a message to the plugin and waits for its event.
  Result<JsonValue> message(const std::string& handle, const std::string& body,
                            const std::string& jsep, const char* expected);
  [[nodiscard]] std::int64_t room_id(unsigned index) const { return first_room_ + index; }
  /// What the client offers, as Janus wants it.
  static std::string offered(const Client& client);

 private:
  /// What a new room is to be.
  [[nodiscard]] virtual std::string room_description(unsigned index) const;
  Result<JsonValue> post(const std::string& path, const std::string& fields);
  Result<JsonValue> await_event(const std::string& transaction);

  const Options& options_;
  const std::string plugin_;
  HttpClient http_;
  bool gone_ = false;    ///< the server did not hear one goodbye, so no more of them
  std::string session_;  ///< path of it
  std::string rooms_handle_;
  std::int64_t first_room_;
  unsigned rooms_created_ = 0;
  unsigned transactions_ = 0;
  std::deque<JsonValue> events_;
  Timestamp next_keepalive_;
};

}  // namespace rooms::load
