// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-videogrid
 * @title: videogrid
 *
 * Many pictures become one: in a grid, with the speaker large, as pictures in a picture, side by
 * side, or where a JSON text says. Layout, speaker, size and rate may change while it runs; tiles
 * then move to their new places.
 *
 * The output has its own clock: a picture leaves every frame duration, whatever the inputs do. They
 * come, go, change their size, are late or fall silent. An input that falls silent is shown by its
 * last frame for `hold-time`, then by a placeholder with its name. Each frame is scaled once,
 * straight into its place; a picture in which nothing changed is sent again without drawing, so
 * the costs are those of the frames that come in. (`compositor` scales every input for every output
 * frame, drops frames that are late by the clock, and cannot crop.)
 *
 * `tile-width` and `tile-height` of a sink pad tell how large an input is shown, so that a decoder
 * may take the smallest layer that is large enough. They notify, and a custom upstream event
 * `video-tile-size` (`width`, `height`: int, pixels; 0: not shown) says the same, also after each
 * caps event.
 *
 * Frames are shown at their running time plus `latency` plus what upstream says it needs, to the
 * nearest frame of the output, so that the element adds half a frame duration to the latency; frames
 * that are later than that are shown as soon as they come. A size or rate that downstream fixes
 * goes before the properties. Between matrices of YUV (BT.601, BT.709)
 * colours are not converted; the output is called BT.601.
 *
 * ## Bad input
 *
 * A value that cannot be is refused: the old one stays, a warning message says why, and so does
 * `last-error`. While it is not corrected the element does not start. Inputs of more than 8192
 * pixels a side are shown by their placeholder.
 *
 * ## Custom layouts
 *
 * `layout-json` holds an object with `tiles`, and, if wanted, `background` (`color`, `picture`:
 * path of a PNG or JPEG file), `border` (`color`, `width`) and `canvas` (`width`, `height`). A tile
 * has `x`, `y`, `width`, `height`, in fractions of the picture, or in pixels of `canvas` if that is
 * there; `slot` (n-th of the inputs that no tile names), `participant` (caption of a pad) or
 * `speaker` (true); and, if wanted, `z`, `alpha`, `fit` (`crop`, `whole`), `caption`, `border`
 * (true, false).
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videogrid name=grid layout=speaker speaker=sink_1
 * sink_0::caption=Ada sink_1::caption=Bob sink_2::caption=Grace !
 * video/x-raw,width=640,height=360,framerate=30/1 ! videoconvert ! fakesink
 * videotestsrc is-live=true ! video/x-raw,width=640,height=360 ! grid.sink_0
 * videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480 ! grid.sink_1
 * videotestsrc is-live=true pattern=smpte ! video/x-raw,width=320,height=180 ! grid.sink_2
 * ]| Bob is large, Ada and Grace are below.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videogrid name=grid layout=custom
 * layout-json='{"tiles":[{"x":0,"y":0,"width":1,"height":1},
 * {"x":0.7,"y":0.7,"width":0.25,"height":0.25,"z":1}]}' ! fakesink
 * videotestsrc is-live=true ! grid. videotestsrc is-live=true pattern=ball ! grid.
 * ]| One picture over another.
 */
#include "elements/videogrid.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "elements/name_labels.h"
#include "elements/videogrid_impl.h"
#include "elements/videogrid_pad.h"
#include "elements/videogrid_properties.h"

GST_DEBUG_CATEGORY_STATIC(videogrid_debug);
#define GST_CAT_DEFAULT videogrid_debug

using rooms::adopt;
using rooms::share;
using rooms::VideoGrid;

namespace {

// I420 first: what is not fixed upstream becomes what costs least.
GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE("I420") ";" GST_VIDEO_CAPS_MAKE(GST_VIDEO_FORMATS_ALL)));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("video/x-raw, format = (string) I420, width = (int) [ 16, 4096 ], "
                    "height = (int) [ 16, 4096 ], framerate = (fraction) [ 1/60, 120/1 ]"));

VideoGrid& grid_of(gpointer element) { return *SFU_VIDEO_GRID(element)->impl; }

// The src pad.

struct UpstreamLatency {
  GstClockTime least = 0;
};

