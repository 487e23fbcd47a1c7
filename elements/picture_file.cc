// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/picture_file.h"

#include <gst/video/video.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace rooms {

namespace {

constexpr long kLargestFile = 32L << 20;
constexpr int kLargestSide = 8192;
constexpr GstClockTime kPatience = 5 * GST_SECOND;

Error no_picture(const std::string& path, const std::string& why) {
  return {"no-picture", "The background picture '" + path + "' " + why + "."};
}

/// By what the file begins with: nothing but these two decoders sees what a stranger wrote.
Result<const char*> decoder_of(const std::string& path) {
  const auto close = [](FILE* file) { std::fclose(file); };
  const std::unique_ptr<FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) return no_picture(path, std::string("cannot be opened: ") + std::strerror(errno));
  char start[8] = {};
  const auto size = std::fread(start, 1, sizeof start, file.get());
  const std::string_view magic(start, size);
  if (std::fseek(file.get(), 0, SEEK_END) != 0 || std::ftell(file.get()) > kLargestFile)
    return no_picture(path, "has more than 32 MiB");
  if (magic == "\x89PNG\r\n\x1a\n") return "pngdec";
  if (magic.starts_with("\xff\xd8\xff")) return "jpegdec";
  return no_picture(path, "is neither PNG nor JPEG");
}

/// Sees the size before the decoder gets memory for it.
GstPadProbeReturn limit_size(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer too_large) {
  auto* event = gst_pad_probe_info_get_event(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  GstVideoInfo video;
  if (gst_video_info_from_caps(&video, caps) && video.width <= kLargestSide &&
      video.height <= kLargestSide)
    return GST_PAD_PROBE_OK;
  *static_cast<bool*>(too_large) = true;
  return GST_PAD_PROBE_DROP;
}

}  // namespace

Result<Ref<GstSample>> load_picture(const std::string& path) {
  const auto decoder = decoder_of(path);
  if (!decoder) return decoder.error();
  const auto line = std::string("filesrc name=file ! ") + *decoder +
                    " name=decoder ! videoconvert ! video/x-raw,format=I420,colorimetry=bt601 ! "
                    "fakesink name=sink sync=false";
  GError* problem = nullptr;
  const auto pipeline = sink(gst_parse_launch(line.c_str(), &problem));
  if (problem) return no_picture(path, std::string("has no decoder: ") + own(problem)->message);

  auto* bin = GST_BIN(pipeline.get());
  const auto file = adopt(gst_bin_get_by_name(bin, "file"));
  const auto decode = adopt(gst_bin_get_by_name(bin, "decoder"));
  const auto end = adopt(gst_bin_get_by_name(bin, "sink"));
  g_object_set(file.get(), "location", path.c_str(), nullptr);
  bool too_large = false;
  const auto decoded = adopt(gst_element_get_static_pad(decode.get(), "src"));
  gst_pad_add_probe(decoded.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, limit_size, &too_large,
                    nullptr);
  gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
  const auto outcome = gst_element_get_state(pipeline.get(), nullptr, nullptr, kPatience);
  GstSample* sample = nullptr;
  if (outcome == GST_STATE_CHANGE_SUCCESS) g_object_get(end.get(), "last-sample", &sample, nullptr);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  if (too_large) return no_picture(path, "has more than 8192 pixels on a side");
  if (!sample) return no_picture(path, "cannot be decoded");
  return adopt(sample);
}

}  // namespace rooms
