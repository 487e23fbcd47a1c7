// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/room_publisher.h"

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

/// A camera may take its time; the others do not wait longer than this for it.
constexpr Duration kPatience = std::chrono::seconds(2);
constexpr unsigned kPacketsForRepair = 500;
/// Beside every change of the estimate: trials of a layer are a matter of time.
constexpr Duration kAdaptInterval = std::chrono::milliseconds(500);

guint bits(DataRate rate) { return static_cast<guint>(rate.bits_per_second()); }

Ref<GstCaps> feed_caps() {
  auto caps = adopt(gst_caps_new_empty_simple("application/x-rtp"));
  for (const auto extension :
       {Extension::kTransportWide, Extension::kRid, Extension::kRepairedRid}) {
    const auto name = "extmap-" + std::to_string(static_cast<int>(extension));
    gst_caps_set_simple(caps.get(), name.c_str(), G_TYPE_STRING,
                        std::string(uri_of(extension)).c_str(), nullptr);
  }
  return caps;
}

std::string caps_of(const SentMedia& media) {
  const auto payload_type = sent_payload_type(media.kind, media.format);
  const auto* row = profile_of(payload_type);
  std::string name(row ? row->name : "");
  for (auto& letter : name) letter = g_ascii_toupper(letter);
  return "application/x-rtp,media=" + std::string(name_of(media.kind)) + ",encoding-name=" + name +
         ",clock-rate=" + std::to_string(row ? row->clock_rate : 0) +
         ",payload=" + std::to_string(payload_type);
}

}  // namespace

RoomPublisher::RoomPublisher(GstBin* bin, Callbacks callbacks)
    : bin_(bin), callbacks_(std::move(callbacks)) {}

RoomPublisher::~RoomPublisher() { stop(); }

void RoomPublisher::start(const Settings& settings) {
  settings_.with([&](Settings& known) { known = settings; });
  asked_ = stopping_ = false;
  auto client = std::make_unique<RoomClient>(bin_, settings.client, *this);
  std::lock_guard hold(posting_);
  client_ = std::move(client);
}

void RoomPublisher::stop() {
  if (!client_) return;
  post([this] {
    stopping_ = true;
    patience_.cancel();
  });
  client_->stop();
  std::unique_ptr<RoomClient> ended;
  {
    std::lock_guard hold(posting_);
    ended = std::move(client_);
  }
  ended.reset();
  offered_.clear();
  for (const auto& input : inputs()) input->reset();
}

SendingInput* RoomPublisher::add_input(MediaKind kind, const std::string& name,
                                       const Settings& settings) {
  EncodeOptions options;
  options.name = name;
  options.encoding = settings.encoding;
  options.layers = settings.layers;
  options.audio_bitrate = settings.audio_bitrate;
  options.sync = settings.sync;
  SendingInput::Callbacks callbacks;
  callbacks.on_format = [this] { post([this] { consider_start(); }); };
  callbacks.on_error = callbacks_.give_up;
  auto input = std::make_shared<SendingInput>(bin_, kind, options, std::move(callbacks));
  const auto plan =
      plan_line(settings.first, settings.most, settings.audio_bitrate, 1, settings.layers, {});
  if (kind == MediaKind::kVideo) input->set_bitrates(plan.layers);
  return inputs_.with([&](auto& all) {
    all.push_back(std::move(input));
    return all.back().get();
  });
}

void RoomPublisher::remove_input(SendingInput* input) {
  std::shared_ptr<SendingInput> removed;
  inputs_.with([&](auto& all) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.get() == input; });
    if (found == all.end()) return;
    removed = std::move(*found);
    all.erase(found);
  });
  if (removed) removed->detach();
}

std::vector<std::shared_ptr<SendingInput>> RoomPublisher::inputs() const {
  return inputs_.with([](const auto& all) { return all; });
}

/// Onto the client's thread; nothing happens when there is none, or it is about to end.
void RoomPublisher::post(std::function<void()> task) {
  std::lock_guard hold(posting_);
  if (!client_) return;
  client_->executor().post([this, task = std::move(task)] {
    if (!stopping_) task();
  });
}

