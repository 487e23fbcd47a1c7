// SPDX-License-Identifier: LGPL-2.1-or-later
// `POST /api/hooks/rtmp`: an RTMP server (nginx's RTMP module) tells who publishes to it, and we
// fetch that stream into a room: docs/ingest.md.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gst/core/source/publish_call.h"
#include "server/http_exchange.h"
#include "server/source_visits.h"

namespace rooms {

struct RtmpHookSettings {
  /// "rtmp://127.0.0.1:1935": the only server that is fetched from, whoever calls. Empty: there is
  /// no hook.
  std::string pull_base;
  std::string secret;  ///< that the hook's address has as `?secret=`
};

class RtmpHook : public std::enable_shared_from_this<RtmpHook> {
 public:
  RtmpHook(RtmpHookSettings settings, std::shared_ptr<SourceVisits> visits)
      : settings_(std::move(settings)), visits_(std::move(visits)) {}

  void respond(const std::shared_ptr<HttpExchange>& exchange);

 private:
  struct Publisher {
    std::uint64_t number = 0;
    std::string room;
    std::string source;  ///< empty: it starts
  };
  using Publishers = std::map<std::string, Publisher>;

  void begin(const std::shared_ptr<HttpExchange>& exchange, const PublishCall& call);
  void begun(const std::string& stream, std::uint64_t number, std::uint64_t exchange,
             const Result<SourceInfo>& info, const std::string& room);
  void end(const std::string& stream);

  const RtmpHookSettings settings_;
  std::shared_ptr<SourceVisits> visits_;
  Publishers publishers_;  ///< by application and key
  std::uint64_t last_ = 0;
  ParkedExchanges waiting_;
};

}  // namespace rooms
