// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/container_choice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gst/core/record/matroska_writer.h"
#include "gst/core/record/mp4_writer.h"

namespace rooms {
namespace {

constexpr std::array<std::pair<RecordingFormat, std::string_view>, 4> kFormats = {{
    {RecordingFormat::kAuto, "auto"},
    {RecordingFormat::kMp4, "mp4"},
    {RecordingFormat::kWebm, "webm"},
    {RecordingFormat::kMkv, "mkv"},
}};

bool all_fit(Container container, std::span<const Codec> codecs) {
  return std::all_of(codecs.begin(), codecs.end(),
                     [&](Codec codec) { return fits(container, codec); });
}

/// In order of preference.
std::array<Container, 3> candidates(RecordingFormat wanted, std::span<const Codec> codecs) {
  const bool has_mp4_picture = std::any_of(codecs.begin(), codecs.end(), [](Codec codec) {
    return codec == Codec::kH264 || codec == Codec::kAv1;
  });
  switch (wanted) {
    case RecordingFormat::kMp4:
      return {Container::kMp4, Container::kWebm, Container::kMkv};
    case RecordingFormat::kWebm:
      return {Container::kWebm, Container::kMkv, Container::kMkv};
    case RecordingFormat::kMkv:
      return {Container::kMkv, Container::kMkv, Container::kMkv};
    case RecordingFormat::kAuto:
      break;
  }
  if (has_mp4_picture) return {Container::kMp4, Container::kWebm, Container::kMkv};
  return {Container::kWebm, Container::kMp4, Container::kMkv};
}

}  // namespace

std::optional<RecordingFormat> recording_format_named(std::string_view name) {
  for (const auto& [format, word] : kFormats)
    if (word == name) return format;
  return std::nullopt;
}

std::string_view name_of(RecordingFormat format) {
  return kFormats[static_cast<std::size_t>(format)].second;
}

std::string_view name_of(Container container) {
  switch (container) {
    case Container::kMp4:
      return "mp4";
    case Container::kWebm:
      return "webm";
    case Container::kMkv:
      return "mkv";
  }
  return "mkv";
}

bool fits(Container container, Codec codec) {
  switch (codec) {
    case Codec::kH264:
    case Codec::kAac:
      return container != Container::kWebm;
    case Codec::kVp8:
      return container != Container::kMp4;
    case Codec::kVp9:
    case Codec::kAv1:
    case Codec::kOpus:
      return true;
    default:
      return container == Container::kMkv;
  }
}

Container choose_container(RecordingFormat wanted, std::span<const Codec> codecs) {
  for (const auto container : candidates(wanted, codecs))
    if (all_fit(container, codecs)) return container;
  return Container::kMkv;
}

bool can_go_on(Container container, const StreamSetup& before, const StreamSetup& now) {
  if (before == now) return true;
  const bool tells_its_size = now.codec == Codec::kVp8 || now.codec == Codec::kVp9;
  return before.codec == now.codec && tells_its_size && container != Container::kMp4;
}

std::unique_ptr<ContainerWriter> make_writer(Container container,
                                             std::vector<ContainerTrack> tracks,
                                             FileDescription description) {
  if (container == Container::kMp4)
    return std::make_unique<Mp4Writer>(std::move(tracks), std::move(description));
  return std::make_unique<MatroskaWriter>(container == Container::kWebm, std::move(tracks),
                                          std::move(description));
}

}  // namespace rooms
