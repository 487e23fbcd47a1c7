// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/mix_engine.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>

#include "elements/mix_caps.h"
#include "gst/glue/clock.h"

namespace rooms {
namespace {

/// How much waits for a consumer before the oldest is dropped, in blocks.
constexpr std::size_t kQueued = 10;
/// Who is further behind the clock than this leaves out what it missed.
constexpr GstClockTime kHopeless = GST_SECOND;
/// A live element whose inputs have not said what they are mixes all the same after so long.
constexpr Duration kSilentStart = std::chrono::milliseconds(500);
/// Where nothing is live, an input that sends nothing for so long while others wait is left out.
constexpr Duration kMissing = std::chrono::seconds(2);
constexpr std::int64_t kEarliness = kMixRate / 10;
constexpr std::int64_t kBeyond = kMixRate / 2;

}  // namespace

struct MixEngine::Round {
  std::vector<Delivery> deliveries;
  Owned<GstStructure> levels;
};

MixEngine::MixEngine(GstElement* element) : element_(element), pool_(kQueued) {}

MixEngine::~MixEngine() {
  interrupt();
  stop();
}

// Settings.

MixEngine::Settings MixEngine::settings() const {
  const Lock hold(mutex_);
  return settings_;
}

void MixEngine::set_settings(const Settings& settings) {
  Lock hold(mutex_);
  const bool tells = settings.latency != settings_.latency && playing_;
  settings_ = settings;
  mixer_.measure_levels(settings_.level_interval > Duration());
  if (format_) configure_mixer();
  hold.unlock();
  if (tells) gst_element_post_message(element_, gst_message_new_latency(GST_OBJECT_CAST(element_)));
}

std::int64_t MixEngine::interval_frames() const {
  return std::max<std::int64_t>(to_frames(static_cast<GstClockTime>(settings_.interval.count())),
                                1);
}

void MixEngine::configure_mixer() {
  MinusOneMixer::Config config;
  config.format = *format_;
  config.input.block =
      running_ && started_ ? mixer_.block() : static_cast<std::size_t>(interval_frames());
  config.input.slack = to_frames(static_cast<GstClockTime>(settings_.latency.count()));
  config.input.max_lead = to_frames(upstream_) + config.input.slack +
                          static_cast<std::int64_t>(config.input.block) + kEarliness;
  config.input.capacity = config.input.max_lead + kBeyond;
  mixer_.configure(config);
  if (silence_ && gst_memory_get_sizes(silence_.get(), nullptr, nullptr) == mixer_.block_size())
    return;
  void* zeros = g_malloc0(mixer_.block_size());
  silence_ = adopt(gst_memory_new_wrapped(GST_MEMORY_FLAG_READONLY, zeros, mixer_.block_size(), 0,
                                          mixer_.block_size(), zeros, g_free));
}

void MixEngine::add(const std::shared_ptr<MixStream>& stream) {
  const Lock hold(mutex_);
  if (!stream->sink) {
    everybody_ = stream;
    return;
  }
  streams_[stream->number] = stream;
  mixer_.add(stream->number, stream->live);
  mixer_.set_gain(stream->number, stream->mute ? 0.0F : static_cast<float>(stream->volume));
  changed_.notify_all();
}

void MixEngine::remove(MixStream& stream) {
  {
    const Lock hold(mutex_);
    stream.flushing = true;
    if (stream.sink) {
      streams_.erase(stream.number);
      mixer_.remove(stream.number);
    } else {
      everybody_ = nullptr;
    }
    changed_.notify_all();
  }
  pool_.close(*stream.output);
}

void MixEngine::set_volume(MixStream& stream, double volume, bool mute) {
  const Lock hold(mutex_);
  stream.volume = volume;
  stream.mute = mute;
  // Before it is added nobody has its number; `add` sets the gain then.
  const auto found = streams_.find(stream.number);
  if (found != streams_.end() && found->second.get() == &stream)
    mixer_.set_gain(stream.number, mute ? 0.0F : static_cast<float>(volume));
}

// State changes.

void MixEngine::start() {
  {
    const Lock hold(mutex_);
    running_ = true;
    started_ = ended_ = playing_ = was_live_ = false;
    discont_ = true;
    position_ = last_levels_ = 0;
    upstream_ = 0;
    forwarded_latency_ = GST_CLOCK_TIME_NONE;
    format_.reset();
    stuck_at_.reset();
    group_ = gst_util_group_id_next();
    stream_prefix_ = "mixminus-" + std::to_string(g_random_int());
    each_output([](MixStream& stream) { stream.announced = false; });
    mixer_.restart();
  }
  pool_.open();
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "mixminus");
}

