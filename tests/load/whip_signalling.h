// SPDX-License-Identifier: LGPL-2.1-or-later
// WHIP (RFC 9725) and WHEP: one POST for each connection.
#pragma once

#include "tests/load/signalling.h"

namespace rooms::load {

class WhipSignalling : public Signalling {
 public:
  explicit WhipSignalling(const Options& options);
  Status open(const std::vector<std::string>& rooms) override;
  Result<RemoteEnd> publish(Client& client) override;
  Result<RemoteEnd> play(Client& client) override;
  void leave(Client& client) override;
  [[nodiscard]] bool plays_several() const override;

 private:
  Result<RemoteEnd> post(Client& client, const std::string& path);

  const Options& options_;
  HttpClient http_;
  bool gone_ = false;  ///< the server did not hear one goodbye, so no more of them
};

}  // namespace rooms::load
