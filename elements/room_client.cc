// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/room_client.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "gst/core/client/link_header.h"
#include "gst/core/sdp/fragment.h"
#include "gst/core/sdp/negotiation.h"
#include "gst/glue/clock.h"
#include "gst/glue/sdp_reader.h"

namespace rooms {
namespace {

/// A STUN or TURN server that does not answer must not keep us from offering what there is.
constexpr Duration kLongestGathering = std::chrono::seconds(3);
/// ICE may find another path meanwhile.
constexpr Duration kLongestInterruption = std::chrono::seconds(5);
/// ICE takes the better part of a minute to notice that nobody answers; who hears nothing for so
/// long asks the server by HTTP. Silence alone proves nothing: the room may be empty.
constexpr Duration kLongestSilence = std::chrono::seconds(4);
constexpr Duration kWatchInterval = std::chrono::seconds(2);
constexpr Duration kLongestGoodbye = std::chrono::seconds(1);

}  // namespace

/// What the last one out waits for.
class Ending {
 public:
  void done() {
    std::lock_guard hold(mutex_);
    is_done_ = true;
    condition_.notify_all();
  }
  void wait() {
    std::unique_lock hold(mutex_);
    condition_.wait(hold, [this] { return is_done_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool is_done_ = false;
};

RoomClient::RoomClient(GstBin* bin, Settings settings, ClientSide& side)
    : bin_(share(bin)), settings_(std::move(settings)), side_(side), executor_(settings_.name) {}

RoomClient::~RoomClient() { stop(); }

void RoomClient::stop() {
  if (std::exchange(stopped_, true)) return;
  const auto ending = std::make_shared<Ending>();
  executor_.post([this, ending] { end(ending); });
  ending->wait();
}

void RoomClient::connect() {
  executor_.post([this] {
    if (!http_) http_ = std::make_unique<HttpClient>(executor_, settings_.http);
    if (!ended_ && !session_) start_attempt();
  });
}

void RoomClient::reconnect() {
  executor_.post([this] {
    if (ended_ || !http_) return;
    hang_up();
    start_attempt();
  });
}

void RoomClient::start_attempt() {
  retry_.cancel();
  tell(ConnectionState::kConnecting);
  offered_ = false;
  waiting_for_ = "the server's answer";
  deadline_ = executor_.call_later(settings_.timeout, [this] { on_timeout(); });
  session_ = std::make_unique<WhipSession>(*http_, settings_.uri, settings_.timeout);
  session_->discover([this](std::vector<LinkedIceServer> servers) {
    if (!servers.empty()) known_servers_ = std::move(servers);
    make_link(known_servers_);
  });
}

void RoomClient::make_link(const std::vector<LinkedIceServer>& servers) {
  PeerLink::Settings link;
  link.name = settings_.name + "-webrtcbin";
  if (!settings_.stun_server.empty()) link.ice_uris.push_back(settings_.stun_server);
  if (!settings_.turn_server.empty()) link.ice_uris.push_back(settings_.turn_server);
  for (const auto& server : servers)
    if (auto uri = agent_uri(server)) link.ice_uris.push_back(std::move(*uri));
  link.loopback = is_loopback_uri(settings_.uri);
  link.jitter_buffer = settings_.jitter_buffer;
  link.aux_sender = side_.make_aux_sender();
  PeerLink::Callbacks callbacks;
  callbacks.on_gathered = [this] { send_offer(); };
  callbacks.on_state = [this](PeerLink::State state) { on_link_state(state); };
  callbacks.on_pad = [side = &side_](GstPad* pad) { side->on_pad(pad); };
  callbacks.on_sdes = [side = &side_](std::uint32_t ssrc, const std::string& name,
                                      const std::string& note) { side->on_sdes(ssrc, name, note); };
  auto made = PeerLink::create(executor_, bin_.get(), std::move(link), side_.sections(),
                               std::move(callbacks));
  if (!made) return lose({made.error(), true});
  link_ = std::move(*made);
  gathering_ = executor_.call_later(kLongestGathering, [this] { send_offer(); });
}

/// Once all candidates are there; or before, and those that come later follow by PATCH.
void RoomClient::send_offer() {
  gathering_.cancel();
  auto local = link_->local();
  if (!local) return lose({local.error(), true});
  if (std::exchange(offered_, true)) {
    SdpFragment fragment;
    fragment.media = std::string(name_of(local->media.front().kind)) + " 9 UDP/TLS/RTP/SAVPF 0";
    fragment.mid = local->media.front().mid;
    fragment.ufrag = local->media.front().transport.ufrag;
    fragment.pwd = local->media.front().transport.pwd;
    fragment.candidates = candidates_in(*local);
    fragment.end_of_candidates = true;
    return session_->trickle(write_fragment(fragment));
  }
  offer_ = side_.offer(*local);
  session_->create(write_sdp(offer_),
                   [this](WhipSession::Created created) { on_created(std::move(created)); });
}

void RoomClient::on_created(WhipSession::Created created) {
  if (created.refusal) return lose(std::move(*created.refusal));
  if (!created.ice_servers.empty()) known_servers_ = created.ice_servers;
  const auto answer = read_sdp(created.answer);
  if (!answer)
    return lose({{"bad-answer", "The server's answer is no SDP. " + answer.error().message}, true});
  auto accepted = side_.accept(offer_, *answer);
  if (!accepted) return lose({accepted.error(), true});
  named_ = std::move(accepted->transport);
  waiting_for_ = "ICE and DTLS: is the server's media port reachable from here?";
  if (auto status = link_->accept(accepted->for_webrtcbin); !status)
    return lose({status.error(), true});
}

void RoomClient::on_link_state(PeerLink::State state) {
  switch (state) {
    case PeerLink::State::kConnecting:
      return;
    case PeerLink::State::kConnected:
      return on_connected();
    case PeerLink::State::kDisconnected:
      if (is_connected_)
        deadline_ = executor_.call_later(kLongestInterruption, [this] {
          lose({{"connection-lost", "The way to the server was lost."}, false});
        });
      return;
    case PeerLink::State::kFailed:
      if (is_connected_)
        return lose({{"connection-lost", "The connection to the server was lost."}, false});
      return lose({{"ice-failed",
                    "ICE or DTLS with the server failed: is its media port reachable from here?"},
                   false});
  }
}

void RoomClient::on_connected() {
  deadline_.cancel();
  if (is_connected_) return;
  if (auto status = link_->check_certificate(named_); !status) return lose({status.error(), true});
  is_connected_ = was_connected_ = true;
  back_off_.reset();
  tell(ConnectionState::kConnected);
  inquiring_ = false;
  watch_ = executor_.call_every(kWatchInterval, [this] { watch_silence(); });
  side_.connected(*link_);
}

void RoomClient::watch_silence() {
  if (inquiring_ || monotonic_now() - link_->last_heard() < kLongestSilence) return;
  inquiring_ = true;
  session_->inquire([this](bool is_there) {
    inquiring_ = false;
    if (!is_there)
      lose({{"connection-lost", "The server fell silent, and does not know us any more."}, false});
  });
}

void RoomClient::on_timeout() {
  const auto seconds = std::chrono::duration<double>(settings_.timeout).count();
  std::string text = std::to_string(seconds);
  text.resize(text.find('.') + 2);
  lose({{"timeout", "No connection within " + text + " s. Waited for " + waiting_for_ + "."},
        false});
}

void RoomClient::lose(Refusal why) {
  const bool goes_on = (was_connected_ ? settings_.reconnect : settings_.wait_for_server) &&
                       (!why.permanent || (was_connected_ && why.error.code == "not-found"));
  hang_up();
  if (!goes_on) {
    ended_ = true;
    tell(ConnectionState::kFailed, why.error.message);
    return side_.give_up(why.error);
  }
  const Duration wait = back_off_.next(g_random_double());
  tell(ConnectionState::kWaiting, why.error.message, wait);
  retry_ = executor_.call_later(wait, [this] { start_attempt(); });
}

/// The old resource is let go of, whether the server hears it or not.
void RoomClient::hang_up() {
  deadline_.cancel();
  gathering_.cancel();
  retry_.cancel();
  watch_.cancel();
  is_connected_ = false;
  side_.disconnected();
  link_.reset();
  side_.link_gone();
  if (session_) session_->remove(settings_.timeout, [] {});
  session_.reset();
}

void RoomClient::end(const std::shared_ptr<Ending>& ending) {
  ended_ = true;
  const auto session = std::shared_ptr<WhipSession>(std::move(session_));
  hang_up();
  tell(ConnectionState::kDisconnected);
  const auto finish = [this, ending] {
    // Not inside of the HTTP client's own answer.
    executor_.post([this, ending] {
      http_.reset();
      ending->done();
    });
  };
  if (!session) return finish();
  session->remove(kLongestGoodbye, finish);
}

void RoomClient::tell(ConnectionState state, std::string reason, Duration wait) {
  side_.tell({state, std::move(reason), back_off_.attempts(), wait});
}

}  // namespace rooms
