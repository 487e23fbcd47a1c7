// SPDX-License-Identifier: LGPL-2.1-or-later
// Who is in the room: joining, leaving, events, the pipeline's life. Media is in room_media.cc.
#include "pipelines/room_core.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr Duration kSpeakerInterval = std::chrono::milliseconds(100);
/// As often as the rates of layers are measured anew.
constexpr Duration kAllocationInterval = std::chrono::milliseconds(500);

/// "Ada L." -> "ada-l": readable in an address. Letters beyond ASCII have no common spelling there,
/// so they go.
std::string slug(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128 && std::isalnum(byte)) {
      text += static_cast<char>(std::tolower(byte));
    } else if (byte < 128 && !text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text.empty() ? "guest" : text.substr(0, 48);
}

std::vector<Codec> codecs_named(const std::vector<std::string>& names) {
  std::vector<Codec> codecs;
  for (const auto& name : names)
    if (const auto codec = codec_named(name); codec != Codec::kUnknown) codecs.push_back(codec);
  return codecs;
}

}  // namespace

RoomCore::RoomCore(ConnectionStock& stock, std::string id, const RoomPolicy& policy)
    : id_(std::move(id)),
      policy_(policy),
      executor_(std::make_unique<Executor>("room " + id_)),
      voices_(policy.loudest, policy.mix_loudest),
      topology_(policy.topology),
      told_topology_(policy.topology) {
  context_ = std::make_unique<RoomContext>(RoomContext{stock, *executor_, nullptr, nullptr});
  executor_->post([this] { start_pipeline(); });
}

RoomCore::~RoomCore() { close(); }

void RoomCore::start_pipeline() {
  pipeline_ = sink(gst_pipeline_new(("room-" + id_).c_str()));
  router_ = sink(gst_element_factory_make("sfurouter", "router"));
  g_assert(router_);  // MediaServer::create has made sure of it
  gst_bin_add(GST_BIN(pipeline_.get()), router_.get());
  context_->pipeline = GST_BIN(pipeline_.get());
  context_->router = router_.get();
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  bus_watch_ = gst_bus_create_watch(bus.get());
  g_source_set_callback(bus_watch_, G_SOURCE_FUNC(on_bus_message), this, nullptr);
  g_source_attach(bus_watch_, executor_->context());
  // The clock of every sender report: the same in all connections, from now on.
  const auto clock = adopt(gst_system_clock_obtain());
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_.get()), clock.get());
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  data_ = std::make_unique<DataRelay>(
      [this](const std::string& id) -> Peer* {
        const auto participant = find(id);
        if (!participant) return nullptr;
        if (participant->subscription && participant->subscription->peer() &&
            participant->subscription->peer()->has_data())
          return participant->subscription->peer();
        const auto* publication = participant->publication.get();
        return publication && publication->peer() && publication->peer()->has_data()
                   ? publication->peer()
                   : nullptr;
      },
      [this] {
        std::vector<std::string> ids;
        for (const auto& participant : participants_) ids.push_back(participant->id);
        return ids;
      });
  takers_ = std::make_unique<MixTakers>(
      *context_, MixTakers::Callbacks{[this] {
                                        follow_mix();
                                        follow_topology();
                                      },
                                      [this](const std::set<MixFormat>& formats, Timestamp at) {
                                        mix_->request_keyframes(formats, at);
                                      }});
  recordings_ =
      std::make_unique<RoomRecordings>(*context_, *takers_, id_, policy_.recordings,
                                       [this](const RoomEvent& event) { tell_others("", event); });
  recordings_->keep_past(policy_.replay, policy_.replay_mix);
  pushes_ =
      std::make_unique<RoomPushes>(*context_, *takers_, id_, policy_.push,
                                   [this](const RoomEvent& event) { tell_others("", event); });
  sources_ = make_sources();
  taps_ = make_taps();
  mix_ = std::make_unique<RoomMix>(
      *context_, policy_.mix_linger,
      RoomMix::Callbacks{[this] { post([](RoomCore& self) { self.follow_mix(); }); },
                         [this] { post([](RoomCore& self) { self.renew_mix(); }); }});
  transcoder_ = std::make_unique<RoomTranscoder>(*context_, policy_.mix_linger);
  playouts_ = std::make_unique<RoomPlayouts>(*context_, *takers_);
  hls_ = std::make_unique<RoomHls>(*context_, *takers_, policy_.hls);
  speaker_timer_ = executor_->call_every(kSpeakerInterval, [this] { watch_speakers(); });
  allocation_timer_ = executor_->call_every(kAllocationInterval, [this] { allocate(); });
}

