// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/connection_start.h"

#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "gst/glue/webrtc_promise.h"
#include "gst/transport/ice_agent.h"

namespace rooms {
namespace {

/// What webrtcbin is told the client had offered. Its credentials and fingerprint are placeholders:
/// ICE is not webrtcbin's, and 1.22 compares no fingerprints (we do, in on_keys).
std::string synthetic_offer(bool data) {
  const std::string media = data ? "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                 : "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
  const std::string tail = data ? "a=sctp-port:5000\r\na=max-message-size:262144\r\n"
                                : "a=sendonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";
  std::string fingerprint = "00";
  for (int i = 1; i < 32; ++i) fingerprint += ":00";
  return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n" + media +
         "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:none\r\na=ice-pwd:nonenonenonenonenonenone\r\n"
         "a=fingerprint:sha-256 " +
         fingerprint + "\r\na=setup:active\r\n" + tail;
}

}  // namespace

/// What is called meanwhile is of this connection, so it outlives the object that made it.
struct ConnectionStart::Shared {
  std::mutex mutex;
  DtlsElements dtls;  // under mutex
  Listener listener;  // under mutex

  template <class Member, class... Args>
  void tell(Member member, Args... args) {
    std::unique_lock hold(mutex);
    const auto call = listener.*member;
    hold.unlock();
    if (call) call(args...);
  }
};

namespace {

/// Connects a handler whose data is a boxed `shared`.
template <class T>
void connect(gpointer object, const char* signal, GCallback handler,
             const std::shared_ptr<T>& shared) {
  g_signal_connect_data(
      object, signal, handler, new std::shared_ptr<T>(shared),
      [](gpointer data, GClosure*) { delete static_cast<std::shared_ptr<T>*>(data); },
      static_cast<GConnectFlags>(0));
}

}  // namespace

ConnectionStart::ConnectionStart() : shared_(std::make_shared<Shared>()) {}

Result<std::unique_ptr<ConnectionStart>> ConnectionStart::create(Network& network, GstBin* pipeline,
                                                                 const std::string& name,
                                                                 bool data) {
  auto connection = std::unique_ptr<ConnectionStart>(new ConnectionStart);
  if (auto started = connection->start(network, pipeline, name, data); !started)
    return started.error();
  return connection;
}

Status ConnectionStart::start(Network& network, GstBin* pipeline, const std::string& name,
                              bool data) {
  // The listener runs on network workers, possibly after this is gone.
  auto transport = network.prepare_transport([shared = shared_](MediaTransport::State state) {
    shared->tell(&Listener::on_ice_state, state);
  });
  if (!transport) return transport.error();
  transport_ = std::move(*transport);
  auto* agent = make_ice_agent(transport_);
  agent_ = share(GST_OBJECT(agent));
  // Construct-only, and the property takes over one reference (gstwebrtcbin.c has no ref in its
  // setter).
  webrtcbin_ = sink(gst_element_factory_make_full(
      "webrtcbin", "name", name.empty() ? nullptr : name.c_str(), "ice-agent", agent,
      "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr));
  if (!webrtcbin_)
    return Error{
        "plugin-missing",
        "There is no element 'webrtcbin'. Install gstreamer1.0-plugins-bad and gstreamer1.0-nice."};
  watch();
  pipeline_ = pipeline;
  gst_bin_add(pipeline_, webrtcbin_.get());
  gst_element_sync_state_with_parent(webrtcbin_.get());
  return negotiate(data);
}

void ConnectionStart::watch() {
  channels_ = std::make_unique<ChannelUpkeep>(webrtcbin_.get(), [shared = shared_](std::size_t n) {
    shared->tell(&Listener::on_channel_made, n);
  });
  connect(webrtcbin_.get(), "deep-element-added",
          G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer data) {
            const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
            const auto* factory = gst_element_get_factory(element);
            const std::string kind = factory ? GST_OBJECT_NAME(factory) : "";
            if (kind != "dtlsenc" && kind != "dtlsdec") return;
            {
              std::lock_guard hold(shared->mutex);
              (kind == "dtlsenc" ? shared->dtls.encoder : shared->dtls.decoder) = share(element);
            }
            connect(element, "on-key-received", G_CALLBACK(+[](GstElement*, gpointer inner) {
                      (*static_cast<std::shared_ptr<Shared>*>(inner))->tell(&Listener::on_keys);
                    }),
                    shared);
          }),
          shared_);
  connect(
      webrtcbin_.get(), "on-data-channel",
      G_CALLBACK(+[](GstElement*, GstWebRTCDataChannel* channel, gpointer data) {
        (*static_cast<std::shared_ptr<Shared>*>(data))->tell(&Listener::on_data_channel, channel);
      }),
      shared_);
}

Status ConnectionStart::negotiate(bool data) {
  GstSDPMessage* message = nullptr;
  gst_sdp_message_new_from_text(synthetic_offer(data).c_str(), &message);
  const Description offer(gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, message),
                          gst_webrtc_session_description_free);
  if (auto error = error_in(call(webrtcbin_.get(), "set-remote-description", offer.get()).get());
      !error.empty())
    return Error{"webrtcbin", "webrtcbin refused its description: " + error};

