// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/peer_link.h"

#include <gst/sdp/sdp.h>

#include <atomic>
#include <mutex>
#include <utility>

#include "gst/core/sdp/negotiation.h"
#include "gst/glue/certificate.h"
#include "gst/glue/clock.h"
#include "gst/glue/sdp_reader.h"
#include "gst/glue/webrtc_promise.h"
#include "gst/transport/interface_addresses.h"

namespace rooms {
namespace {

/// The RTP session itself, which rtpbin makes with its first use; null: not yet.
Ref<GObject> session_of(GstElement* rtpbin, guint id) {
  GObject* session = nullptr;
  g_signal_emit_by_name(rtpbin, "get-internal-session", id, &session);
  return adopt(session);
}

/// RFC 4585 6.2 spaces feedback by the bandwidth that is measured, which begins with none: keyframe
/// requests would wait. The figures are bit/s and ns.
void hurry_feedback(GstElement* webrtcbin) {
  const auto rtpbin = adopt(gst_bin_get_by_name(GST_BIN(webrtcbin), "rtpbin"));
  if (const auto session = rtpbin ? session_of(rtpbin.get(), 0) : nullptr)
    g_object_set(session.get(), "bandwidth", 20e6, "rtcp-min-interval", guint64{GST_SECOND},
                 nullptr);
}

struct SourceTexts {
  std::string name;
  std::string note;
};

SourceTexts texts_of(GstElement* rtpbin, guint session_id, guint ssrc) {
  SourceTexts texts;
  const auto session = session_of(rtpbin, session_id);
  GObject* raw_source = nullptr;
  if (session) g_signal_emit_by_name(session.get(), "get-source-by-ssrc", ssrc, &raw_source);
  const auto source = adopt(raw_source);
  GstStructure* raw_sdes = nullptr;
  if (source) g_object_get(source.get(), "sdes", &raw_sdes, nullptr);
  const auto sdes = own(raw_sdes);
  if (!sdes) return texts;
  const auto text = [&](const char* item) {
    const char* said = gst_structure_get_string(sdes.get(), item);
    return std::string(said ? said : "");
  };
  return {text("name"), text("note")};
}

void tune_session(GstElement* webrtcbin) {
  const auto rtpbin = adopt(gst_bin_get_by_name(GST_BIN(webrtcbin), "rtpbin"));
  // Without a latency of the pipeline every packet would be warned of and reports had no NTP time.
  if (rtpbin) g_object_set(rtpbin.get(), "rtcp-sync-send-time", FALSE, nullptr);
}

}  // namespace

/// What webrtcbin's threads find; `link` goes with the link.
struct PeerLink::Shared {
  std::mutex mutex;
  Executor* executor = nullptr;  // under mutex; nullptr: gone
  PeerLink* link = nullptr;      // on the executor's thread
  decltype(Callbacks::on_pad) on_pad;
  decltype(Callbacks::on_sdes) on_sdes;
  Ref<GstElement> aux_sender;
  std::atomic<Timestamp> heard{monotonic_now()};

