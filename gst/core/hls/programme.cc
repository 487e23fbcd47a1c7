// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/hls/programme.h"

#include <algorithm>
#include <utility>

#include "gst/core/hls/media_playlist.h"

namespace rooms {
namespace {

using State = HlsAnswer::State;
using Kind = HlsAnswer::Kind;

constexpr Duration kPart = std::chrono::milliseconds(500);
/// Of sound that waits for the first picture, in frames: some seconds.
constexpr std::size_t kMostEarlySound = 500;
/// Who has so many segments, and so much in them, waits for the others no more. The first ones may
/// be short.
constexpr std::size_t kPatience = 2;
constexpr Duration kLeastWait = std::chrono::seconds(4);
/// By so much another picture may begin earlier than the one that comes first.
constexpr Duration kApart = std::chrono::milliseconds(500);

/// Sound that is later than its picture by so much does not come.
constexpr Duration kSilent = std::chrono::milliseconds(700);
constexpr Duration kSilentFrame = std::chrono::milliseconds(20);

/// RFC 6716 3.1: CELT, fullband, 20 ms, mono; decodes to nothing.
EncodedFrame silent_frame(Timestamp time) {
  return {time, true, {0xF8, 0xFF, 0xFE}, setup_of_sound(Codec::kOpus)};
}

SharedBytes shared(const std::string& text) {
  return std::make_shared<const std::vector<std::uint8_t>>(text.begin(), text.end());
}

HlsVariant variant_of(const HlsRendition& rendition, std::uint64_t bitrate) {
  const auto& window = rendition.window();
  return {rendition.names().playlist(), rendition.setup(), std::max(window.peak_bitrate(), bitrate),
          window.average_bitrate()};
}

}  // namespace

HlsProgramme::HlsProgramme(Config config) : config_(std::move(config)) {}

std::chrono::seconds HlsProgramme::target_duration() const {
  return SegmentCutter({true, config_.settings.segment, {}}).target_duration();
}

void HlsProgramme::begin(Timestamp first) {
  first_ = first;
  sound_until_ = first;
  const Timestamp zero = config_.pictures > 1 ? first - kApart : first;
  zero_ = zero;
  HlsRendition::Config rendition;
  rendition.phase = (zero - config_.anchor.value_or(first)) % config_.settings.segment;
  rendition.segment = config_.settings.segment;
  rendition.window = config_.settings.window;
  rendition.part = config_.settings.low_latency ? kPart : Duration::zero();
  rendition.presentation_wall_clock = zero.time_since_epoch() + config_.wall_offset;
  for (unsigned i = 0; i < config_.pictures; ++i) {
    rendition.names = {config_.run, "v" + std::to_string(i)};
    renditions_.emplace_back(rendition);
  }
  rendition.video = false;
  rendition.names = {config_.run, "a0"};
  if (config_.sound) renditions_.emplace_back(rendition);
  texts_.resize(renditions_.size());
}

bool HlsProgramme::add(HlsRendition& rendition, EncodedFrame frame, Timestamp now) {
  const Duration time = frame.time - *zero_;
  if (time < Duration::zero()) return false;
  const auto change = rendition.add(std::move(frame), time, now);
  if (change.discontinuity) align_discontinuities();
  // Reports of each are in the playlists of all.
  if (change.playlist) std::fill(texts_.begin(), texts_.end(), nullptr);
  return change.playlist;
}

void HlsProgramme::align_discontinuities() {
  // RFC 8216bis 6.2.4: the n-th one is the same moment in all of them.
  std::uint64_t most = 0;
  for (const auto& rendition : renditions_) most = std::max(most, rendition.discontinuities());
  for (auto& rendition : renditions_)
    if (rendition.discontinuities() < most) rendition.interrupt();
}

bool HlsProgramme::add_picture(std::size_t number, EncodedFrame frame, Timestamp now) {
  if (number >= config_.pictures) return false;
  if (!zero_) {
    if (!frame.keyframe) return false;
    begin(frame.time);
    for (auto& sound : std::exchange(early_sound_, {})) add_sound(std::move(sound), now);
  }
  if (config_.silence && config_.sound) fill_silence(frame.time - kSilent, now);
  return add(renditions_[number], std::move(frame), now);
}

void HlsProgramme::fill_silence(Timestamp until, Timestamp now) {
  for (; sound_until_ < until; sound_until_ += kSilentFrame)
    add(renditions_.back(), silent_frame(sound_until_), now);
}

bool HlsProgramme::add_sound(EncodedFrame frame, Timestamp now) {
  if (!config_.sound) return false;
  if (!zero_ && config_.pictures > 0) {
    early_sound_.push_back(std::move(frame));
    if (early_sound_.size() > kMostEarlySound) early_sound_.pop_front();
    return false;
  }
  if (!zero_) begin(frame.time);
  if (frame.time < first_) return false;
  if (config_.silence) {
    if (frame.time < sound_until_ - kSilentFrame / 2) return false;
    sound_until_ = frame.time + kSilentFrame;
  }
  return add(renditions_.back(), std::move(frame), now);
}

void HlsProgramme::expire(Timestamp now) {
  for (auto& rendition : renditions_) rendition.expire(now);
}

bool HlsProgramme::wants_keyframe(std::size_t rendition) const {
  return rendition < config_.pictures && rendition < renditions_.size() &&
         renditions_[rendition].wants_keyframe();
}

std::size_t HlsProgramme::bytes() const {
  std::size_t sum = 0;
  for (const auto& rendition : renditions_) sum += rendition.bytes();
  return sum;
}

bool HlsProgramme::is_complete() const {
  const auto has = [](const auto& rendition) { return rendition.has_segment(); };
  const auto waited = [](const auto& rendition) {
    const auto& segments = rendition.window().segments();
    Duration all{};
    for (const auto& segment : segments) all += segment.duration;
    return segments.size() >= kPatience && all >= kLeastWait;
  };
  return std::all_of(renditions_.begin(), renditions_.end(), has) ||
         std::any_of(renditions_.begin(), renditions_.end(), waited);
}

HlsAnswer HlsProgramme::index() const {
  if (renditions_.empty() || !is_complete()) return {State::kWait, Kind::kPlaylist};
  std::vector<HlsVariant> pictures;
  std::optional<HlsVariant> sound;
  for (std::size_t number = 0; number < renditions_.size(); ++number) {
    const auto& rendition = renditions_[number];
    if (!rendition.has_segment()) continue;
    if (rendition.is_video()) {
      const auto bitrate = number < config_.bitrates.size() ? config_.bitrates[number] : 0;
      pictures.push_back(variant_of(rendition, bitrate));
    } else {
      sound = variant_of(rendition, 0);
    }
  }
  return {State::kReady, Kind::kPlaylist, {shared(multivariant_playlist(pictures, sound))}};
}

HlsAnswer HlsProgramme::playlist_of(const HlsRendition& rendition, const HlsReload& reload) const {
  const auto state = state_of(reload, rendition.window());
  if (state == HlsReloadState::kTooFar || state == HlsReloadState::kWrong)
    return {State::kWrong, Kind::kPlaylist};
  const Kind kind = reload.segment ? Kind::kBlockedPlaylist : Kind::kPlaylist;
  if (state == HlsReloadState::kWait || !rendition.has_segment()) return {State::kWait, kind};
  auto& text = texts_[static_cast<std::size_t>(&rendition - renditions_.data())];
  if (!text) {
    std::vector<HlsRenditionReport> others;
    for (const auto& other : renditions_) {
      if (&other == &rendition) continue;
      if (auto report = report_of(other.window(), other.names())) others.push_back(*report);
    }
    text = shared(media_playlist(rendition.window(), rendition.names(), others));
  }
  return {State::kReady, kind, {text}};
}

HlsAnswer HlsProgramme::answer(std::string_view file, const HlsReload& reload) const {
  if (file == kHlsIndex) return index();
  for (const auto& rendition : renditions_) {
    if (!file.starts_with(rendition.names().stem())) continue;
    if (file == rendition.names().playlist()) return playlist_of(rendition, reload);
    auto body = rendition.file(file);
    const Kind kind = file.ends_with(".mp4") ? Kind::kInit : Kind::kMedia;
    if (!body.empty()) return {State::kReady, kind, std::move(body)};
    if (rendition.is_hinted(file)) return {State::kWait, kind};
  }
  return {};
}

}  // namespace rooms