  const auto reply = call(webrtcbin_.get(), "create-answer", nullptr);
  GstWebRTCSessionDescription* raw = nullptr;
  if (const auto* structure = gst_promise_get_reply(reply.get()))
    gst_structure_get(structure, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &raw, nullptr);
  if (!raw) return Error{"webrtcbin", "webrtcbin made no answer: " + error_in(reply.get())};
  const Description answer(raw, gst_webrtc_session_description_free);
  const auto* media = gst_sdp_message_get_media(answer->sdp, 0);
  const char* fingerprint = media ? gst_sdp_media_get_attribute_val(media, "fingerprint") : nullptr;
  if (!fingerprint) return Error{"webrtcbin", "webrtcbin's answer has no fingerprint."};
  fingerprint_ = fingerprint;
  if (auto error = error_in(call(webrtcbin_.get(), "set-local-description", answer.get()).get());
      !error.empty())
    return Error{"webrtcbin", "webrtcbin refused its own description: " + error};
  return Done{};
}

ConnectionStart::~ConnectionStart() {
  {
    std::lock_guard hold(shared_->mutex);
    shared_->listener = {};
  }
  if (transport_) transport_->close();
  if (!webrtcbin_) return;
  gst_element_set_locked_state(webrtcbin_.get(), TRUE);
  gst_element_set_state(webrtcbin_.get(), GST_STATE_NULL);
  if (pipeline_) gst_bin_remove(pipeline_, webrtcbin_.get());
  if (channels_) channels_->release();
  // The DTLS elements hold closures that hold what is shared, which holds them.
  std::lock_guard hold(shared_->mutex);
  shared_->dtls = {};
}

void ConnectionStart::move_to(GstBin* pipeline, const std::string& name) {
  // It goes on playing: only its bus and its clock change, and those are the same clock.
  gst_bin_remove(pipeline_, webrtcbin_.get());
  gst_object_set_name(GST_OBJECT(webrtcbin_.get()), name.c_str());
  pipeline_ = pipeline;
  gst_bin_add(pipeline_, webrtcbin_.get());
}

void ConnectionStart::open(Listener listener) {
  {
    std::lock_guard hold(shared_->mutex);
    shared_->listener = std::move(listener);
  }
  transport_->start();
}

ConnectionStart::DtlsElements ConnectionStart::dtls() const {
  std::lock_guard hold(shared_->mutex);
  return shared_->dtls;
}

void ConnectionStart::begin_dtls() { connect_ice(GST_WEBRTC_ICE(agent_.get())); }

}  // namespace rooms
