// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_control.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gst/glue/layout_json.h"

namespace rooms {
namespace {

constexpr int kSmallestSide = 64;
/// A larger picture is more than one core encodes in time.
constexpr int kLargestSide = 1920;
constexpr double kLoudest = 10;
constexpr std::uint32_t kLeastWished = 100'000;
constexpr std::uint32_t kMostWished = 20'000'000;
constexpr std::array<std::int64_t, 6> kHeights = {0, 180, 240, 360, 480, 720};
constexpr std::array<std::string_view, 4> kLayouts = {"grid", "speaker", "pip", "side-by-side"};

bool is_json(std::string_view layout) {
  const auto first = layout.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && layout[first] == '{';
}

Status check_layout(const std::string& layout) {
  if (!is_json(layout)) {
    if (std::find(kLayouts.begin(), kLayouts.end(), layout) != kLayouts.end()) return Done{};
    return Error{"layout-unknown", "There is no layout '" + layout.substr(0, 64) +
                                       "'; there are grid, speaker, pip, side-by-side, and an "
                                       "object with 'tiles'."};
  }
  const auto parsed = parse_layout(layout);
  if (!parsed) return Error{"layout-" + parsed.error().code, parsed.error().message};
  if (!parsed->background_picture.empty())
    return Error{"layout-picture",
                 "A background picture is a file of the server and cannot be chosen from here; "
                 "leave 'picture' out."};
  return Done{};
}

bool is_side(int pixels) {
  return pixels >= kSmallestSide && pixels <= kLargestSide && pixels % 2 == 0;
}

Status check_size(Size size) {
  if (is_side(size.width) && is_side(size.height)) return Done{};
  return Error{"bad-size", "A mixed picture is 64 to 1920 pixels wide and high, both even; not " +
                               std::to_string(size.width) + "x" + std::to_string(size.height) +
                               "."};
}

Status check_bitrate(std::uint32_t bitrate) {
  if (bitrate == 0 || (bitrate >= kLeastWished && bitrate <= kMostWished)) return Done{};
  return Error{"bad-bitrate",
               "A mixed picture takes 100000 to 20000000 bit/s, or 0 for what its size "
               "asks for; not " +
                   std::to_string(bitrate) + "."};
}

Status check_participant(const MixControl::Participant& one,
                         const std::function<bool(const std::string&)>& is_present) {
  if (!is_present(one.id))
    return Error{"participant-unknown",
                 "There is no participant '" + one.id.substr(0, 64) + "' in this room."};
  if (one.volume && !(*one.volume >= 0 && *one.volume <= kLoudest))
    return Error{"bad-volume", "A volume is 0 (silent) to 10; 1 is as it comes."};
  return Done{};
}

}  // namespace

Status check_mix_height(std::int64_t height) {
  if (std::find(kHeights.begin(), kHeights.end(), height) != kHeights.end()) return Done{};
  return Error{"bad-field", "'height' of the mix should be 180, 240, 360, 480 or 720."};
}

Status apply(const MixControl& control, MixSettings& settings,
             const std::function<bool(const std::string&)>& is_present) {
  if (control.layout)
    if (auto checked = check_layout(*control.layout); !checked) return checked;
  if (control.size)
    if (auto checked = check_size(*control.size); !checked) return checked;
  if (control.bitrate)
    if (auto checked = check_bitrate(*control.bitrate); !checked) return checked;
  for (const auto& one : control.participants)
    if (auto checked = check_participant(one, is_present); !checked) return checked;

  if (control.layout) {
    const bool custom = is_json(*control.layout);
    settings.layout = custom ? "custom" : *control.layout;
    settings.layout_json = custom ? *control.layout : "";
  }
  if (control.captions) settings.captions = *control.captions;
  if (control.size) settings.size = *control.size;
  if (control.bitrate) settings.bitrate = *control.bitrate;
  for (const auto& one : control.participants) {
    auto& known = settings.participants[one.id];
    if (one.mixed) known.mixed = *one.mixed;
    if (one.volume) known.volume = *one.volume;
  }
  return Done{};
}

}  // namespace rooms
