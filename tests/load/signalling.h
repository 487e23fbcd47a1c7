// SPDX-License-Identifier: LGPL-2.1-or-later
// How a kind of server is asked for connections. All calls block, on one thread.
#pragma once

#include <memory>
#include <vector>

#include "gst/core/result.h"
#include "tests/load/client.h"
#include "tests/load/http_client.h"

namespace rooms::load {

class Signalling {
 public:
  virtual ~Signalling() = default;
  /// Is somebody there? Makes what rooms need. Before anything else.
  virtual Status open(const std::vector<std::string>& rooms) = 0;
  /// The server's end of the connection, ready to be started.
  virtual Result<RemoteEnd> publish(Client& client) = 0;
  virtual Result<RemoteEnd> play(Client& client) = 0;
  /// Gives the connection back; failures do not matter any more.
  virtual void leave(Client& client) = 0;
  /// Between calls, at least every second: what has to be said in time.
  virtual void tend() {}
  /// Who publishes in a meeting gets what it hears on the same connection: there are no players.
  [[nodiscard]] virtual bool publishers_hear() const { return false; }
  /// One connection can show several publishers.
  [[nodiscard]] virtual bool plays_several() const { return true; }
};

std::unique_ptr<Signalling> make_signalling(const Options& options);

}  // namespace rooms::load