  void post(const std::shared_ptr<Shared>& self, void (PeerLink::*method)()) {
    std::lock_guard hold(mutex);
    if (!executor) return;
    executor->post([self, method] {
      if (self->link) (self->link->*method)();
    });
  }
};

namespace {

GstPadProbeReturn note_arrival(GstPad*, GstPadProbeInfo*, gpointer data) {
  *static_cast<std::atomic<Timestamp>*>(data) = monotonic_now();
  return GST_PAD_PROBE_OK;
}

}  // namespace

PeerLink::PeerLink(Executor& executor, GstBin* bin, Callbacks callbacks)
    : executor_(executor),
      bin_(share(bin)),
      callbacks_(std::move(callbacks)),
      shared_(std::make_shared<Shared>()) {
  shared_->executor = &executor;
  shared_->link = this;
  shared_->on_pad = callbacks_.on_pad;
  shared_->on_sdes = callbacks_.on_sdes;
}

PeerLink::~PeerLink() {
  executor_.assert_current();
  shared_->link = nullptr;
  {
    std::lock_guard hold(shared_->mutex);
    shared_->executor = nullptr;
  }
  if (!webrtcbin_) return;
  for (const auto signal : signals_) g_signal_handler_disconnect(webrtcbin_.get(), signal);
  gst_element_set_locked_state(webrtcbin_.get(), TRUE);
  gst_element_set_state(webrtcbin_.get(), GST_STATE_NULL);
  gst_bin_remove(bin_.get(), webrtcbin_.get());
}

Result<std::unique_ptr<PeerLink>> PeerLink::create(Executor& executor, GstBin* bin,
                                                   Settings settings,
                                                   const std::vector<Section>& sections,
                                                   Callbacks callbacks) {
  executor.assert_current();
  std::unique_ptr<PeerLink> link(new PeerLink(executor, bin, std::move(callbacks)));
  if (auto started = link->start(std::move(settings), sections); !started) return started.error();
  return link;
}

Status PeerLink::start(Settings settings, const std::vector<Section>& sections) {
  webrtcbin_ = sink(gst_element_factory_make_full("webrtcbin", "name", settings.name.c_str(),
                                                  "bundle-policy",
                                                  GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr));
  if (!webrtcbin_)
    return Error{"plugin-missing",
                 "There is no element 'webrtcbin'. Install gstreamer1.0-plugins-bad."};
  const auto nice = adopt(gst_element_factory_find("nicesrc"));
  const auto dtls = adopt(gst_element_factory_find("dtlsenc"));
  const auto srtp = adopt(gst_element_factory_find("srtpenc"));
  if (!nice || !dtls || !srtp)
    return Error{"plugin-missing",
                 "webrtcbin needs the plugins nice, dtls and srtp. Install gstreamer1.0-nice and "
                 "gstreamer1.0-plugins-bad."};
  g_object_set(webrtcbin_.get(), "latency", static_cast<guint>(settings.jitter_buffer.count()),
               nullptr);
  // It never ends, so nobody must wait for its end.
  gst_bin_set_suppressed_flags(GST_BIN(webrtcbin_.get()), GST_ELEMENT_FLAG_SINK);
  GST_OBJECT_FLAG_UNSET(webrtcbin_.get(), GST_ELEMENT_FLAG_SINK);
  shared_->aux_sender = settings.aux_sender;
  prepare_agent(settings);
  connect_signals();
  tune_session(webrtcbin_.get());

  // It stays PLAYING whatever the bin does, until it is taken out: a pause is no hang-up.
  gst_element_set_locked_state(webrtcbin_.get(), TRUE);
  gst_bin_add(bin_.get(), webrtcbin_.get());
  gst_element_set_base_time(webrtcbin_.get(), gst_element_get_base_time(GST_ELEMENT(bin_.get())));
  gst_element_set_start_time(webrtcbin_.get(), GST_CLOCK_TIME_NONE);
  if (gst_element_set_state(webrtcbin_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return Error{"webrtcbin", "webrtcbin does not start."};
  for (const auto& section : sections) {
    const auto caps = adopt(gst_caps_from_string(section.caps.c_str()));
    GstWebRTCRTPTransceiver* raw = nullptr;
    g_signal_emit_by_name(webrtcbin_.get(), "add-transceiver",
                          section.sends ? GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY
                                        : GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY,
                          caps.get(), &raw);
    const auto transceiver = adopt(raw);
    if (!transceiver) return Error{"webrtcbin", "webrtcbin refuses " + section.caps + "."};
    if (!section.sends && section.kind == MediaKind::kVideo)
      g_object_set(transceiver.get(), "do-nack", TRUE, nullptr);
  }
  return make_offer();
}

void PeerLink::prepare_agent(const Settings& settings) {
  for (const auto& uri : settings.ice_uris) {
    if (uri.starts_with("stun")) {
      g_object_set(webrtcbin_.get(), "stun-server", uri.c_str(), nullptr);
    } else {
      gboolean added = FALSE;
      g_signal_emit_by_name(webrtcbin_.get(), "add-turn-server", uri.c_str(), &added);
    }
  }
  GObject* raw_ice = nullptr;
  g_object_get(webrtcbin_.get(), "ice-agent", &raw_ice, nullptr);
  const auto ice = adopt(raw_ice);
  if (!ice || !g_object_class_find_property(G_OBJECT_GET_CLASS(ice.get()), "agent")) return;
  GObject* raw_agent = nullptr;
  g_object_get(ice.get(), "agent", &raw_agent, nullptr);
  const auto agent = adopt(raw_agent);
  // Nobody asked for a way through the router; and who is gone has to be noticed.
  if (agent) g_object_set(agent.get(), "upnp", FALSE, "keepalive-conncheck", TRUE, nullptr);
  if (!settings.loopback) return;
  // libnice leaves the loopback interface out; once one address is named, all have to be.
  const auto add = [&](const std::string& address) {
    gboolean added = FALSE;
    g_signal_emit_by_name(ice.get(), "add-local-ip-address", address.c_str(), &added);
  };
  add("127.0.0.1");
  for (const auto& address : interface_addresses(0))
    if (address.host() != "127.0.0.1") add(address.host());
}

void PeerLink::connect_signals() {
  const auto release = [](gpointer data, GClosure*) {
    delete static_cast<std::shared_ptr<Shared>*>(data);
  };
  if (const auto rtpbin = adopt(gst_bin_get_by_name(GST_BIN(webrtcbin_.get()), "rtpbin")))
    g_signal_connect_data(
        rtpbin.get(), "on-ssrc-sdes",
        G_CALLBACK(+[](GstElement* bin, guint session, guint ssrc, gpointer data) {
          const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
          if (!shared->on_sdes) return;
          auto texts = texts_of(bin, session, ssrc);
          shared->on_sdes(ssrc, std::move(texts.name), std::move(texts.note));
        }),
        new std::shared_ptr<Shared>(shared_), release, static_cast<GConnectFlags>(0));
  const auto connect = [&](const char* signal, GCallback handler) {
    signals_.push_back(g_signal_connect_data(webrtcbin_.get(), signal, handler,
                                             new std::shared_ptr<Shared>(shared_), release,
                                             static_cast<GConnectFlags>(0)));
  };
  connect("notify::ice-gathering-state", G_CALLBACK(+[](GObject*, GParamSpec*, gpointer data) {
            const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
            shared->post(shared, &PeerLink::on_gathering);
          }));
  connect("notify::connection-state", G_CALLBACK(+[](GObject*, GParamSpec*, gpointer data) {
            const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
            shared->post(shared, &PeerLink::on_connection);
          }));
  connect("pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer data) {
            const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
            if (GST_PAD_IS_SRC(pad) && shared->on_pad) shared->on_pad(pad);
          }));
  // Its own lock is held meanwhile; and it takes over the floating reference.
  connect("request-aux-sender",
          G_CALLBACK(+[](GstElement*, GObject*, gpointer data) -> GstElement* {
            const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
            return shared->aux_sender.release();
          }));
  connect("deep-element-added",
          G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer data) {
            const auto* factory = gst_element_get_factory(element);
            const std::string name = factory ? GST_OBJECT_NAME(factory) : "";
            // Retransmissions by another way than rtprtxsend, and layers that come back, are no
            // replay.
            if (name == "srtpenc")
              g_object_set(element, "allow-repeat-tx", TRUE, "replay-window-size", 8192, nullptr);
            if (name != "nicesrc") return;
            const auto& shared = *static_cast<std::shared_ptr<Shared>*>(data);
            const auto pad = adopt(gst_element_get_static_pad(element, "src"));
            gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, note_arrival, &shared->heard,
                              nullptr);
          }));
}

