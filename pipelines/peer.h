// SPDX-License-Identifier: LGPL-2.1-or-later
// One peer connection: a webrtcbin for DTLS and SCTP, and the transport its media takes beside it.
//
//            +-- webrtcbin -------------------------+
//   socket --| our ICE agent -> DTLS -> SCTP        |-- data channels
//      |     +------------------|-------------------+
//      |                        | SRTP keys, peer's certificate
//      +-- MediaTransport <-----+ admitted once the certificate is the one the SDP promised
//               |   ^
//        sfureceive sfusend
//
// webrtcbin is told a synthetic offer with one section, whatever the client's SDP looks like: what
// it does with it is DTLS and SCTP only, and slots that come and go never make it negotiate again.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "gst/transport/media_transport.h"
#include "gst/transport/network.h"
#include "pipelines/connection_stock.h"
#include "pipelines/data_channel.h"
#include "pipelines/events.h"

namespace rooms {

/// Room thread only, its callbacks included.
class Peer {
 public:
  struct Callbacks {
    /// kConnected: DTLS is done and the certificate is right. kFailed says why.
    std::function<void(ConnectionState state, std::string reason)> on_state;
    std::function<void(std::shared_ptr<DataChannel> channel)> on_data_channel;
  };
  struct Settings {
    std::string name;  ///< of the webrtcbin, for logs and errors
    bool data = false;
  };

  static Result<std::unique_ptr<Peer>> create(ConnectionStock& stock, Executor& room,
                                              GstBin* pipeline, const Settings& settings,
                                              Callbacks callbacks);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Ours, for an SDP; `setup` is left to the caller.
  [[nodiscard]] SdpTransport local_transport() const;
  /// New ICE credentials for the next SDP (RFC 8445 9).
  void restart_ice();
  /// What the peer's SDP says of itself; media is admitted only from that certificate.
  /// `candidates` are theirs, of the SDP; `we_offered` decides who controls (RFC 8445 6.1.1). Only
  /// a full agent cares.
  void expect(const SdpTransport& remote, const std::vector<std::string>& candidates,
              bool we_offered);
  /// Ours, for an SDP.
  [[nodiscard]] std::vector<std::string> candidates() const;
  [[nodiscard]] bool is_ice_lite() const;
  [[nodiscard]] const SdpTransport& remote_transport() const { return remote_; }
  [[nodiscard]] const std::shared_ptr<MediaTransport>& transport() const {
    return connection_->transport();
  }
  [[nodiscard]] GstElement* webrtcbin() const { return connection_->webrtcbin(); }
  [[nodiscard]] bool has_data() const { return data_; }
  [[nodiscard]] ConnectionState state() const { return state_; }

  /// The connection is over; on_state says why.
  void fail(const std::string& reason);
  /// nullptr: no SCTP on this connection, or 32 channels have been opened on it already. (A peer
  /// that opens more than that itself fails at the 65th.)
  std::shared_ptr<DataChannel> open_channel(const DataChannelSettings& settings);

 private:
  Peer(Executor& room, Callbacks callbacks);
  void take(std::unique_ptr<ConnectionStart> connection);
  void on_ice_state(MediaTransport::State state);
  void on_keys();
  void become(ConnectionState state, const std::string& reason);

  Executor& room_;
  Callbacks callbacks_;
  std::unique_ptr<ConnectionStart> connection_;
  SdpTransport remote_;
  bool data_ = false;
  bool keys_set_ = false;
  ConnectionState state_ = ConnectionState::kNew;
  DelayedCall handshake_deadline_;
  /// Tasks that were posted for a peer that is gone find this expired.
  std::shared_ptr<Peer*> self_;
};

}  // namespace rooms
