// SPDX-License-Identifier: LGPL-2.1-or-later
// One resource of a WHIP (RFC 9725) or WHEP (draft-ietf-wish-whep) server, from the client's side:
// the two differ in who sends media, not in what is asked by HTTP.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "elements/http_client.h"
#include "gst/core/client/http_outcome.h"
#include "gst/core/client/link_header.h"

namespace rooms {

/// On the thread of `http`, which has to live longer. Destroyed, it is answered nothing any more;
/// only what `remove` asked for still happens.
class WhipSession {
 public:
  struct Created {
    std::optional<Refusal> refusal;  ///< set: there is no resource
    std::string answer;
    std::vector<LinkedIceServer> ice_servers;
  };
  WhipSession(HttpClient& http, std::string uri, Duration limit);

  /// The ICE servers that OPTIONS tells; none if the server does not know OPTIONS, which is no
  /// error.
  void discover(std::function<void(std::vector<LinkedIceServer>)> told);
  void create(std::string offer, std::function<void(Created)> created);
  /// Sends candidates that were found after the offer; a server that takes none is not asked.
  void trickle(std::string fragment);
  /// Whether the resource is still there, as far as the server can say: false if it cannot be
  /// reached or does not know it.
  void inquire(std::function<void(bool)> told);
  /// DELETE. `done` is called in any case, `limit` later at the latest.
  void remove(Duration limit, std::function<void()> done);

 private:
  HttpClient& http_;
  std::string uri_;
  Duration limit_;
  std::string resource_;  // empty: none
  std::string entity_tag_;
  bool takes_candidates_ = false;
  std::shared_ptr<WhipSession*> self_;
};

}  // namespace rooms
