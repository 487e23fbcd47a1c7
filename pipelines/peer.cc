// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/peer.h"

#include <optional>

#include "gst/glue/certificate.h"

namespace rooms {
namespace {

constexpr Duration kLongestHandshake = std::chrono::seconds(20);

// In the life of one connection. Those that we open on others' behalf leave half to the peer
// itself.
constexpr std::size_t kMostChannels = 64;
constexpr std::size_t kMostChannelsOfOurs = kMostChannels / 2;

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

Peer::Peer(Executor& room, Callbacks callbacks)
    : room_(room), callbacks_(std::move(callbacks)), self_(std::make_shared<Peer*>(this)) {}

Result<std::unique_ptr<Peer>> Peer::create(ConnectionStock& stock, Executor& room, GstBin* pipeline,
                                           const Settings& settings, Callbacks callbacks) {
  room.assert_current();
  auto connection = stock.take(pipeline, settings.name, settings.data);
  if (!connection) return connection.error();
  auto peer = std::unique_ptr<Peer>(new Peer(room, std::move(callbacks)));
  peer->data_ = settings.data;
  peer->take(std::move(*connection));
  return peer;
}

void Peer::take(std::unique_ptr<ConnectionStart> connection) {
  connection_ = std::move(connection);
  const auto post = [weak = std::weak_ptr<Peer*>(self_),
                     room = &room_](std::function<void(Peer&)> method) {
    room->post([weak, method = std::move(method)] {
      if (auto self = weak.lock()) method(**self);
    });
  };
  ConnectionStart::Listener listener;
  listener.on_ice_state = [post](MediaTransport::State state) {
    post([state](Peer& self) { self.on_ice_state(state); });
  };
  listener.on_keys = [post] { post([](Peer& self) { self.on_keys(); }); };
  listener.on_data_channel = [post, room = &room_](GstWebRTCDataChannel* raw) {
    // Listens from now on, on webrtcbin's thread; whatever it hears is posted behind this.
    auto channel = std::make_shared<DataChannel>(*room, share(raw));
    post([channel](Peer& self) { self.callbacks_.on_data_channel(channel); });
  };
  listener.on_channel_made = [post](std::size_t made) {
    if (made <= kMostChannels) return;
    post([](Peer& self) {
      self.fail("More than 64 data channels were opened on one connection: use one again.");
    });
  };
  connection_->open(std::move(listener));
}

Peer::~Peer() {
  room_.assert_current();
  self_.reset();
}

SdpTransport Peer::local_transport() const {
  SdpTransport local;
  const auto credentials = transport()->local_credentials();
  local.ufrag = credentials.ufrag;
  local.pwd = credentials.password;
  const auto& fingerprint = connection_->fingerprint();
  const auto space = fingerprint.find(' ');
  local.fingerprint_hash = fingerprint.substr(0, space);
  local.fingerprint_value = fingerprint.substr(space + 1);
  return local;
}

std::vector<std::string> Peer::candidates() const { return transport()->candidates(); }

bool Peer::is_ice_lite() const { return transport()->is_lite(); }

void Peer::restart_ice() { transport()->restart(Network::fresh_credentials()); }

void Peer::expect(const SdpTransport& remote, const std::vector<std::string>& candidates,
                  bool we_offered) {
  remote_ = remote;
  transport()->set_remote({remote.ufrag, remote.pwd}, candidates, we_offered);
  // The handshake may be over already: a fast client answers before its SDP has been read.
  if (keys_set_ && state_ == ConnectionState::kNew) on_keys();
}

void Peer::on_ice_state(MediaTransport::State state) {
  if (state == MediaTransport::State::kConnected) {
    connection_->begin_dtls();
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
  const auto [encoder, decoder] = connection_->dtls();
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
    transport()->set_keys(*outgoing, *incoming);
    transport()->admit();
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
  if (!data_ || connection_->channels_made() >= kMostChannelsOfOurs) return nullptr;
  auto options =
      own(gst_structure_new("options", "ordered", G_TYPE_BOOLEAN, settings.ordered, nullptr));
  if (settings.max_retransmits >= 0)
    gst_structure_set(options.get(), "max-retransmits", G_TYPE_INT, settings.max_retransmits,
                      nullptr);
  if (settings.max_packet_lifetime >= 0)
    gst_structure_set(options.get(), "max-packet-lifetime", G_TYPE_INT,
                      settings.max_packet_lifetime, nullptr);
  GstWebRTCDataChannel* channel = nullptr;
  g_signal_emit_by_name(webrtcbin(), "create-data-channel", settings.label.c_str(), options.get(),
                        &channel);
  return channel ? std::make_shared<DataChannel>(room_, adopt(channel)) : nullptr;
}

}  // namespace rooms
