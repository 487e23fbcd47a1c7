// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_payload.h"

#include "gst/glue/ref.h"

namespace rooms {
namespace {

struct Payload {
  Codec codec;
  const char* element;
  /// Dynamic payload types are RTSP's own (96: picture, 97: sound); those of G.711 and G.722 are
  /// fixed (RFC 3551).
  const char* settings;
};

constexpr Payload kPayloads[] = {
    {Codec::kH264, "rtph264pay", "pt=96 config-interval=-1"},
    {Codec::kVp8, "rtpvp8pay", "pt=96 picture-id-mode=15-bit"},
    {Codec::kVp9, "rtpvp9pay", "pt=96 picture-id-mode=15-bit"},
    {Codec::kAv1, "rtpav1pay", "pt=96"},
    {Codec::kOpus, "rtpopuspay", "pt=97"},
    // RED is told as what it carries.
    {Codec::kRed, "rtpopuspay", "pt=97"},
    {Codec::kAac, "rtpmp4gpay", "pt=97"},
    {Codec::kG722, "rtpg722pay", "pt=9"},
    {Codec::kPcmu, "rtppcmupay", "pt=0"},
    {Codec::kPcma, "rtppcmapay", "pt=8"},
};

bool exists(const char* factory) {
  return static_cast<bool>(adopt(gst_element_factory_find(factory)));
}

}  // namespace

std::optional<std::string> rtsp_payloader(Codec codec) {
  for (const auto& payload : kPayloads)
    if (payload.codec == codec && exists(payload.element))
      return std::string(payload.element) + " " + payload.settings;
  return std::nullopt;
}

}  // namespace rooms
