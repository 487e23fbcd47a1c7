// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/source_branch.h"

#include <algorithm>

#include "gst/glue/ref.h"
#include "pipelines/mix_codecs.h"

namespace rooms {
namespace {

constexpr Size kUnknownSize{1280, 720};
constexpr const char* kOut = " ! appsink name=out sync=false async=false max-buffers=200";
/// Twenty a second, as often as speakers are told apart from.
constexpr const char* kLevel = "level name=level interval=50000000 post-messages=true";
constexpr const char* kOpusPayloader = "rtpopuspay pt=111 mtu=1200";

bool has_decoder(const GstCaps* caps) {
  GList* all =
      gst_element_factory_list_get_elements(GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
  GList* fit = gst_element_factory_list_filter(all, caps, GST_PAD_SINK, FALSE);
  const bool any = fit != nullptr;
  gst_plugin_feature_list_free(fit);
  gst_plugin_feature_list_free(all);
  return any;
}

Size size_in(const GstStructure* fields) {
  Size size = kUnknownSize;
  int width = 0;
  int height = 0;
  if (gst_structure_get_int(fields, "width", &width) && width > 0 &&
      gst_structure_get_int(fields, "height", &height) && height > 0)
    size = {width, height};
  return size;
}

/// What a room carries as it is.
struct Passed {
  const char* media_type;
  Codec codec;
  const char* line;
};
constexpr Passed kPassedPictures[] = {
    // The parameter sets before each keyframe: who comes later needs them too.
    {"video/x-h264", Codec::kH264,
     "h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! PACE"
     "rtph264pay name=pay pt=102 mtu=1200 config-interval=-1 aggregate-mode=zero-latency"},
    {"video/x-vp8", Codec::kVp8, "PACErtpvp8pay name=pay pt=96 mtu=1200 picture-id-mode=15-bit"},
    {"video/x-vp9", Codec::kVp9,
     "vp9parse ! video/x-vp9,alignment=super-frame ! PACE"
     "rtpvp9pay name=pay pt=98 mtu=1200 picture-id-mode=15-bit"},
};

std::string paced(std::string line, bool is_paced) {
  const std::string mark = "PACE";
  if (const auto at = line.find(mark); at != std::string::npos)
    line.replace(at, mark.size(), is_paced ? "clocksync name=pace ! " : "");
  return line;
}

/// All that WebRTC clients decode in these is 8 bits, 4:2:0.
bool can_pass(const GstStructure* fields) {
  const char* format = gst_structure_get_string(fields, "chroma-format");
  guint depth = 8;
  gst_structure_get_uint(fields, "bit-depth-luma", &depth);
  return depth == 8 && (!format || g_str_equal(format, "4:2:0"));
}

/// H.264, since recordings and streams out take it as it is; else what there is.
std::optional<Codec> encoded_to() {
  const auto& codecs = mix_video_codecs();
  if (codecs.empty()) return std::nullopt;
  const bool h264 = std::find(codecs.begin(), codecs.end(), Codec::kH264) != codecs.end();
  return h264 ? Codec::kH264 : codecs.front();
}

std::optional<SourceBranch> pictures(const GstCaps* caps, const BranchWishes& wishes) {
  const auto* fields = gst_caps_get_structure(caps, 0);
  SourceBranch branch;
  branch.from = gst_structure_get_name(fields);
  for (const auto& row : kPassedPictures) {
    if (wishes.reencode || branch.from != row.media_type || !can_pass(fields)) continue;
    branch.codec = row.codec;
    branch.line = paced(row.line, wishes.paced) + kOut;
    return branch;
  }
  const auto codec = encoded_to();
  if (!codec || (branch.from != "video/x-raw" && !has_decoder(caps))) return std::nullopt;
  const auto encoder = encoder_line(*codec, size_in(fields));
  if (!encoder) return std::nullopt;
  branch.codec = *codec;
  branch.encodes = true;
  branch.line =
      paced("decodebin ! videoconvert ! video/x-raw,format=I420 ! PACE" + *encoder, wishes.paced) +
      kOut;
  return branch;
}

std::optional<SourceBranch> sound(const GstCaps* caps, const BranchWishes& wishes) {
  const auto* fields = gst_caps_get_structure(caps, 0);
  SourceBranch branch;
  branch.kind = MediaKind::kAudio;
  branch.codec = Codec::kOpus;
  branch.from = gst_structure_get_name(fields);
  int channels = 2;
  gst_structure_get_int(fields, "channels", &channels);
  if (branch.from == "audio/x-opus" && channels <= 2) {
    // Decoded beside for its level only: who speaks is a matter of levels.
    branch.line = "opusparse ! tee name=heard ! queue ! " + paced("PACE", wishes.paced) +
                  kOpusPayloader + kOut +
                  " heard. ! queue leaky=downstream max-size-time=500000000 ! opusdec ! " + kLevel +
                  " ! fakesink sync=false async=false";
    return branch;
  }
  if (branch.from != "audio/x-raw" && !has_decoder(caps)) return std::nullopt;
  branch.encodes = true;
  branch.line =
      paced(
          "decodebin ! audioconvert ! audioresample ! "
          "audio/x-raw,format=S16LE,rate=48000,channels=(int)[1,2] ! PACE" +
              std::string(kLevel) + " ! opusenc bitrate=64000 frame-size=20 ! " + kOpusPayloader,
          wishes.paced) +
      kOut;
  return branch;
}

}  // namespace

std::optional<SourceBranch> branch_for(const GstCaps* caps, const BranchWishes& wishes) {
  const std::string type = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  if (type.starts_with("video/") || type.starts_with("image/")) return pictures(caps, wishes);
  if (type.starts_with("audio/")) return sound(caps, wishes);
  return std::nullopt;
}

}  // namespace rooms
