// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/receiving_chain.h"

#include <array>
#include <string_view>
#include <utility>

namespace rooms {
namespace {

struct Row {
  std::string_view encoding;
  const char* line;
};
// After loss a decoder would show what does not belong together: nothing until the next keyframe.
constexpr std::array kDepayloaders = {
    Row{"VP8", "rtpvp8depay request-keyframe=true wait-for-keyframe=true"},
    Row{"VP9", "rtpvp9depay request-keyframe=true wait-for-keyframe=true"},
    Row{"H264", "rtph264depay request-keyframe=true wait-for-keyframe=true ! h264parse"},
    Row{"OPUS", "rtpopusdepay"},
    Row{"PCMU", "rtppcmudepay"},
    Row{"PCMA", "rtppcmadepay"},
    Row{"G722", "rtpg722depay"},
};

constexpr const char* kGuardIn =
    "errorignore name=guard-in ignore-error=true ignore-notlinked=true "
    "ignore-notnegotiated=true ignore-eos=true convert-to=ok";
constexpr const char* kGuardOut =
    "errorignore name=guard-out ignore-error=false "
    "ignore-notlinked=true ignore-eos=true convert-to=ok";

Ref<GstPad> pad_of(GstElement* bin, const char* element, const char* pad) {
  const auto found = adopt(gst_bin_get_by_name(GST_BIN(bin), element));
  return found ? adopt(gst_element_get_static_pad(found.get(), pad)) : Ref<GstPad>();
}

}  // namespace

ReceivingChain::ReceivingChain(GstBin* parent, std::function<void(GstPad*)> on_caps)
    : parent_(share(parent)), on_caps_(std::move(on_caps)) {}

ReceivingChain::~ReceivingChain() {
  if (!line_) return;
  gst_element_set_locked_state(line_.get(), TRUE);
  gst_element_set_state(line_.get(), GST_STATE_NULL);
  gst_bin_remove(parent_.get(), line_.get());
}

Result<std::unique_ptr<ReceivingChain>> ReceivingChain::create(
    GstBin* parent, GstPad* from, const Settings& settings, std::function<void(GstPad*)> on_caps) {
  std::unique_ptr<ReceivingChain> chain(new ReceivingChain(parent, std::move(on_caps)));
  if (auto built = chain->build(from, settings); !built) return built.error();
  return chain;
}

Status ReceivingChain::build(GstPad* from, const Settings& settings) {
  const Row* row = nullptr;
  for (const auto& one : kDepayloaders)
    if (one.encoding == settings.encoding) row = &one;
  if (!row)
    return Error{"codec-refused", "'" + settings.encoding + "' is none of the codecs offered."};
  std::string text = std::string(kGuardIn) + " ! " + row->line + " ! ";
  text += settings.decode ? std::string("decodebin name=decoder ") + kGuardOut : kGuardOut;
  GError* raw = nullptr;
  line_ = sink(gst_parse_bin_from_description_full(text.c_str(), FALSE, nullptr,
                                                   GST_PARSE_FLAG_FATAL_ERRORS, &raw));
  const auto error = own(raw);
  if (!line_)
    return Error{"plugin-missing", std::string("The receiving pipeline cannot be built: ") +
                                       (error ? error->message : "unknown reason")};
  gst_object_set_name(GST_OBJECT(line_.get()), settings.name.c_str());
  gst_element_add_pad(line_.get(),
                      gst_ghost_pad_new("sink", pad_of(line_.get(), "guard-in", "sink").get()));
  gst_element_add_pad(line_.get(),
                      gst_ghost_pad_new("src", pad_of(line_.get(), "guard-out", "src").get()));
  out_ = adopt(gst_element_get_static_pad(line_.get(), "src"));
  wait_for_caps(out_.get());
  if (settings.decode) {
    tail_ = adopt(gst_bin_get_by_name(GST_BIN(line_.get()), "guard-out"));
    const auto decoder = adopt(gst_bin_get_by_name(GST_BIN(line_.get()), "decoder"));
    g_signal_connect(
        decoder.get(), "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer data) {
          const auto to = adopt(gst_element_get_static_pad(static_cast<GstElement*>(data), "sink"));
          if (!gst_pad_is_linked(to.get())) gst_pad_link(pad, to.get());
        }),
        tail_.get());
  }
  gst_bin_add(parent_.get(), line_.get());
  gst_element_sync_state_with_parent(line_.get());
  const auto in = adopt(gst_element_get_static_pad(line_.get(), "sink"));
  if (gst_pad_link(from, in.get()) != GST_PAD_LINK_OK)
    return Error{"caps", "What webrtcbin gives out cannot be depayloaded."};
  return Done{};
}

void ReceivingChain::wait_for_caps(GstPad* pad) {
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad* of, GstPadProbeInfo* info, gpointer data) {
        if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) != GST_EVENT_CAPS)
          return GST_PAD_PROBE_OK;
        static_cast<ReceivingChain*>(data)->on_caps_(of);
        return GST_PAD_PROBE_REMOVE;
      },
      this, nullptr);
}

}  // namespace rooms