/// As soon as all inputs have said what they are, or some have and the others take too long.
void RoomPublisher::consider_start() {
  std::size_t ready = 0;
  const auto all = inputs();
  for (const auto& input : all) ready += input->media() ? 1 : 0;
  if (ready == all.size()) return offer_what_is_there();
  if (!patience_.pending())
    patience_ = client_->executor().call_later(kPatience, [this] { offer_what_is_there(); });
}

void RoomPublisher::offer_what_is_there() {
  patience_.cancel();
  std::vector<Offered> offered;
  for (const auto& input : inputs()) {
    auto media = input->media();
    if (!media) continue;
    if (sent_payload_type(media->kind, media->format) == 0)
      return give_up({"codec-refused",
                      "'" + media->format.name + "' is none of the codecs that rooms carry."});
    offered.push_back({input, std::move(*media), {}});
  }
  const bool more = offered.size() > offered_.size();
  if (offered.empty() || (asked_ && !more)) return;
  offered_ = std::move(offered);
  if (!std::exchange(asked_, true)) return client_->connect();
  client_->reconnect();
}

std::vector<PeerLink::Section> RoomPublisher::sections() {
  std::vector<PeerLink::Section> sections;
  for (const auto& one : offered_) sections.push_back({one.media.kind, true, caps_of(one.media)});
  return sections;
}

/// feed ─▶ rtprtxsend ─▶ twccbwe, as one element with a sink and a src pad.
Ref<GstElement> RoomPublisher::make_aux_sender() {
  const auto settings = settings_.with([](const Settings& known) { return known; });
  auto* bin = gst_bin_new("sender");
  feed_ = make_packet_feed(feed_caps().get(), [this](guint32 ssrc) {
    post([this, ssrc] {
      for (const auto& one : offered_)
        if (one.input->request_keyframe(ssrc)) return;
    });
  });
  repair_ = sink(gst_element_factory_make("rtprtxsend", nullptr));
  auto estimator = sink(gst_element_factory_make("twccbwe", nullptr));
  if (!repair_ || !estimator) {
    const auto dropped = sink(bin);
    return {};
  }
  g_object_set(repair_.get(), "max-size-packets", kPacketsForRepair, nullptr);
  g_object_set(estimator.get(), "min-bitrate", bits(settings.least), "max-bitrate",
               bits(settings.most), "start-bitrate", bits(settings.first), nullptr);
  g_signal_connect(estimator.get(), "notify::estimated-bitrate",
                   G_CALLBACK(+[](GObject*, GParamSpec*, gpointer data) {
                     auto& self = *static_cast<RoomPublisher*>(data);
                     self.post([&self] { self.adapt(); });
                   }),
                   this);
  gst_bin_add_many(GST_BIN(bin), GST_ELEMENT(feed_.get()), repair_.get(), estimator.get(), nullptr);
  gst_element_link_many(GST_ELEMENT(feed_.get()), repair_.get(), estimator.get(), nullptr);
  const auto in = adopt(gst_element_get_static_pad(GST_ELEMENT(feed_.get()), "sink"));
  const auto out = adopt(gst_element_get_static_pad(estimator.get(), "src"));
  gst_element_add_pad(bin, gst_ghost_pad_new("sink", in.get()));
  gst_element_add_pad(bin, gst_ghost_pad_new("src", out.get()));
  estimator_.with([&](auto& known) { known = std::move(estimator); });
  return adopt(bin);
}

SessionDescription RoomPublisher::offer(const SessionDescription& local) {
  std::vector<SentMedia> media;
  for (const auto& one : offered_) media.push_back(one.media);
  const auto name = own(g_uuid_string_random());
  return publish_offer(local, media, std::string(name.get()).substr(0, 8));
}

Result<ClientSide::Accepted> RoomPublisher::accept(const SessionDescription& offer,
                                                   const SessionDescription& answer) {
  std::vector<SentMedia> media;
  for (const auto& one : offered_) media.push_back(one.media);
  auto plan = plan_publishing(offer, media, answer);
  if (!plan) return plan.error();
  if (!plan->refused.empty())
    callbacks_.warn("The server does not take " + plan->refused + "; the rest is sent.");
  accepted_ = std::move(plan->sections);
  prepare_repair();
  return Accepted{std::move(plan->for_webrtcbin), std::move(plan->transport)};
}

