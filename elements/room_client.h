// SPDX-License-Identifier: LGPL-2.1-or-later
// What roomsink and roomsrc have in common: a resource of a WHIP or WHEP server, the peer
// connection that goes with it, and what happens when either is lost. It has a thread of its own;
// nothing that the application calls waits for the network, but for the end, which waits a bounded
// time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "elements/http_client.h"
#include "elements/peer_link.h"
#include "elements/whip_session.h"
#include "gst/core/client/back_off.h"
#include "gst/core/client/http_outcome.h"

namespace rooms {

enum class ConnectionState {
  kDisconnected,  ///< not started, or ended
  kConnecting,    ///< asking the server, or waiting for ICE and DTLS
  kConnected,     ///< media may flow
  kWaiting,       ///< lost; it is tried again after a while
  kFailed,        ///< given up
};

struct ConnectionNews {
  ConnectionState state = ConnectionState::kDisconnected;
  std::string reason;    ///< why it was lost, else empty
  unsigned attempt = 0;  ///< how often it has been tried since it last worked
  Duration wait{};       ///< kWaiting: until the next attempt
};

/// What differs between those who send and those who receive. On the client's thread, but for
/// `on_pad` and `on_sdes`, which are on those of webrtcbin.
class ClientSide {
 public:
  struct Accepted {
    SessionDescription for_webrtcbin;
    SdpTransport transport;
  };
  virtual std::vector<PeerLink::Section> sections() = 0;
  /// Floating, or nothing.
  virtual Ref<GstElement> make_aux_sender() { return {}; }
  virtual SessionDescription offer(const SessionDescription& local) = 0;
  virtual Result<Accepted> accept(const SessionDescription& offer,
                                  const SessionDescription& answer) = 0;
  virtual void on_pad(GstPad* /*pad*/) {}
  virtual void on_sdes(std::uint32_t /*ssrc*/, const std::string& /*name*/,
                       const std::string& /*note*/) {}
  virtual void connected(PeerLink& link) = 0;
  /// The link goes next. Also called when it never was connected.
  virtual void disconnected() = 0;
  /// No pad of the link will come any more, and no data.
  virtual void link_gone() {}
  virtual void tell(const ConnectionNews& news) = 0;
  virtual void give_up(const Error& error) = 0;

 protected:
  ~ClientSide() = default;
};

class Ending;

class RoomClient {
 public:
  struct Settings {
    std::string uri;
    HttpClient::Settings http;
    std::string stun_server;  ///< stun://host:port; empty: only those the server tells
    std::string turn_server;  ///< turn://user:password@host:port
    Duration timeout = std::chrono::seconds(15);
    bool reconnect = true;
    bool wait_for_server = false;
    std::chrono::milliseconds jitter_buffer{200};
    std::string name;
  };
  RoomClient(GstBin* bin, Settings settings, ClientSide& side);
  ~RoomClient();
  RoomClient(const RoomClient&) = delete;
  RoomClient& operator=(const RoomClient&) = delete;

  /// Any thread.
  void connect();
  /// Ends what there is and connects anew with other sections. Any thread.
  void reconnect();
  /// Ends the resource, and waits for that for a second at most; nothing is told afterwards. Any
  /// thread but its own.
  void stop();
  [[nodiscard]] Executor& executor() { return executor_; }

 private:
  void start_attempt();
  void make_link(const std::vector<LinkedIceServer>& servers);
  void send_offer();
  void on_created(WhipSession::Created created);
  void on_link_state(PeerLink::State state);
  void on_connected();
  void on_timeout();
  void watch_silence();
  void lose(Refusal why);
  void hang_up();
  void end(const std::shared_ptr<Ending>& ending);
  void tell(ConnectionState state, std::string reason = {}, Duration wait = {});

  Ref<GstBin> bin_;
  Settings settings_;
  ClientSide& side_;
  bool stopped_ = false;  // who calls stop()
  // From here on: the executor's thread.
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<WhipSession> session_;
  std::unique_ptr<PeerLink> link_;
  SessionDescription offer_;
  SdpTransport named_;
  std::vector<LinkedIceServer> known_servers_;
  DelayedCall gathering_;
  DelayedCall deadline_;
  DelayedCall retry_;
  DelayedCall watch_;
  BackOff back_off_;
  const char* waiting_for_ = "";
  bool offered_ = false;
  bool was_connected_ = false;
  bool is_connected_ = false;
  bool ended_ = false;
  bool inquiring_ = false;
  Executor executor_;  // last: its thread ends before what it uses
};

}  // namespace rooms