Timestamp PeerLink::last_heard() const { return shared_->heard; }

Status PeerLink::make_offer() {
  const auto reply = call(webrtcbin_.get(), "create-offer", nullptr);
  GstWebRTCSessionDescription* raw = nullptr;
  if (const auto* structure = gst_promise_get_reply(reply.get()))
    gst_structure_get(structure, "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &raw, nullptr);
  if (!raw) return Error{"webrtcbin", "webrtcbin makes no offer: " + error_in(reply.get())};
  const Description offer(raw, gst_webrtc_session_description_free);
  const auto set = call(webrtcbin_.get(), "set-local-description", offer.get());
  if (auto error = error_in(set.get()); !error.empty())
    return Error{"webrtcbin", "webrtcbin refuses its own offer: " + error};
  return Done{};
}

Result<SessionDescription> PeerLink::local() const {
  GstWebRTCSessionDescription* raw = nullptr;
  g_object_get(webrtcbin_.get(), "local-description", &raw, nullptr);
  if (!raw) return Error{"webrtcbin", "webrtcbin has no local description."};
  const Description description(raw, gst_webrtc_session_description_free);
  const auto text = own(gst_sdp_message_as_text(description->sdp));
  return read_sdp(text.get());
}

Status PeerLink::accept(const SessionDescription& answer) {
  GstSDPMessage* message = nullptr;
  if (gst_sdp_message_new_from_text(write_sdp(answer).c_str(), &message) != GST_SDP_OK)
    return Error{"sdp-syntax", "The server's SDP answer cannot be read."};
  const Description description(
      gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message),
      gst_webrtc_session_description_free);
  const auto set = call(webrtcbin_.get(), "set-remote-description", description.get());
  if (auto error = error_in(set.get()); !error.empty())
    return Error{"sdp-refused", "webrtcbin refuses the server's SDP answer: " + error};
  return Done{};
}

