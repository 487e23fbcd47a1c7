// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/publisher.h"

#include <algorithm>

#include "gst/core/endpoint/extension_mapping.h"
#include "gst/core/endpoint/ntp_time.h"
#include "gst/core/rtcp/rtcp_writer.h"
#include "tests/load/clocks.h"
#include "tests/load/stamp.h"

namespace rooms::load {
namespace {

constexpr Duration kAudioInterval = std::chrono::milliseconds(20);
constexpr Duration kSenderReportInterval = std::chrono::seconds(1);
/// An encoder that is asked more often still makes one keyframe in this time, as in browsers; what
/// it is asked meanwhile it does afterwards.
constexpr Duration kKeyframeInterval = std::chrono::milliseconds(300);
/// Keyframes leave in portions, as from a pacer: this many packets of a layer, then a pause.
constexpr int kBurst = 12;
constexpr Duration kBurstInterval = std::chrono::milliseconds(5);

/// Keeps the rhythm; after a long stall it starts anew instead of catching up.
Timestamp next_turn(Timestamp turn, Duration interval, Timestamp now) {
  turn += interval;
  return now - turn > std::chrono::milliseconds(500) ? now + interval : turn;
}

}  // namespace

Publisher::Publisher(PublisherSettings settings, Traffic& traffic)
    : settings_(std::move(settings)),
      traffic_(traffic),
      audio_(settings_.plan.audio_stream, 48000, settings_.seed) {
  if (settings_.microphone) audio_.send_unstamped();
  const auto& streams = settings_.plan.video_streams;
  for (std::size_t i = 0; settings_.plan.video && i < streams.size(); ++i) {
    const auto seed = settings_.seed + static_cast<std::uint32_t>(i) * 7919;
    layers_.push_back({OutgoingStream(streams[i], 90000, seed),
                       VideoSource(settings_.layers[i], seed,
                                   settings_.cameras.empty() ? nullptr : settings_.cameras[i]),
                       Timestamp{}});
    if (!settings_.cameras.empty()) layers_.back().stream.send_unstamped();
  }
}

void Publisher::set_negotiated(const Publishing& publishing) {
  audio_.negotiate(publishing.audio);
  const auto& rids = publishing.rids;
  for (auto& layer : layers_) {
    const auto& rid = layer.stream.numbers().rid;
    layer.active = layers_.size() == 1 || std::find(rids.begin(), rids.end(), rid) != rids.end();
    layer.stream.negotiate(publishing.video);
  }
  transport_wide_ = publishing.audio.transport_wide || publishing.video.transport_wide;
}

void Publisher::connected(Transport&, Timestamp now) {
  auto& sources = traffic_.sent_by_source;
  const auto enlist = [&](OutgoingStream& stream) {
    stream.set_source(static_cast<std::uint32_t>(sources.size()));
    sources.push_back(0);
  };
  enlist(audio_);
  for (auto& layer : layers_) enlist(layer.stream);
  // Cameras and microphones of different people do not tick together.
  const auto frame =
      std::chrono::nanoseconds(1'000'000'000) / (layers_.empty() ? 1 : settings_.layers[0].fps);
  next_frame_ = now + frame * (settings_.seed % 97) / 97;
  next_audio_ = now + kAudioInterval * (settings_.seed % 89) / 89;
  next_report_ = now + std::chrono::milliseconds(200);
}

HeaderFields Publisher::fields() {
  return {to_abs_send_time(wall_clock()),
          transport_wide_ ? transport_sequence_++ : std::uint16_t{0}};
}

Timestamp Publisher::advance(Transport& transport, SendArena& arena, Timestamp now) {
  resend(transport, arena);
  const bool has_video = !layers_.empty();
  if (has_video && now >= next_frame_) {
    begin_frames(now);
    const auto fps = static_cast<std::int64_t>(settings_.layers[0].fps);
    next_frame_ = next_turn(next_frame_, Duration(1'000'000'000 / fps), now);
    next_burst_ = now;
  }
  bool pending = has_video && next_burst_ != Timestamp::max();
  if (pending && now >= next_burst_) {
    pending = send_video(transport, arena);
    next_burst_ = pending ? now + kBurstInterval : Timestamp::max();
  }
  if (settings_.plan.audio && now >= next_audio_) {
    send_audio(transport, arena);
    next_audio_ = next_turn(next_audio_, kAudioInterval, now);
  }
  if (now >= next_report_) {
    send_reports(transport, arena, now);
    next_report_ = now + kSenderReportInterval;
  }
  transport.flush(arena);
  Timestamp due = next_report_;
  if (settings_.plan.audio) due = std::min(due, next_audio_);
  if (has_video) due = std::min({due, next_frame_, next_burst_});
  return due;
}

void Publisher::begin_frames(Timestamp now) {
  for (auto& layer : layers_) {
    if (!layer.active) continue;
    if (layer.keyframe_wanted && now - layer.last_keyframe >= kKeyframeInterval) {
      layer.keyframe_wanted = false;
      layer.source.request_keyframe();
    }
    layer.source.begin_frame();
    if (layer.source.is_keyframe()) {
      layer.last_keyframe = now;
      ++traffic_.keyframes_sent;
    }
  }
}

bool Publisher::send_video(Transport& transport, SendArena& arena) {
  bool pending = false;
  for (auto& layer : layers_) {
    if (!layer.active) continue;
    auto& stream = layer.stream;
    for (int i = 0; i < kBurst && layer.source.pending(); ++i) {
      if (arena.full()) transport.flush(arena);
      const auto payload = layer.source.next(stream.payload());
      const auto size =
          stream.protect(transport.outgoing(), arena.room(), payload.size, payload.marker,
                         stream.timestamp_at(next_frame_), fields(), monotonic_now());
      if (size > 0) arena.commit(size);
      ++traffic_.packets_sent;
      traffic_.bytes_sent += size;
      traffic_.sent_by_source[stream.source()] = stream.packets();
    }
    pending |= layer.source.pending();
  }
  return pending;
}

void Publisher::send_audio(Transport& transport, SendArena& arena) {
  if (arena.full()) transport.flush(arena);
  auto payload = audio_.payload().first(kOpusPayload);
  if (settings_.microphone) {
    // Nobody says the same at the same time.
    const auto& words = settings_.microphone->frame(settings_.seed + audio_.packets())[0].payload;
    payload = audio_.payload().first(words.size());
    std::copy(words.begin(), words.end(), payload.begin());
  } else {
    write_opus(payload);
  }
  const auto size =
      audio_.protect(transport.outgoing(), arena.room(), payload.size(), audio_.packets() == 0,
                     audio_.timestamp_at(next_audio_), fields(), monotonic_now());
  if (size > 0) arena.commit(size);
  ++traffic_.packets_sent;
  traffic_.bytes_sent += size;
  traffic_.sent_by_source[audio_.source()] = audio_.packets();
}

void Publisher::send_reports(Transport& transport, SendArena& arena, Timestamp now) {
  if (arena.full()) transport.flush(arena);
  RtcpWriter writer(arena.room().first(1200));
  const auto report = [&](const OutgoingStream& stream) {
    if (stream.packets() == 0) return;
    SenderInfo info;
    info.ntp_time = unix_to_ntp(wall_clock());
    info.rtp_time = stream.timestamp_at(now);
    info.packets = static_cast<std::uint32_t>(stream.packets());
    info.octets = static_cast<std::uint32_t>(stream.octets());
    writer.sender_report(stream.numbers().ssrc, info);
    writer.source_description(stream.numbers().ssrc, settings_.plan.cname);
  };
  if (settings_.plan.audio) report(audio_);
  for (const auto& layer : layers_) report(layer.stream);
  if (writer.size() > 0) transport.send_rtcp(arena, writer.size());
}

void Publisher::resend(Transport& transport, SendArena& arena) {
  for (const auto& [stream, sequence] : resends_) {
    if (arena.full()) transport.flush(arena);
    const auto size = stream->protect_again(transport.outgoing(), arena.room(), sequence, fields());
    if (size == 0) continue;
    arena.commit(size);
    ++traffic_.packets_resent;
  }
  resends_.clear();
}

OutgoingStream* Publisher::stream_of(std::uint32_t ssrc) {
  if (audio_.numbers().ssrc == ssrc) return &audio_;
  for (auto& layer : layers_)
    if (layer.stream.numbers().ssrc == ssrc) return &layer.stream;
  return nullptr;
}

void Publisher::request_keyframe(std::uint32_t ssrc) {
  for (auto& layer : layers_) {
    if (layer.stream.numbers().ssrc != ssrc) continue;
    ++traffic_.keyframes_requested;
    layer.keyframe_wanted = true;
  }
}

void Publisher::receive_rtp(Transport&, MutableBytes packet, Timestamp) {
  if (!settings_.plan.hears) return;
  ++traffic_.packets;
  traffic_.bytes += packet.size();
}

void Publisher::receive_rtcp(Bytes compound, Timestamp) {
  RtcpReader reader(compound);
  const auto acknowledge = [&](const RtcpList<ReportBlock>& reports) {
    for (const auto& block : reports)
      if (auto* stream = stream_of(block.ssrc)) stream->acknowledge();
  };
  while (const auto packet = reader.next()) {
    if (const auto* report = std::get_if<ReceiverReport>(&*packet)) acknowledge(report->reports);
    if (const auto* report = std::get_if<SenderReport>(&*packet)) acknowledge(report->reports);
    if (const auto* pli = std::get_if<PictureLossIndication>(&*packet))
      request_keyframe(pli->media_ssrc);
    if (const auto* fir = std::get_if<FullIntraRequest>(&*packet))
      for (const auto& entry : fir->entries) request_keyframe(entry.ssrc);
    const auto* nack = std::get_if<NackRequest>(&*packet);
    auto* stream = nack ? stream_of(nack->media_ssrc) : nullptr;
    if (!stream) continue;
    nack->for_each_sequence([&](std::uint16_t sequence) {
      if (resends_.size() < 256) resends_.emplace_back(stream, sequence);
    });
  }
}

}  // namespace rooms::load
