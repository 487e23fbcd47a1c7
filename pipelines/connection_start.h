// SPDX-License-Identifier: LGPL-2.1-or-later
// The beginning of a connection: everything that is the same whoever the client will be.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "gst/core/result.h"
#include "gst/glue/ref.h"
#include "gst/transport/media_transport.h"
#include "gst/transport/network.h"
#include "pipelines/channel_upkeep.h"

using GstWebRTCDataChannel = struct _GstWebRTCDataChannel;

namespace rooms {

/// A transport and a webrtcbin that runs and has negotiated. ICE and media are not webrtcbin's, so
/// all it has to know of a client is whether there will be data channels: it can be made before
/// there is a client, and moved into the pipeline of the room where one comes. One thread at a
/// time.
class ConnectionStart {
 public:
  /// Called on webrtcbin's and the network's threads, which must only post.
  struct Listener {
    std::function<void(MediaTransport::State)> on_ice_state;
    std::function<void()> on_keys;
    std::function<void(GstWebRTCDataChannel*)> on_data_channel;
    std::function<void(std::size_t made)> on_channel_made;
  };
  /// What DTLS has left behind; null: nothing yet.
  struct DtlsElements {
    Ref<GstElement> encoder;
    Ref<GstElement> decoder;
  };

  /// `pipeline` is playing. `name`: of the webrtcbin; empty: any.
  static Result<std::unique_ptr<ConnectionStart>> create(Network& network, GstBin* pipeline,
                                                         const std::string& name, bool data);
  /// Closes the connection and takes its webrtcbin out.
  ~ConnectionStart();
  ConnectionStart(const ConnectionStart&) = delete;
  ConnectionStart& operator=(const ConnectionStart&) = delete;

  /// Before anybody learns our credentials.
  void move_to(GstBin* pipeline, const std::string& name);
  /// Clients can reach it from now on. Once.
  void open(Listener listener);

  [[nodiscard]] const std::shared_ptr<MediaTransport>& transport() const { return transport_; }
  [[nodiscard]] GstElement* webrtcbin() const { return webrtcbin_.get(); }
  [[nodiscard]] DtlsElements dtls() const;
  /// How many data channels there have ever been.
  [[nodiscard]] std::size_t channels_made() const { return channels_->made(); }
  /// Of our certificate, as in an SDP: hash function, space, value.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  /// ICE has connected: DTLS begins.
  void begin_dtls();

 private:
  struct Shared;  // with webrtcbin's and the network's threads
  ConnectionStart();
  Status start(Network& network, GstBin* pipeline, const std::string& name, bool data);
  void watch();
  Status negotiate(bool data);

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<MediaTransport> transport_;
  GstBin* pipeline_ = nullptr;
  Ref<GstElement> webrtcbin_;
  std::unique_ptr<ChannelUpkeep> channels_;
  Ref<GstObject> agent_;
  std::string fingerprint_;
};

}  // namespace rooms