Status PeerLink::check_certificate(const SdpTransport& named) const {
  GstWebRTCRTPTransceiver* raw = nullptr;
  g_signal_emit_by_name(webrtcbin_.get(), "get-transceiver", 0, &raw);
  const auto transceiver = adopt(raw);
  if (!transceiver) return Error{"certificate", "There is no transceiver."};
  std::string pem;
  for (const char* half : {"sender", "receiver"}) {
    GObject* raw_half = nullptr;
    g_object_get(transceiver.get(), half, &raw_half, nullptr);
    const auto owner = adopt(raw_half);
    GObject* raw_transport = nullptr;
    if (owner) g_object_get(owner.get(), "transport", &raw_transport, nullptr);
    const auto transport = adopt(raw_transport);
    char* text = nullptr;
    if (transport) g_object_get(transport.get(), "remote-certificate", &text, nullptr);
    const auto certificate = own(text);
    if (certificate) pem = certificate.get();
  }
  const auto fingerprint = certificate_fingerprint(pem, named.fingerprint_hash);
  if (!fingerprint) return fingerprint.error();
  if (*fingerprint == named.fingerprint_value) return Done{};
  return Error{"certificate",
               "The certificate of the DTLS handshake is not the one that the SDP "
               "answer named: somebody else took the call."};
}

void PeerLink::on_gathering() {
  GstWebRTCICEGatheringState state = GST_WEBRTC_ICE_GATHERING_STATE_NEW;
  g_object_get(webrtcbin_.get(), "ice-gathering-state", &state, nullptr);
  if (state != GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE || std::exchange(gathered_, true)) return;
  const auto tell = callbacks_.on_gathered;  // it may be the end of this link
  tell();
}

void PeerLink::on_connection() {
  GstWebRTCPeerConnectionState state = GST_WEBRTC_PEER_CONNECTION_STATE_NEW;
  g_object_get(webrtcbin_.get(), "connection-state", &state, nullptr);
  const auto tell = callbacks_.on_state;  // it may be the end of this link
  switch (state) {
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED:
      hurry_feedback(webrtcbin_.get());
      return tell(State::kConnected);
    case GST_WEBRTC_PEER_CONNECTION_STATE_DISCONNECTED:
      return tell(State::kDisconnected);
    case GST_WEBRTC_PEER_CONNECTION_STATE_FAILED:
    case GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED:
      return tell(State::kFailed);
    default:
      return tell(State::kConnecting);
  }
}

}  // namespace rooms