gboolean ask_latency(GstElement* /*element*/, GstPad* pad, gpointer user_data) {
  auto& upstream = *static_cast<UpstreamLatency*>(user_data);
  const auto query = adopt(gst_query_new_latency());
  if (!gst_pad_peer_query(pad, query.get())) return TRUE;
  gboolean live = FALSE;
  GstClockTime least = 0;
  gst_query_parse_latency(query.get(), &live, &least, nullptr);
  if (live) upstream.least = std::max(upstream.least, least);
  return TRUE;
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  UpstreamLatency upstream;
  gst_element_foreach_sink_pad(GST_ELEMENT(parent), ask_latency, &upstream);
  auto& output = grid_of(parent).output;
  output.set_upstream_latency(upstream.least);
  gst_query_set_latency(query, TRUE, output.latency(), GST_CLOCK_TIME_NONE);
  return TRUE;
}

/// Nothing that comes from downstream is for the inputs: no seeks, no keyframe requests.
gboolean src_event(GstPad* /*pad*/, GstObject* /*parent*/, GstEvent* given) {
  const auto event = adopt(given);
  return GST_EVENT_TYPE(event.get()) == GST_EVENT_LATENCY ||
         GST_EVENT_TYPE(event.get()) == GST_EVENT_QOS ||
         GST_EVENT_TYPE(event.get()) == GST_EVENT_RECONFIGURE;
}

gboolean activate_src(GstPad* /*pad*/, GstObject* parent, GstPadMode mode, gboolean active) {
  return mode == GST_PAD_MODE_PUSH && grid_of(parent).output.activate(active);
}

// Sink pads come and go.

std::string free_name(GstElement* element, const char* wished) {
  const auto is_taken = [element](const std::string& name) {
    return static_cast<bool>(adopt(gst_element_get_static_pad(element, name.c_str())));
  };
  if (wished) {
    guint64 index = 0;
    const bool good =
        g_str_has_prefix(wished, "sink_") &&
        g_ascii_string_to_unsigned(wished + strlen("sink_"), 10, 0, G_MAXUINT, &index, nullptr);
    return good && !is_taken(wished) ? wished : "";
  }
  unsigned index = 0;
  while (is_taken("sink_" + std::to_string(index))) ++index;
  return "sink_" + std::to_string(index);
}

GstPad* request_pad(GstElement* element, GstPadTemplate* templ, const char* wished,
                    const GstCaps* /*caps*/) {
  const auto name = free_name(element, wished);
  if (name.empty()) {
    GST_WARNING_OBJECT(element, "there can be no other pad %s", wished);
    return nullptr;
  }
  auto& grid = grid_of(element);
  auto* pad = GST_PAD(g_object_new(SFU_TYPE_VIDEO_GRID_PAD, "name", name.c_str(), "direction",
                                   GST_PAD_SINK, "template", templ, nullptr));
  rooms::GridMixer::Resized resized;
  auto& self = rooms::grid_pad(pad);
  self.id = grid.mixer.add(name, resized);
  self.input = grid.mixer.input(self.id);
  rooms::set_up_grid_pad(pad);
  GstState state = GST_STATE_NULL;
  GstState pending = GST_STATE_VOID_PENDING;
  gst_element_get_state(element, &state, &pending, 0);
  self.input->set_flushing(state < GST_STATE_PAUSED && pending < GST_STATE_PAUSED);
  gst_pad_set_active(pad, TRUE);
  gst_element_add_pad(element, pad);
  gst_child_proxy_child_added(GST_CHILD_PROXY(element), G_OBJECT(pad), name.c_str());
  rooms::tell_resized(element, resized);
  return pad;
}

void release_pad(GstElement* element, GstPad* given) {
  const auto pad = share(given);
  const auto& self = rooms::grid_pad(given);
  self.input->set_flushing(true);  // who waits in chain() leaves
  gst_pad_set_active(given, FALSE);
  const auto resized = grid_of(element).mixer.remove(self.id);
  gst_child_proxy_child_removed(GST_CHILD_PROXY(element), G_OBJECT(given), GST_PAD_NAME(given));
  gst_element_remove_pad(element, given);
  rooms::tell_resized(element, resized);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change);