void RoomCore::post(std::function<void(RoomCore&)> method, std::function<void()> closed) {
  const bool open = closing_.with([&](bool closing) {
    if (!closing) executor_->post([this, method = std::move(method)] { method(*this); });
    return !closing;
  });
  if (!open && closed) closed();
}

void RoomCore::close() {
  const bool first = closing_.with([](bool& closing) { return !std::exchange(closing, true); });
  if (!first) return;
  executor_->post([this] { stop(); });
  executor_->end();
}

void RoomCore::stop() {
  speaker_timer_.cancel();
  allocation_timer_.cancel();
  hls_->close();
  playouts_->close("the room was closed");
  recordings_->close("the room was closed");
  pushes_->close("the room was closed");
  taps_->close("it ends");
  sources_.reset();
  // Nobody's slots are filled anew for each who goes, and what is shown goes before what shows it:
  // with everybody at once that would be the square of the room's size.
  const auto everybody = std::exchange(participants_, {});
  data_.reset();
  recordings_.reset();
  pushes_.reset();
  taps_.reset();
  for (const auto& participant : everybody) participant->subscription.reset();
  mix_.reset();
  transcoder_.reset();
  for (const auto& participant : everybody) {
    participant->publication.reset();
    tell(*participant, event::ConnectionChanged{ConnectionRole::kPublish, ConnectionState::kClosed,
                                                "the room was closed"});
  }
  g_source_destroy(bus_watch_);
  g_source_unref(bus_watch_);
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  router_ = nullptr;
  pipeline_ = nullptr;
}

RoomCore::ParticipantPtr RoomCore::find(const std::string& id) const {
  for (const auto& participant : participants_)
    if (participant->id == id) return participant;
  return nullptr;
}

Result<RoomCore::ParticipantPtr> RoomCore::require(const std::string& id) const {
  if (auto participant = find(id)) return participant;
  return Error{"participant-unknown",
               "There is no participant '" + id + "' in room '" + id_ + "'; join first."};
}

std::string RoomCore::unique_id(const JoinRequest& request) const {
  const std::string first = slug(request.name);
  std::string id = first != kMixParticipant ? first : first + "-1";
  for (int n = 2; find(id); ++n) id = first + "-" + std::to_string(n);
  return id;
}

Result<JoinReply> RoomCore::join(JoinRequest request) {
  if (request.id == kMixParticipant)
    return Error{"name-reserved",
                 "The participant id 'mix' stands for everybody; choose another one."};
  if (!request.id.empty()) {
    if (const auto present = find(request.id)) {
      if (!request.take_over || !present->take_over)
        return Error{"name-taken", "The participant id '" + request.id + "' is in use in room '" +
                                       id_ + "'; choose another one."};
      leave(request.id, "replaced by a newer connection of the same name");
    }
  }
  auto participant = std::make_shared<Participant>();
  participant->id = request.id.empty() ? unique_id(request) : request.id;
  participant->name = request.name.empty() ? participant->id : request.name;
  participant->take_over = request.take_over;
  participant->hidden = request.hidden;
  participant->follows_demand = request.follows_demand;
  participant->mutes_itself = request.mutes_itself;
  participant->takes_direct = request.takes_direct;
  participant->audio_codecs = codecs_named(request.audio_codecs);
  participant->video_codecs = codecs_named(request.video_codecs);
  participant->listener = std::move(request.listener);

  JoinReply reply;
  for (const auto& other : participants_)
    if (!other->hidden) reply.others.push_back(other->info());
  participants_.push_back(participant);
  reply.self = participant->info();
  if (!participant->hidden) tell_others(participant->id, event::ParticipantJoined{reply.self});
  // Behind the reply: who joins hears of it first.
  post([id = participant->id](RoomCore& self) {
    self.agree_on_codecs();
    const bool told = self.follow_topology();
    const auto newcomer = self.find(id);
    if (!newcomer) return;
    if (!told) self.tell(*newcomer, self.topology_event(*newcomer));
    for (const auto& running : self.recordings_->running()) self.tell(*newcomer, running);
    for (const auto& running : self.pushes_->running())
      self.tell(*newcomer, event::PushChanged{running});
    for (const auto& missing : self.sources_->missing()) self.tell(*newcomer, missing);
  });
  return reply;
}

