// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/encode_line.h"

#include "gst/glue/ref.h"

namespace rooms {
namespace {

// A packet with our header extensions, SRTP and TURN around it still fits an Ethernet frame.
constexpr const char* kMtu = " mtu=1200 ";
// Whoever joins asks for a keyframe; the encoder need not send any by itself.
constexpr const char* kKeyframeDistance = "3000";

bool have(const char* factory) {
  return static_cast<bool>(adopt(gst_element_factory_find(factory)));
}

Error missing(const std::string& element, const char* package) {
  return {"plugin-missing", "There is no element '" + element + "'. Install " + package + "."};
}

std::string appsink(const EncodeOptions& options, std::size_t layer) {
  return "appsink name=" + options.name + "-sink-" + std::to_string(layer) +
         " async=false max-lateness=-1 qos=false sync=" + (options.sync ? "true" : "false");
}

/// One thread of its own for each input: those of one demuxer must not wait for one another.
constexpr const char* kQueue = "queue max-size-buffers=0 max-size-bytes=0 max-size-time=500000000";

std::string payloader(std::string_view encoding) {
  if (encoding == "VP8") return std::string("rtpvp8pay picture-id-mode=15-bit") + kMtu;
  if (encoding == "VP9") return std::string("rtpvp9pay picture-id-mode=15-bit") + kMtu;
  if (encoding == "H264")
    return std::string("rtph264pay config-interval=-1 aggregate-mode=zero-latency") + kMtu;
  return std::string("rtpopuspay") + kMtu;
}

/// Real time, constant bitrate, no frame that waits for a later one. One thread a layer: those of
/// libvpx wait for each other by spinning.
std::string encoder(VideoEncoding encoding, const std::string& name) {
  const std::string distance = kKeyframeDistance;
  switch (encoding) {
    case VideoEncoding::kVp8:
      return "vp8enc name=" + name + " deadline=1 cpu-used=-8 end-usage=cbr lag-in-frames=0 " +
             "buffer-initial-size=300 buffer-optimal-size=400 buffer-size=600 threads=1 " +
             "keyframe-max-dist=" + distance + " ! " + payloader("VP8");
    case VideoEncoding::kVp9:
      return "vp9enc name=" + name + " deadline=1 cpu-used=8 end-usage=cbr lag-in-frames=0 " +
             "buffer-initial-size=300 buffer-optimal-size=400 buffer-size=600 threads=1 " +
             "keyframe-max-dist=" + distance + " ! " + payloader("VP9");
    case VideoEncoding::kH264:
      break;
  }
  if (have("x264enc"))
    return "x264enc name=" + name + " tune=zerolatency speed-preset=superfast bframes=0 " +
           "vbv-buf-capacity=400 key-int-max=" + distance +
           " ! video/x-h264,profile=constrained-baseline ! " + payloader("H264");
  return "openh264enc name=" + name + " complexity=low rate-control=bitrate gop-size=" + distance +
         " ! video/x-h264,profile=constrained-baseline ! h264parse ! " + payloader("H264");
}

std::string raw_video_layer(const EncodeOptions& options, std::size_t layer) {
  const auto number = std::to_string(layer);
  return "queue max-size-buffers=2 max-size-bytes=0 max-size-time=0 ! valve name=" + options.name +
         "-valve-" + number +
         " drop-mode=forward-sticky-events ! videoscale ! capsfilter name=" + options.name +
         "-scaled-" + number + " ! videoconvert ! video/x-raw,format=I420 ! " +
         encoder(options.encoding, options.name + "-encoder-" + number) + " ! " +
         appsink(options, layer);
}

Result<EncodeLine> raw_video(const EncodeOptions& options) {
  const char* needed = options.encoding == VideoEncoding::kVp8   ? "vp8enc"
                       : options.encoding == VideoEncoding::kVp9 ? "vp9enc"
                                                                 : "x264enc";
  const bool h264 = options.encoding == VideoEncoding::kH264;
  if (!have(needed) && !(h264 && have("openh264enc")))
    return missing(needed, h264 ? "gstreamer1.0-plugins-ugly" : "gstreamer1.0-plugins-good");
  EncodeLine line;
  line.layers = options.layers;
  line.encodes_video = true;
  if (options.layers == 1) {
    line.text = raw_video_layer(options, 0);
    return line;
  }
  const std::string tee = options.name + "-tee";
  line.text = "tee name=" + tee;
  for (std::size_t layer = 0; layer < options.layers; ++layer)
    line.text += "  " + tee + ". ! " + raw_video_layer(options, layer);
  return line;
}

Result<EncodeLine> raw_audio(const EncodeOptions& options) {
  if (!have("opusenc")) return missing("opusenc", "gstreamer1.0-plugins-base");
  EncodeLine line;
  line.text = std::string(kQueue) +
              " ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=[1,2] ! opusenc "
              "name=" +
              options.name + "-encoder-0 inband-fec=true bitrate=" +
              std::to_string(options.audio_bitrate.bits_per_second()) + " ! " + payloader("OPUS") +
              " ! " + appsink(options, 0);
  return line;
}

/// What x264enc makes of the first format it is offered is often none that a browser decodes.
Status check_h264(const GstStructure* structure) {
  const char* text = gst_structure_get_string(structure, "profile");
  const std::string profile = text ? text : "";
  const bool beyond = profile.starts_with("high-4:") || profile.starts_with("high-10") ||
                      profile.starts_with("cavlc-4:4:4");
  if (!beyond) return Done{};
  return Error{"caps", "The input is H.264 of profile " + profile +
                           ", which no browser decodes: they take 8 bits and 4:2:0. Put "
                           "\"video/x-raw,format=I420\" before the encoder."};
}

}  // namespace

Result<EncodeLine> encode_line(const GstCaps* caps, const EncodeOptions& options) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const std::string name = gst_structure_get_name(structure);
  if (name == "video/x-raw") return raw_video(options);
  if (name == "audio/x-raw") return raw_audio(options);
  EncodeLine line;
  const auto end = " ! " + appsink(options, 0);
  if (name == "application/x-rtp") {
    line.text = std::string(kQueue) + end;
  } else if (name == "video/x-h264") {
    if (auto checked = check_h264(structure); !checked) return checked.error();
    if (!have("h264parse")) return missing("h264parse", "gstreamer1.0-plugins-bad");
    line.text = std::string(kQueue) + " ! h264parse ! " + payloader("H264") + end;
  } else if (name == "video/x-vp8" || name == "video/x-vp9") {
    line.text =
        std::string(kQueue) + " ! " + payloader(name == "video/x-vp8" ? "VP8" : "VP9") + end;
  } else if (name == "audio/x-opus") {
    line.text = std::string(kQueue) + " ! " + payloader("OPUS") + end;
  } else {
    return Error{"caps",
                 "roomsink takes raw media, VP8, VP9, H.264, Opus and RTP, not " + name + "."};
  }
  return line;
}

}  // namespace rooms
