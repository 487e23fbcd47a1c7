// SPDX-License-Identifier: LGPL-2.1-or-later
// The AudioBridge plugin of Janus: who publishes hears the others on the same connection, so there
// are no players.
#pragma once

#include "tests/load/janus_signalling.h"

namespace rooms::load {

class JanusBridge : public JanusSignalling {
 public:
  explicit JanusBridge(const Options& options) : JanusSignalling(options, "audiobridge") {}
  Result<RemoteEnd> publish(Client& client) override;
  Result<RemoteEnd> play(Client& client) override;
  [[nodiscard]] bool publishers_hear() const override { return true; }

 private:
  [[nodiscard]] std::string room_description(unsigned index) const override;
};

}  // namespace rooms::load
