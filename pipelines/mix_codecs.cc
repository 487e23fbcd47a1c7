// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_codecs.h"

#include <algorithm>

#include "gst/core/codec/aac.h"
#include "gst/glue/ref.h"

namespace rooms {
namespace {

/// Of one pixel of one picture; what video of people takes with an encoder in a hurry.
constexpr double kBitsPerPixel = 0.07;
constexpr std::uint32_t kLeastBitrate = 150'000;
constexpr std::uint32_t kMostBitrate = 6'000'000;

bool exists(const char* factory) {
  return static_cast<bool>(adopt(gst_element_factory_find(factory)));
}

std::string raw_sound(const std::string& decoder) {
  return "rtpinorder max-wait=0 ! " + decoder +
         " ! capsfilter caps=audio/x-raw,format=S16LE,rate=48000,channels=1";
}

/// A lost packet that was sent again comes late: what follows waits for it, and after that for a
/// keyframe, which is asked for.
std::string pictures(const std::string& depayloader, const std::string& decoder) {
  return "rtpinorder ! " + depayloader + " request-keyframe=true wait-for-keyframe=true ! " +
         decoder;
}

std::string h264_decoder() {
  return exists("avdec_h264") ? "h264parse ! avdec_h264 max-threads=1" : "h264parse ! openh264dec";
}

std::string canonical(Codec codec, const std::string& payloader) {
  const auto* profile = profile_of(codec);
  return payloader + " pt=" + std::to_string(profile->payload_type);
}

/// One thread: those of libvpx wait for each other by spinning, which costs eighteen times as much
/// where they have one core between them. A negative speed is a fixed one; a positive one of VP8
/// takes half of the time that there is between two pictures, whatever there is to encode.
std::string vpx_encoder(const char* factory, const char* speed, std::uint32_t bitrate) {
  // Keyframes come when somebody asks.
  return std::string(factory) + " name=encoder deadline=1 lag-in-frames=0 end-usage=cbr " + speed +
         " keyframe-max-dist=9000 threads=1 buffer-size=600 buffer-initial-size=400"
         " buffer-optimal-size=500 min-quantizer=4 max-quantizer=56 error-resilient=default"
         " target-bitrate=" +
         std::to_string(bitrate);
}

std::string h264_encoder(std::uint32_t bitrate) {
  const auto kilobits = std::to_string(bitrate / 1000);
  if (exists("x264enc"))
    return "x264enc name=encoder tune=zerolatency speed-preset=superfast key-int-max=9000"
           " sliced-threads=false threads=1 vbv-buf-capacity=600 bframes=0 byte-stream=true"
           " bitrate=" +
           kilobits + " ! video/x-h264,profile=constrained-baseline";
  return "openh264enc name=encoder gop-size=9000 rate-control=bitrate complexity=low"
         " scene-change-detection=false bitrate=" +
         std::to_string(bitrate) + " ! h264parse";
}

/// For one voice at a time.
std::string aac_encoder() {
  constexpr const char* kSettings = " name=encoder bitrate=96000";
  if (exists("avenc_aac")) return std::string("audioconvert ! avenc_aac") + kSettings;
  return std::string("voaacenc") + kSettings;
}

}  // namespace

const std::vector<Codec>& mix_video_codecs() {
  static const auto codecs = [] {
    std::vector<Codec> available;
    if (exists("vp8enc")) available.push_back(Codec::kVp8);
    if (exists("x264enc") || exists("openh264enc")) available.push_back(Codec::kH264);
    if (exists("vp9enc")) available.push_back(Codec::kVp9);
    return available;
  }();
  return codecs;
}

std::uint32_t mix_bitrate(Size size) {
  const double bits = kBitsPerPixel * size.width * size.height * kMixFrameRate;
  return std::clamp(static_cast<std::uint32_t>(bits), kLeastBitrate, kMostBitrate);
}

std::uint32_t mix_bitrate(Size size, Size whole, std::uint32_t wished) {
  if (wished == 0) return mix_bitrate(size);
  if (size == whole) return wished;
  const double share = static_cast<double>(mix_bitrate(size)) / mix_bitrate(whole);
  return std::max(static_cast<std::uint32_t>(wished * share), kLeastBitrate);
}

std::string scaled_caps(Size size) {
  return "video/x-raw,width=" + std::to_string(size.width) +
         ",height=" + std::to_string(size.height) + ",pixel-aspect-ratio=1/1";
}

std::optional<std::string> decoder_line(Codec codec) {
  switch (codec) {
    case Codec::kOpus:
      return raw_sound("rtpopusdepay ! opusvoicedec");
    case Codec::kPcmu:
      return raw_sound("rtppcmudepay ! mulawdec ! audioconvert ! audioresample");
    case Codec::kPcma:
      return raw_sound("rtppcmadepay ! alawdec ! audioconvert ! audioresample");
    case Codec::kVp8:
      return pictures("rtpvp8depay", "vp8dec threads=1 automatic-request-sync-points=true");
    case Codec::kVp9:
      return pictures("rtpvp9depay", "vp9dec threads=1 automatic-request-sync-points=true");
    case Codec::kH264:
      return pictures("rtph264depay", h264_decoder());
    default:
      return std::nullopt;
  }
}

std::optional<std::string> encoder_line(Codec codec, Size size, bool scaled) {
  const auto bitrate = mix_bitrate(size);
  // An encoder that is late leaves pictures out and holds up nobody.
  std::string queue =
      "queue max-size-buffers=2 max-size-bytes=0 max-size-time=0"
      " leaky=downstream ! ";
  if (scaled) queue += "videoscale ! capsfilter name=scaled caps=" + scaled_caps(size) + " ! ";
  switch (codec) {
    case Codec::kOpus:
      return "opusvoiceenc name=encoder bitrate=40000 ! " + canonical(codec, "rtpopuspay");
    case Codec::kAac:
      return aac_encoder() + " ! " + canonical(codec, "rtpmp4gpay perfect-rtptime=false mtu=1200");
    case Codec::kVp8:
      return queue + vpx_encoder("vp8enc", "cpu-used=-8 static-threshold=100", bitrate) + " ! " +
             canonical(codec, "rtpvp8pay picture-id-mode=15-bit mtu=1200");
    case Codec::kVp9:
      return queue + vpx_encoder("vp9enc", "cpu-used=8", bitrate) + " ! " +
             canonical(codec, "rtpvp9pay picture-id-mode=15-bit mtu=1200");
    case Codec::kH264:
      return queue + h264_encoder(bitrate) + " ! " +
             canonical(codec, "rtph264pay config-interval=-1 aggregate-mode=zero-latency mtu=1200");
    default:
      return std::nullopt;
  }
}

Duration encoder_delay(GstElement* encoder) {
  const auto* factory = gst_plugin_feature_get_name(gst_element_get_factory(encoder));
  std::int64_t samples = 0;
  if (g_strcmp0(factory, "avenc_aac") == 0) samples = kAacFrameSamples;
  if (g_strcmp0(factory, "voaacenc") == 0) samples = 1600;
  return Duration(std::chrono::seconds(samples)) / 48000;
}

void set_mix_bitrate(GstElement* encoder, Codec codec, std::uint32_t bitrate) {
  const auto* factory = gst_plugin_feature_get_name(gst_element_get_factory(encoder));
  if (g_strcmp0(factory, "x264enc") == 0) {
    g_object_set(encoder, "bitrate", bitrate / 1000, nullptr);
  } else if (codec == Codec::kH264) {
    g_object_set(encoder, "bitrate", bitrate, nullptr);
  } else {
    g_object_set(encoder, "target-bitrate", static_cast<int>(bitrate), nullptr);
  }
}

}  // namespace rooms