void MixEngine::set_playing(bool yes) {
  if (yes) ask_latency(false);
  const Lock hold(mutex_);
  playing_ = yes;
  changed_.notify_all();
  if (clock_wait_) gst_clock_id_unschedule(clock_wait_);
}

void MixEngine::interrupt() {
  const Lock hold(mutex_);
  running_ = playing_ = false;
  changed_.notify_all();
  if (clock_wait_) gst_clock_id_unschedule(clock_wait_);
}

void MixEngine::stop() {
  if (thread_.joinable()) thread_.join();
  pool_.close();
}

// The mixing thread.

void MixEngine::run() {
  Lock hold(mutex_);
  while (running_) {
    const bool live = is_live();
    if (!format_) {
      const bool woken = !live || !playing_
                             ? (changed_.wait(hold), true)
                             : changed_.wait_for(hold, kSilentStart) == std::cv_status::no_timeout;
      if (woken) continue;
      hold.unlock();
      choose_format(SampleFormat{});
      hold.lock();
      continue;
    }
    if (end_streams(hold)) continue;
    if (live ? !wait_for_clock(hold) : !wait_for_inputs(hold)) continue;
    auto frames = static_cast<std::int64_t>(mixer_.block());
    if (all_ended()) {
      std::int64_t last = position_;
      for (const auto& [number, stream] : streams_)
        last = std::max(last, mixer_.find(number)->written_until());
      frames = std::min(frames, last - position_);
    }
    auto round = mix(static_cast<std::size_t>(std::max<std::int64_t>(frames, 0)));
    hold.unlock();
    hand_over(std::move(round));
    hold.lock();
  }
}

bool MixEngine::is_live() const { return was_live_ || settings_.force_live; }

/// False: something changed, look again.
bool MixEngine::wait_for_clock(Lock& hold) {
  const auto clock = adopt(gst_element_get_clock(element_));
  if (!playing_ || !clock) {
    changed_.wait(hold);
    return false;
  }
  const auto base = gst_element_get_base_time(element_);
  const auto now = gst_clock_get_time(clock.get()) - base;
  const auto delay = upstream_ + static_cast<GstClockTime>(settings_.latency.count());
  const auto block = static_cast<std::int64_t>(mixer_.block());
  if (!started_) {
    position_ = to_frames(now > delay ? now - delay : 0) / block * block;
    mixer_.skip_to(position_);
    last_levels_ = position_;
    started_ = true;
  }
  const auto deadline = to_time(position_ + block) + delay;
  if (now < deadline) {
    clock_wait_ = gst_clock_new_single_shot_id(clock.get(), base + deadline);
    hold.unlock();
    gst_clock_id_wait(clock_wait_, nullptr);
    hold.lock();
    gst_clock_id_unref(std::exchange(clock_wait_, nullptr));
    return false;
  }
  if (now > deadline + kHopeless) {
    const auto missed = to_frames(now - deadline) / block;
    skipped_blocks_ += static_cast<std::uint64_t>(missed);
    position_ += missed * block;
    mixer_.skip_to(position_);
    discont_ = true;
  }
  return true;
}