void RoomCore::leave(const std::string& id, const std::string& reason) {
  const auto participant = find(id);
  if (!participant) return;
  std::erase(participants_, participant);
  data_->remove(id);
  voices_.remove(id);
  mutes_.forget(id);
  mix_->forget(id);
  // Others first stop showing what is about to go, then the connections close.
  reassign();
  participant->publication.reset();
  participant->subscription.reset();
  if (!participant->hidden) tell_others(id, event::ParticipantLeft{id, reason});
  tell(*participant,
       event::ConnectionChanged{ConnectionRole::kPublish, ConnectionState::kClosed, reason});
  agree_on_codecs();
  follow_topology();
}

void RoomCore::tell(const Participant& participant, const RoomEvent& event) const {
  if (participant.listener) participant.listener->on_room_event(event);
}

void RoomCore::tell_others(const std::string& except, const RoomEvent& event) const {
  for (const auto& participant : participants_)
    if (participant->id != except) tell(*participant, event);
  if (policy_.observer) policy_.observer->on_room_event(event);
}

Status RoomCore::send_data(const std::string& from, const std::string& to,
                           const std::string& text) {
  if (auto sender = require(from); !sender) return sender.error();
  if (to.empty()) {
    tell_others(from, event::Data{from, text});
    return Done{};
  }
  const auto receiver = require(to);
  if (!receiver) return receiver.error();
  tell(**receiver, event::Data{from, text});
  return Done{};
}

void RoomCore::watch_speakers() {
  const auto changes = voices_.watch(participants_, monotonic_now());
  if (changes.speaker) tell_others("", event::Speaking{voices_.speaker()});
  if (changes.speaker || changes.loudest) reassign();
  if (changes.mixed) follow_mix();
  follow_topology();
}

void RoomCore::follow_recordings() {
  std::vector<RoomRecordings::Source> sources;
  for (const auto& participant : participants_) {
    if (!participant->publication) continue;
    for (const auto& track : participant->publication->tracks())
      sources.push_back({track.info, participant->name});
  }
  recordings_->follow(std::move(sources));
  taps_->follow();
}

gboolean RoomCore::on_bus_message(GstBus* /*bus*/, GstMessage* message, gpointer self) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    static_cast<RoomCore*>(self)->on_pipeline_error(message);
  return G_SOURCE_CONTINUE;
}

void RoomCore::on_pipeline_error(GstMessage* message) {
  GError* raw = nullptr;
  gst_message_parse_error(message, &raw, nullptr);
  const auto error = own(raw);
  auto* source = GST_MESSAGE_SRC(message);
  if (mix_ && mix_->take_error(source, monotonic_now())) {
    g_log(G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "room %s: mix: %s: %s", id_.c_str(),
          GST_OBJECT_NAME(source), error->message);
    return renew_mix();
  }
  if (transcoder_ && transcoder_->take_error(source, monotonic_now())) return;
  // An error belongs to whose connection it came from, and takes nobody else along. SCTP makes one
  // of every peer that closes its DTLS.
  const auto inside = [&](Peer* peer) {
    return peer && gst_object_has_as_ancestor(source, GST_OBJECT(peer->webrtcbin()));
  };
  bool owned = !gst_object_has_as_ancestor(source, GST_OBJECT(pipeline_.get()));
  for (const auto& participant : std::vector(participants_)) {
    for (const auto role : {ConnectionRole::kPublish, ConnectionRole::kSubscribe}) {
      if (!inside(participant->peer(role))) continue;
      owned = true;
      on_connection(participant->id, role, ConnectionState::kFailed, error->message);
    }
  }
  g_log(G_LOG_DOMAIN, owned ? G_LOG_LEVEL_INFO : G_LOG_LEVEL_WARNING, "room %s: %s: %s",
        id_.c_str(), GST_OBJECT_NAME(source), error->message);
}

}  // namespace rooms
