// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/rtmp_hook.h"

#include <glib.h>
#include <openssl/crypto.h>

#include <utility>

#include "server/http_rules.h"
#include "server/names.h"

namespace rooms {
namespace {

/// Whatever becomes of the connection, who publishes begins anew, and the hook tells it; this is
/// for a server that restarts.
constexpr unsigned kMostRetries = 6;

bool same(const std::string& a, const std::string& b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

void RtmpHook::respond(const std::shared_ptr<HttpExchange>& exchange) {
  if (settings_.pull_base.empty())
    return exchange->refuse(SOUP_STATUS_NOT_FOUND,
                            {"hook-off", "There is no hook: rtmp-pull-base is not set."});
  if (exchange->method() != "POST") return exchange->refuse_method("POST");
  if (!same(exchange->query("secret"), settings_.secret))
    return exchange->refuse(
        SOUP_STATUS_FORBIDDEN,
        {"hook-secret", "The hook's address should end with ?secret= and rtmp-hook-secret."});
  const auto type = exchange->header("Content-Type").value_or("");
  if (!is_media_type(type, "application/x-www-form-urlencoded"))
    return exchange->refuse(SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE,
                            {"content-type", "POST a form, as nginx's RTMP module does."});
  const auto call = read_publish_call(exchange->body());
  if (!call) return exchange->refuse(SOUP_STATUS_BAD_REQUEST, call.error());
  end(call->app + "/" + call->key);
  if (call->begins) return begin(exchange, *call);
  exchange->respond(SOUP_STATUS_NO_CONTENT);
}

void RtmpHook::begin(const std::shared_ptr<HttpExchange>& exchange, const PublishCall& call) {
  const auto& [room, name] = call.place;
  if (auto named = check_name("room", room); !named)
    return exchange->refuse(SOUP_STATUS_BAD_REQUEST, named.error());
  if (!g_utf8_validate(name.data(), static_cast<gssize>(name.size()), nullptr))
    return exchange->refuse(SOUP_STATUS_BAD_REQUEST,
                            {"stream-key", "The name in the stream key is not UTF-8."});
  SourceRequest request;
  request.uri = pull_uri(settings_.pull_base, call);
  request.name = name;
  request.most_retries = kMostRetries;
  request.is_trusted = true;
  const auto stream = call.app + "/" + call.key;
  const auto number = ++last_;
  publishers_[stream] = {number, room, {}};
  const auto parked = waiting_.park(exchange);
  const auto weak = weak_from_this();
  visits_->start(
      room, std::move(request),
      [=, where = room](const Result<SourceInfo>& info) {
        if (const auto self = weak.lock()) self->begun(stream, number, parked, info, where);
      },
      [=] {
        const auto self = weak.lock();
        const auto found = self ? self->publishers_.find(stream) : Publishers::iterator();
        if (self && found != self->publishers_.end() && found->second.number == number)
          self->publishers_.erase(found);
      });
}

void RtmpHook::begun(const std::string& stream, std::uint64_t number, std::uint64_t exchange,
                     const Result<SourceInfo>& info, const std::string& room) {
  const auto found = publishers_.find(stream);
  const bool is_wanted = found != publishers_.end() && found->second.number == number;
  if (is_wanted && info) found->second.source = info->id;
  if (is_wanted && !info) publishers_.erase(found);
  if (!is_wanted && info) visits_->stop(room, info->id);
  const auto waiting = waiting_.take(exchange);
  if (!waiting) return;
  if (!info) return waiting->refuse(status_of(info.error()), info.error());
  waiting->respond(SOUP_STATUS_NO_CONTENT);
}

void RtmpHook::end(const std::string& stream) {
  const auto publisher = publishers_.extract(stream);
  if (publisher && !publisher.mapped().source.empty())
    visits_->stop(publisher.mapped().room, publisher.mapped().source);
}

}  // namespace rooms
