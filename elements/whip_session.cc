// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/whip_session.h"

#include <algorithm>
#include <utility>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr const char* kSdp = "application/sdp";
constexpr const char* kFragment = "application/trickle-ice-sdpfrag";

/// Who does not answer OPTIONS must not hold up the offer for long.
constexpr Duration kLongestDiscovery = std::chrono::seconds(3);

Refusal refusal_in(const HttpReply& reply) {
  if (reply.tls_failed)
    return {{"tls", "The server's TLS certificate is not accepted (" + reply.uri + "). " +
                        reply.failure + " Property 'tls-strict' tells whether it has to be valid."},
            true};
  return refusal_of(reply.status, reply.uri, reply.status == 0 ? reply.failure : reply.body);
}

}  // namespace

WhipSession::WhipSession(HttpClient& http, std::string uri, Duration limit)
    : http_(http),
      uri_(std::move(uri)),
      limit_(limit),
      self_(std::make_shared<WhipSession*>(this)) {}

void WhipSession::discover(std::function<void(std::vector<LinkedIceServer>)> told) {
  HttpRequest request;
  request.method = "OPTIONS";
  request.uri = uri_;
  request.limit = std::min(limit_, kLongestDiscovery);
  const std::weak_ptr<WhipSession*> weak = self_;
  http_.send(std::move(request), [weak, told = std::move(told)](const HttpReply& reply) {
    if (weak.expired()) return;
    const bool answered = reply.status >= 200 && reply.status < 300;
    told(answered ? ice_servers_in(reply.links) : std::vector<LinkedIceServer>());
  });
}

void WhipSession::create(std::string offer, std::function<void(Created)> created) {
  HttpRequest request;
  request.method = "POST";
  request.uri = uri_;
  request.content_type = kSdp;
  request.body = std::move(offer);
  request.limit = limit_;
  const std::weak_ptr<WhipSession*> weak = self_;
  http_.send(std::move(request), [weak, created = std::move(created)](HttpReply reply) {
    const auto alive = weak.lock();
    if (!alive) return;
    auto& self = **alive;
    Created result;
    if (reply.status != 201) {
      result.refusal = refusal_in(reply);
    } else {
      self.resource_ = resolved_uri(reply.uri, reply.location);
      self.entity_tag_ = reply.entity_tag;
      self.takes_candidates_ = reply.accept_patch.find(kFragment) != std::string::npos;
      result.ice_servers = ice_servers_in(reply.links);
      result.answer = std::move(reply.body);
      if (!equal_ignoring_case(reply.content_type, kSdp))
        result.refusal = Refusal{{"not-sdp", "The answer of " + reply.uri + " is '" +
                                                 reply.content_type + "', not application/sdp."},
                                 true};
    }
    created(std::move(result));
  });
}

void WhipSession::trickle(std::string fragment) {
  if (resource_.empty() || !takes_candidates_) return;
  HttpRequest request;
  request.method = "PATCH";
  request.uri = resource_;
  request.content_type = kFragment;
  request.body = std::move(fragment);
  request.if_match = entity_tag_.empty() ? "*" : entity_tag_;
  request.limit = limit_;
  http_.send(std::move(request), [](const HttpReply&) {});
}

void WhipSession::inquire(std::function<void(bool)> told) {
  HttpRequest request;
  request.method = "OPTIONS";
  request.uri = resource_;
  request.limit = std::min(limit_, kLongestDiscovery);
  const std::weak_ptr<WhipSession*> weak = self_;
  http_.send(std::move(request), [weak, told = std::move(told)](const HttpReply& reply) {
    if (weak.expired()) return;
    told(reply.status != 0 && reply.status != 404 && reply.status != 410);
  });
}

void WhipSession::remove(Duration limit, std::function<void()> done) {
  if (resource_.empty()) return done();
  HttpRequest request;
  request.method = "DELETE";
  request.uri = std::exchange(resource_, {});
  request.limit = limit;
  http_.send(std::move(request), [done = std::move(done)](const HttpReply&) { done(); });
}

}  // namespace rooms