/// Nothing is late where nothing is live: a block is mixed when all inputs have it. Only who lets
/// others wait for `kMissing` is not waited for any more, until it has caught up.
bool MixEngine::wait_for_inputs(Lock& hold) {
  started_ = true;
  const auto end = position_ + static_cast<std::int64_t>(mixer_.block());
  bool any = false;
  bool others_wait = false;
  std::vector<MixStream*> lacking;
  for (const auto& [number, stream] : streams_) {
    const auto& input = *mixer_.find(number);
    any = any || stream->heard;
    if (input.covers(end)) stream->missing = false;
    if (input.covers(end) || (stream->eos && input.written_until() > position_)) {
      others_wait = true;
    } else if (!stream->eos && counts(*stream)) {
      lacking.push_back(stream.get());
    }
  }
  if (streams_.empty() || !any || (!lacking.empty() && !others_wait)) {
    stuck_at_.reset();
    changed_.wait(hold);
    return false;
  }
  if (!lacking.empty() && !go_on_without(hold, lacking)) return false;
  stuck_at_.reset();
  bool room = true;
  each_output([&](MixStream& stream) {
    room = room && (!takes(stream) || pool_.has_room(*stream.output));
  });
  if (room) return true;
  hold.unlock();
  pool_.settle(std::chrono::milliseconds(20));
  pool_.wait_for_room(std::chrono::milliseconds(20));
  hold.lock();
  return false;
}

/// False: some of those who lack a block are waited for still.
bool MixEngine::go_on_without(Lock& hold, const std::vector<MixStream*>& lacking) {
  const auto now = monotonic_now();
  if (!stuck_at_) stuck_at_ = now;
  std::optional<Timestamp> next;
  std::vector<std::string> given_up;
  for (auto* stream : lacking) {
    if (stream->missing) continue;
    const auto until = std::max(*stuck_at_, stream->heard_at) + kMissing;
    if (now >= until) {
      stream->missing = true;
      given_up.push_back("sink_" + std::to_string(stream->number));
    } else {
      next = std::min(next.value_or(until), until);
    }
  }
  if (given_up.empty() && !next) return true;
  if (given_up.empty()) {
    changed_.wait_for(hold, *next - now);
    return false;
  }
  hold.unlock();
  for (const auto& name : given_up)
    GST_ELEMENT_WARNING(
        element_, STREAM, FAILED, ("One input of the mix sends nothing."),
        ("%s: the others are mixed without it until it has caught up", name.c_str()));
  hold.lock();
  return false;
}

bool MixEngine::counts(const MixStream& stream) {
  return stream.heard || gst_pad_is_linked(stream.sink);
}

/// And there were some.
bool MixEngine::all_ended() const {
  bool any = false;
  for (const auto& [number, stream] : streams_) {
    if (!stream->eos && !stream->missing && counts(*stream)) return false;
    any = any || stream->eos;
  }
  return any;
}

/// True: there is nothing to mix any more.
bool MixEngine::end_streams(Lock& hold) {
  if (!all_ended()) {
    ended_ = false;
    return false;
  }
  for (const auto& [number, stream] : streams_)
    if (mixer_.find(number)->written_until() > position_) return false;
  if (ended_) {
    changed_.wait(hold);
    return true;
  }
  ended_ = true;
  std::vector<Delivery> ends;
  each_output([&](MixStream& stream) {
    announce(stream, ends);
    ends.push_back({stream.output, adopt(GST_MINI_OBJECT_CAST(gst_event_new_eos()))});
    stream.announced = false;
  });
  hold.unlock();
  hand_over({std::move(ends), {}});
  hold.lock();
  return true;
}

bool MixEngine::takes(const MixStream& stream) const { return gst_pad_is_linked(stream.src); }

