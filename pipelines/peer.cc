// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/peer.h"

#include <gst/sdp/sdp.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "gst/transport/ice_agent.h"
#include "pipelines/certificate.h"

namespace rooms {
namespace {

constexpr Duration kLongestHandshake = std::chrono::seconds(20);

// In the life of one connection. Those that we open on others' behalf leave half to the peer
// itself.
constexpr std::size_t kMostChannels = 64;
constexpr std::size_t kMostChannelsOfOurs = kMostChannels / 2;

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

using Description =
    std::unique_ptr<GstWebRTCSessionDescription, decltype(&gst_webrtc_session_description_free)>;

/// Waits: the promises of a new webrtcbin are kept within a few milliseconds by its own thread.
Ref<GstPromise> call(GstElement* webrtcbin, const char* action,
                     GstWebRTCSessionDescription* description) {
  auto promise = adopt(gst_promise_new());
  if (description) {
    g_signal_emit_by_name(webrtcbin, action, description, promise.get());
  } else {
    g_signal_emit_by_name(webrtcbin, action, nullptr, promise.get());
  }
  gst_promise_wait(promise.get());
  return promise;
}

std::string error_in(GstPromise* promise) {
  const auto* reply = gst_promise_get_reply(promise);
  const GValue* value = reply ? gst_structure_get_value(reply, "error") : nullptr;
  if (!value || !G_VALUE_HOLDS(value, G_TYPE_ERROR)) return {};
  const auto* error = static_cast<const GError*>(g_value_get_boxed(value));
  return error ? error->message : "";
}

}  // namespace

/// What webrtcbin's threads leave for the room thread.
struct Peer::Handshake {
  std::mutex mutex;
  Ref<GstElement> encoder;  // under mutex
  Ref<GstElement> decoder;  // under mutex
  std::function<void()> on_keys;
  std::function<void(GstWebRTCDataChannel*)> on_data_channel;
};

namespace {

std::optional<SrtpMasterKey> key_in(GstElement* element, const char* property) {
  GstBuffer* raw = nullptr;
  g_object_get(element, property, &raw, nullptr);
  const auto buffer = adopt(raw);
  SrtpMasterKey key;
  if (!buffer || gst_buffer_extract(buffer.get(), 0, key.data(), key.size()) != key.size())
    return std::nullopt;
  return key;
}

}  // namespace

Peer::Peer(Network& network, Executor& room, GstBin* pipeline, Callbacks callbacks)
    : network_(network),
      room_(room),
      pipeline_(pipeline),
      callbacks_(std::move(callbacks)),
      handshake_(std::make_shared<Handshake>()),
      self_(std::make_shared<Peer*>(this)) {}

Result<std::unique_ptr<Peer>> Peer::create(Network& network, Executor& room, GstBin* pipeline,
                                           const Settings& settings, Callbacks callbacks) {
  room.assert_current();
  auto peer = std::unique_ptr<Peer>(new Peer(network, room, pipeline, std::move(callbacks)));
  if (auto started = peer->start(settings); !started) return started.error();
  return peer;
}

Status Peer::start(const Settings& settings) {
  data_ = settings.data;
  // The listener runs on network workers, possibly after this peer is gone.
  auto transport = network_.create_transport(
      [weak = std::weak_ptr<Peer*>(self_), room = &room_](MediaTransport::State state) {
        room->post([weak, state] {
          if (auto self = weak.lock()) (*self)->on_ice_state(state);
        });
      });
  if (!transport) return transport.error();
  transport_ = std::move(*transport);
  auto* agent = make_ice_agent(transport_);
  agent_ = share(GST_OBJECT(agent));
  // Construct-only, and the property takes over one reference (gstwebrtcbin.c has no ref in its
  // setter).
  webrtcbin_ = sink(gst_element_factory_make_full("webrtcbin", "name", settings.name.c_str(),
                                                  "ice-agent", agent, "bundle-policy",
                                                  GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr));
  if (!webrtcbin_)
    return Error{
        "plugin-missing",
        "There is no element 'webrtcbin'. Install gstreamer1.0-plugins-bad and gstreamer1.0-nice."};

  const auto post = [weak = std::weak_ptr<Peer*>(self_),
                     room = &room_](std::function<void(Peer&)> method) {
    room->post([weak, method = std::move(method)] {
      if (auto self = weak.lock()) method(**self);
    });
  };
  channels_.emplace(webrtcbin_.get(), [post](std::size_t made) {
    if (made <= kMostChannels) return;
    post([](Peer& self) {
      self.fail("More than 64 data channels were opened on one connection: use one again.");
    });
  });
  handshake_->on_keys = [post] { post([](Peer& self) { self.on_keys(); }); };
  handshake_->on_data_channel = [post, room = &room_](GstWebRTCDataChannel* raw) {
    // Listens from now on, on webrtcbin's thread; whatever it hears is posted behind this.
    auto channel = std::make_shared<DataChannel>(*room, share(raw));
    post([channel](Peer& self) { self.callbacks_.on_data_channel(channel); });
  };
  const auto release = [](gpointer data, GClosure*) {
    delete static_cast<std::shared_ptr<Handshake>*>(data);
  };
  const auto connect = [&](const char* signal, GCallback handler) {
    g_signal_connect_data(webrtcbin_.get(), signal, handler,
                          new std::shared_ptr<Handshake>(handshake_), release,
                          static_cast<GConnectFlags>(0));
  };
  connect("deep-element-added",
          G_CALLBACK(+[](GstBin*, GstBin*, GstElement* element, gpointer data) {
            const auto& handshake = *static_cast<std::shared_ptr<Handshake>*>(data);
            const auto* factory = gst_element_get_factory(element);
            const std::string name = factory ? GST_OBJECT_NAME(factory) : "";
            if (name != "dtlsenc" && name != "dtlsdec") return;
            {
              std::lock_guard hold(handshake->mutex);
              (name == "dtlsenc" ? handshake->encoder : handshake->decoder) = share(element);
            }
            g_signal_connect_data(
                element, "on-key-received", G_CALLBACK(+[](GstElement*, gpointer inner) {
                  (*static_cast<std::shared_ptr<Handshake>*>(inner))->on_keys();
                }),
                new std::shared_ptr<Handshake>(handshake),
                [](gpointer inner, GClosure*) {
                  delete static_cast<std::shared_ptr<Handshake>*>(inner);
                },
                static_cast<GConnectFlags>(0));
          }));
  connect("on-data-channel",
          G_CALLBACK(+[](GstElement*, GstWebRTCDataChannel* channel, gpointer data) {
            (*static_cast<std::shared_ptr<Handshake>*>(data))->on_data_channel(channel);
          }));
  gst_bin_add(pipeline_, webrtcbin_.get());
  gst_element_sync_state_with_parent(webrtcbin_.get());
  return negotiate();
}

Status Peer::negotiate() {
  GstSDPMessage* message = nullptr;
  gst_sdp_message_new_from_text(synthetic_offer(data_).c_str(), &message);
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

Peer::~Peer() {
  room_.assert_current();
  self_.reset();
  if (transport_) transport_->close();
  if (!webrtcbin_) return;
  gst_element_set_locked_state(webrtcbin_.get(), TRUE);
  gst_element_set_state(webrtcbin_.get(), GST_STATE_NULL);
  gst_bin_remove(pipeline_, webrtcbin_.get());
  channels_->release();
  // The DTLS elements hold closures that hold the handshake, which holds them.
  std::lock_guard hold(handshake_->mutex);
  handshake_->encoder = nullptr;
  handshake_->decoder = nullptr;
}

SdpTransport Peer::local_transport() const {
  SdpTransport transport;
  const auto credentials = transport_->local_credentials();
  transport.ufrag = credentials.ufrag;
  transport.pwd = credentials.password;
  const auto space = fingerprint_.find(' ');
  transport.fingerprint_hash = fingerprint_.substr(0, space);
  transport.fingerprint_value = fingerprint_.substr(space + 1);
  return transport;
}

std::vector<std::string> Peer::candidates() const { return transport_->candidates(); }

bool Peer::is_ice_lite() const { return transport_->is_lite(); }

void Peer::restart_ice() { transport_->restart(Network::fresh_credentials()); }

void Peer::expect(const SdpTransport& remote, const std::vector<std::string>& candidates,
                  bool we_offered) {
  remote_ = remote;
  transport_->set_remote({remote.ufrag, remote.pwd}, candidates, we_offered);
  // The handshake may be over already: a fast client answers before its SDP has been read.
  if (keys_set_ && state_ == ConnectionState::kNew) on_keys();
}

void Peer::on_ice_state(MediaTransport::State state) {
  if (state == MediaTransport::State::kConnected) {
    connect_ice(GST_WEBRTC_ICE(agent_.get()));
    // A peer whose checks go on could leave a handshake unfinished for ever.
    if (state_ == ConnectionState::kNew && !handshake_deadline_.pending()) {
      handshake_deadline_ = room_.call_later(kLongestHandshake, [this] {
        if (state_ == ConnectionState::kNew) fail("The DTLS handshake took more than 20 s.");
      });
    }
  } else if (state == MediaTransport::State::kDisconnected) {
    fail("Nothing has come from the peer for 15 s.");
  }
}

void Peer::on_keys() {
  Ref<GstElement> encoder;
  Ref<GstElement> decoder;
  {
    std::lock_guard hold(handshake_->mutex);
    encoder = handshake_->encoder;
    decoder = handshake_->decoder;
  }
  if (!encoder || !decoder || state_ != ConnectionState::kNew) return;
  const auto outgoing = key_in(encoder.get(), "encoder-key");
  const auto incoming = key_in(decoder.get(), "decoder-key");
  if (!outgoing || !incoming) return;  // the other half follows
  keys_set_ = true;
  if (remote_.fingerprint_value.empty()) return;

  gchar* pem = nullptr;
  g_object_get(decoder.get(), "peer-pem", &pem, nullptr);
  const auto owned = own(pem);
  const auto fingerprint = certificate_fingerprint(pem ? pem : "", remote_.fingerprint_hash);
  if (!fingerprint) {
    fail(fingerprint.error().message);
  } else if (*fingerprint != remote_.fingerprint_value) {
    fail(
        "The peer's DTLS certificate is not the one its SDP names: somebody is in between, or the "
        "SDP is of another connection.");
  } else {
    transport_->set_keys(*outgoing, *incoming);
    transport_->admit();
    become(ConnectionState::kConnected, "");
  }
}

void Peer::fail(const std::string& reason) { become(ConnectionState::kFailed, reason); }

void Peer::become(ConnectionState state, const std::string& reason) {
  if (state_ == state) return;
  state_ = state;
  callbacks_.on_state(state, reason);
}

std::shared_ptr<DataChannel> Peer::open_channel(const DataChannelSettings& settings) {
  if (!data_ || channels_->made() >= kMostChannelsOfOurs) return nullptr;
  auto options =
      own(gst_structure_new("options", "ordered", G_TYPE_BOOLEAN, settings.ordered, nullptr));
  if (settings.max_retransmits >= 0)
    gst_structure_set(options.get(), "max-retransmits", G_TYPE_INT, settings.max_retransmits,
                      nullptr);
  if (settings.max_packet_lifetime >= 0)
    gst_structure_set(options.get(), "max-packet-lifetime", G_TYPE_INT,
                      settings.max_packet_lifetime, nullptr);
  GstWebRTCDataChannel* channel = nullptr;
  g_signal_emit_by_name(webrtcbin_.get(), "create-data-channel", settings.label.c_str(),
                        options.get(), &channel);
  return channel ? std::make_shared<DataChannel>(room_, adopt(channel)) : nullptr;
}

}  // namespace rooms
