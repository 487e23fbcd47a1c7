// SPDX-License-Identifier: LGPL-2.1-or-later
// The text of playlists (RFC 8216bis 4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gst/core/hls/hls_names.h"
#include "gst/core/hls/segment_window.h"
#include "gst/core/record/encoded_frame.h"

namespace rooms {

/// How far another rendition of the programme is (4.4.5.4).
struct HlsRenditionReport {
  std::string playlist;
  std::uint64_t last_segment = 0;
  std::optional<std::size_t> last_part;
};

/// nullopt: it has nothing yet.
std::optional<HlsRenditionReport> report_of(const SegmentWindow& window, const HlsNames& names);

/// Of a live rendition. The window has a segment, or parts of one.
std::string media_playlist(const SegmentWindow& window, const HlsNames& names,
                           std::span<const HlsRenditionReport> others);

struct HlsVariant {
  std::string playlist;
  StreamSetup setup;
  std::uint64_t peak_bitrate = 0;     ///< bit/s
  std::uint64_t average_bitrate = 0;  ///< bit/s
};

/// `sound` accompanies each of `pictures`, and is a variant of its own if there are none.
std::string multivariant_playlist(std::span<const HlsVariant> pictures,
                                  const std::optional<HlsVariant>& sound);

/// RFC 6381: "avc1.42C01F", "mp4a.40.2"; empty: none is known.
std::string codecs_parameter(const StreamSetup& setup);

}  // namespace rooms