// Pads are children, so that a launch line can say sink_0::caption=Ada.
void child_proxy_init(gpointer iface, gpointer /*data*/) {
  auto* proxy = static_cast<GstChildProxyInterface*>(iface);
  proxy->get_children_count = [](GstChildProxy* self) {
    GST_OBJECT_LOCK(self);
    const guint count = GST_ELEMENT(self)->numsinkpads;
    GST_OBJECT_UNLOCK(self);
    return count;
  };
  proxy->get_child_by_index = [](GstChildProxy* self, guint index) {
    GST_OBJECT_LOCK(self);
    auto* pad = G_OBJECT(g_list_nth_data(GST_ELEMENT(self)->sinkpads, index));
    if (pad) g_object_ref(pad);
    GST_OBJECT_UNLOCK(self);
    return pad;
  };
}

}  // namespace

G_DEFINE_FINAL_TYPE_WITH_CODE(SfuVideoGrid, sfu_video_grid, GST_TYPE_ELEMENT,
                              G_IMPLEMENT_INTERFACE(GST_TYPE_CHILD_PROXY, child_proxy_init))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(videogrid, "videogrid", GST_RANK_NONE, SFU_TYPE_VIDEO_GRID,
                                      GST_DEBUG_CATEGORY_INIT(videogrid_debug, "videogrid", 0,
                                                              "many pictures become one"))

void rooms::tell_resized(GstElement* element, const GridMixer::Resized& resized) {
  if (resized.empty()) return;
  gst_element_foreach_sink_pad(
      element,
      [](GstElement*, GstPad* pad, gpointer data) -> gboolean {
        const auto& ids = *static_cast<const GridMixer::Resized*>(data);
        if (std::ranges::find(ids, grid_pad(pad).id) != ids.end()) tell_tile_size(pad);
        return TRUE;
      },
      const_cast<GridMixer::Resized*>(&resized));
}

namespace {

/// A value that was refused, and not replaced by a good one, keeps the element from starting.
bool may_start(GstElement* element) {
  const auto why = rooms::refusals(grid_of(element));
  if (why.empty()) return true;
  GST_ELEMENT_ERROR(element, LIBRARY, SETTINGS, ("%s", why.c_str()), (nullptr));
  return false;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange change) {
  auto& grid = grid_of(element);
  switch (change) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      if (!may_start(element)) return GST_STATE_CHANGE_FAILURE;
      rooms::find_fonts();
      break;
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      grid.mixer.set_flushing(false);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      grid.output.set_playing(true);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      grid.output.set_playing(false);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      grid.mixer.set_flushing(true);
      break;
    default:
      break;
  }
  const auto result = GST_ELEMENT_CLASS(sfu_video_grid_parent_class)->change_state(element, change);
  const bool live =
      change == GST_STATE_CHANGE_READY_TO_PAUSED || change == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
  return live && result == GST_STATE_CHANGE_SUCCESS ? GST_STATE_CHANGE_NO_PREROLL : result;
}

}  // namespace

static void sfu_video_grid_class_init(SfuVideoGridClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->finalize = [](GObject* self) {
    delete SFU_VIDEO_GRID(self)->impl;
    G_OBJECT_CLASS(sfu_video_grid_parent_class)->finalize(self);
  };
  rooms::install_grid_properties(object);

  auto* element = GST_ELEMENT_CLASS(klass);
  element->request_new_pad = request_pad;
  element->release_pad = release_pad;
  element->change_state = change_state;
  gst_element_class_add_static_pad_template_with_gtype(element, &sink_template,
                                                       SFU_TYPE_VIDEO_GRID_PAD);
  gst_element_class_add_static_pad_template(element, &src_template);
  gst_element_class_set_static_metadata(
      element, "Video grid", "Filter/Editor/Video/Compositor",
      "Many pictures become one: grid, speaker, picture in picture, side by side, or custom",
      "gst-rooms");
}

static void sfu_video_grid_init(SfuVideoGrid* self) {
  auto* src = gst_pad_new_from_static_template(&src_template, "src");
  self->impl = new VideoGrid(GST_ELEMENT(self), src);
  gst_pad_set_query_function(src, src_query);
  gst_pad_set_event_function(src, src_event);
  gst_pad_set_activatemode_function(src, activate_src);
  gst_pad_use_fixed_caps(src);
  gst_element_add_pad(GST_ELEMENT(self), src);
}