void RoomPublisher::prepare_repair() {
  const auto ssrcs = own(gst_structure_new_empty("application/x-rtp-ssrc-map"));
  const auto types = own(gst_structure_new_empty("application/x-rtp-pt-map"));
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    const auto& section = accepted_[i];
    if (!section.accepted || section.rtx_payload_type == 0) continue;
    gst_structure_set(types.get(), std::to_string(section.payload_type).c_str(), G_TYPE_UINT,
                      guint{section.rtx_payload_type}, nullptr);
    for (const auto& layer : offered_[i].media.layers)
      gst_structure_set(ssrcs.get(), std::to_string(layer.ssrc).c_str(), G_TYPE_UINT,
                        guint{layer.rtx_ssrc}, nullptr);
  }
  g_object_set(repair_.get(), "ssrc-map", ssrcs.get(), "payload-type-map", types.get(), nullptr);
}

void RoomPublisher::connected(PeerLink& /*link*/) {
  adapt();
  adapting_ = client_->executor().call_every(kAdaptInterval, [this] { adapt(); });
  for (std::size_t i = 0; i < offered_.size(); ++i) offered_[i].input->open(accepted_[i], feed_);
}

void RoomPublisher::disconnected() {
  adapting_.cancel();
  for (const auto& one : offered_) one.input->close();
  if (feed_) close_packet_feed(feed_.get());
  feed_ = {};
  repair_ = {};
  Ref<GstElement> old;
  estimator_.with([&](auto& known) { std::swap(old, known); });
  if (old) g_signal_handlers_disconnect_by_data(old.get(), this);
}

DataRate RoomPublisher::estimate() const {
  const auto estimator = this->estimator();
  if (!estimator) return settings_.with([](const Settings& known) { return known.first; });
  guint estimated = 0;
  g_object_get(estimator.get(), "estimated-bitrate", &estimated, nullptr);
  return DataRate::bits_per_second(estimated);
}

LinePlanner::Line RoomPublisher::line() const {
  LinePlanner::Line line{estimate()};
  const auto known = estimator();
  if (!known) return line;
  GstStructure* raw = nullptr;
  g_object_get(known.get(), "stats", &raw, nullptr);
  const auto stats = own(raw);
  gboolean limited = FALSE;
  gst_structure_get_boolean(stats.get(), "application-limited", &limited);
  line.application_limited = limited;
  line.overused = g_strcmp0(gst_structure_get_string(stats.get(), "link-use"), "over") == 0;
  return line;
}

Ref<GstElement> RoomPublisher::estimator() const {
  return estimator_.with([](const auto& known) { return known; });
}

void RoomPublisher::set_bounds(DataRate least, DataRate most) {
  settings_.with([&](Settings& known) {
    known.least = least;
    known.most = most;
  });
  if (const auto known = estimator())
    g_object_set(known.get(), "min-bitrate", bits(least), "max-bitrate", bits(most), nullptr);
  post([this] { adapt(); });
}

/// Encoders follow the estimate; layers that the server does not take are not encoded at all.
void RoomPublisher::adapt() {
  const auto settings = settings_.with([](const Settings& known) { return known; });
  std::size_t pictures = 0;
  DataRate sound;
  for (const auto& one : offered_) {
    if (one.media.kind == MediaKind::kAudio) sound = sound + settings.audio_bitrate;
    if (one.input->encoder_layers() > 0) ++pictures;
  }
  for (std::size_t i = 0; i < offered_.size() && i < accepted_.size(); ++i) {
    auto& one = offered_[i];
    const auto layers = one.input->encoder_layers();
    if (layers == 0 || !accepted_[i].accepted) continue;
    const auto& sent = accepted_[i].layers;
    const auto count = static_cast<std::size_t>(std::count(sent.begin(), sent.end(), true));
    const auto& plan =
        one.planner.next(line(), {settings.most, sound, pictures, count}, monotonic_now());
    std::vector<DataRate> rates;
    std::size_t next = 0;
    for (std::size_t layer = 0; layer < layers; ++layer)
      rates.push_back(layer < sent.size() && sent[layer] ? plan.layers[next++] : DataRate{});
    one.input->set_bitrates(rates);
  }
}

}  // namespace rooms