MixEngine::Round MixEngine::mix(std::size_t frames) {
  Round round;
  const auto size = mixer_.block_size();
  mixer_.begin(position_);
  const auto finish = [&](Ref<GstBuffer>& buffer) {
    gst_buffer_set_size(buffer.get(), static_cast<gssize>(frames * format_->frame_size()));
    GST_BUFFER_PTS(buffer.get()) = to_time(position_);
    GST_BUFFER_DURATION(buffer.get()) =
        to_time(position_ + static_cast<std::int64_t>(frames)) - to_time(position_);
    if (discont_) GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
  };
  const auto fill = [&](auto&& write) {
    auto buffer = adopt(gst_buffer_new_allocate(nullptr, size, nullptr));
    GstMapInfo map;
    if (gst_buffer_map(buffer.get(), &map, GST_MAP_WRITE)) {
      write(MutableBytes{map.data, map.size});
      gst_buffer_unmap(buffer.get(), &map);
    }
    finish(buffer);
    return buffer;
  };
  Ref<GstBuffer> silence;
  Ref<GstBuffer> total;
  const auto contributors = mixer_.contributors();
  each_output([&](MixStream& stream) {
    if (!takes(stream)) return;
    announce(stream, round.deliveries);
    const bool speaks = stream.sink && mixer_.contributes(stream.number);
    Ref<GstBuffer> buffer;
    if (contributors == (speaks ? 1U : 0U)) {
      if (!silence) {
        silence = adopt(gst_buffer_new());
        gst_buffer_append_memory(silence.get(), share(silence_.get()).release());
        GST_BUFFER_FLAG_SET(silence.get(), GST_BUFFER_FLAG_GAP);
        finish(silence);
      }
      ++stream.silences;
      buffer = silence;
    } else if (speaks) {
      ++stream.own_mixes;
      buffer = fill([&](MutableBytes out) { mixer_.write_without(stream.number, out); });
    } else {
      ++stream.shared_mixes;
      if (!total) total = fill([&](MutableBytes out) { mixer_.write_total(out); });
      buffer = total;
    }
    round.deliveries.push_back({stream.output, adopt(GST_MINI_OBJECT_CAST(buffer.release()))});
  });
  mixer_.end();
  position_ = mixer_.position();
  discont_ = false;
  ++blocks_;
  silent_blocks_ += contributors == 0 ? 1 : 0;
  round.levels = take_levels();
  if (waiting_ > 0) changed_.notify_all();
  return round;
}

void MixEngine::announce(MixStream& stream, std::vector<Delivery>& deliveries) {
  if (std::exchange(stream.announced, true)) return;
  const auto tell = [&](GstEvent* event) {
    deliveries.push_back({stream.output, adopt(GST_MINI_OBJECT_CAST(event))});
  };
  const auto name = own(gst_pad_get_name(stream.src));
  const auto id = stream_prefix_ + "/" + name.get();
  auto* start = gst_event_new_stream_start(id.c_str());
  gst_event_set_group_id(start, group_);
  tell(start);
  if (format_) tell(gst_event_new_caps(to_caps(*format_).get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  tell(gst_event_new_segment(&segment));
}

Owned<GstStructure> MixEngine::take_levels() {
  const auto interval = to_frames(static_cast<GstClockTime>(settings_.level_interval.count()));
  if (interval == 0 || position_ - last_levels_ < interval) return {};
  last_levels_ = position_;
  auto levels = own(gst_structure_new("mixminus-levels", "running-time", G_TYPE_UINT64,
                                      to_time(position_), nullptr));
  for (const auto& [number, stream] : streams_) {
    const auto name = "sink_" + std::to_string(number);
    gst_structure_set(levels.get(), name.c_str(), G_TYPE_UINT, mixer_.take_level(number), nullptr);
  }
  return levels;
}

void MixEngine::hand_over(Round&& round) {
  pool_.put(std::move(round.deliveries));
  if (round.levels)
    gst_element_post_message(
        element_, gst_message_new_element(GST_OBJECT_CAST(element_), round.levels.release()));
  pool_.settle(std::chrono::milliseconds(10));
}

}  // namespace rooms
