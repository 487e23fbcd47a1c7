// SPDX-License-Identifier: LGPL-2.1-or-later
// One peer connection on stock webrtcbin, which is put into a bin and taken out again: from the
// offer to media that may flow. What webrtcbin 1.22 cannot say is said in SDPs of our own
// (gst/core/client).
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/sdp/description.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"

namespace rooms {

/// All methods on the executor's thread, which also makes and destroys it.
class PeerLink {
 public:
  struct Settings {
    std::string name;
    std::vector<std::string> ice_uris;  ///< stun://.., turn://user:password@..
    bool loopback = false;              ///< the server is on this machine
    std::chrono::milliseconds jitter_buffer{200};
    /// What sends: between webrtcbin's funnel and its RTP session; nullptr: nothing. Floating.
    Ref<GstElement> aux_sender;
  };
  struct Section {
    MediaKind kind;
    bool sends;
    std::string caps;  ///< application/x-rtp
  };
  enum class State { kConnecting, kConnected, kDisconnected, kFailed };
  struct Callbacks {
    std::function<void()> on_gathered;
    std::function<void(State)> on_state;
    // On threads of webrtcbin, not the executor's.
    std::function<void(GstPad*)> on_pad;
    /// What a source says of itself has changed (SDES, RFC 3550 6.5).
    std::function<void(std::uint32_t ssrc, std::string name, std::string note)> on_sdes;
  };

  static Result<std::unique_ptr<PeerLink>> create(Executor& executor, GstBin* bin,
                                                  Settings settings,
                                                  const std::vector<Section>& sections,
                                                  Callbacks callbacks);
  ~PeerLink();
  PeerLink(const PeerLink&) = delete;
  PeerLink& operator=(const PeerLink&) = delete;

  /// Makes the local description, with what has been gathered until now.
  [[nodiscard]] Result<SessionDescription> local() const;
  Status accept(const SessionDescription& answer);
  /// Whether the certificate of the DTLS handshake is the one the answer named: webrtcbin 1.22 does
  /// not look.
  [[nodiscard]] Status check_certificate(const SdpTransport& named) const;
  /// When the peer last sent anything but ICE.
  [[nodiscard]] Timestamp last_heard() const;
  [[nodiscard]] GstElement* webrtcbin() const { return webrtcbin_.get(); }

 private:
  struct Shared;
  PeerLink(Executor& executor, GstBin* bin, Callbacks callbacks);
  Status start(Settings settings, const std::vector<Section>& sections);
  void connect_signals();
  void prepare_agent(const Settings& settings);
  Status make_offer();
  void on_gathering();
  void on_connection();

  Executor& executor_;
  Ref<GstBin> bin_;
  Callbacks callbacks_;
  Ref<GstElement> webrtcbin_;
  std::vector<gulong> signals_;
  bool gathered_ = false;
  std::shared_ptr<Shared> shared_;
};

}  // namespace rooms
