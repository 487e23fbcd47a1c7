// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms of gst-rooms through /ws (docs/signalling.md): one socket for each participant, who
// publishes and subscribes on it.
#pragma once

#include <map>
#include <memory>

#include "tests/load/json_value.h"
#include "tests/load/signalling.h"

namespace rooms::load {

class SocketLine;

class SocketSignalling : public Signalling {
 public:
  explicit SocketSignalling(const Options& options);
  ~SocketSignalling() override;
  Status open(const std::vector<std::string>& rooms) override;
  Result<RemoteEnd> publish(Client& client) override;
  Result<RemoteEnd> play(Client& client) override;
  void leave(Client& client) override;
  void tend() override;

 private:
  Result<JsonValue> ask(SocketLine& line, const std::string& type, const std::string& fields,
                        const char* expected);
  void answer_offers(SocketLine& line);

  const Options& options_;
  HttpClient http_;
  bool gone_ = false;  ///< the server did not hear one goodbye, so no more of them
  std::map<std::string, std::unique_ptr<SocketLine>> lines_;  ///< by room and name
};

}  // namespace rooms::load
