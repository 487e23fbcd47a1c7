// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/videogrid_pad.h"

#include "elements/videogrid_impl.h"

struct _SfuVideoGridPad {
  GstPad parent;
  rooms::GridPad* impl;
};

G_DEFINE_FINAL_TYPE(SfuVideoGridPad, sfu_video_grid_pad, GST_TYPE_PAD)

namespace rooms {

namespace {

constexpr int kLargestPicture = 8192;  // pixels a side
constexpr GstClockTime kRunningTimeStart = 0;

enum Property { kCaption = 1, kPriority, kAlpha, kWhole, kTileWidth, kTileHeight };

/// Null once the pad has left the element.
Ref<GstElement> element_of(GstPad* pad) { return adopt(gst_pad_get_parent_element(pad)); }

// In the order a frame meets them.

bool take_caps(GstPad* pad, GstObject* parent, GstCaps* caps) {
  auto& self = grid_pad(pad);
  auto info = std::make_shared<GstVideoInfo>();
  if (!gst_video_info_from_caps(info.get(), caps)) return false;
  self.too_large = info->width > kLargestPicture || info->height > kLargestPicture;
  if (self.too_large) {
    GST_ELEMENT_WARNING(parent, STREAM, FORMAT,
                        ("%s brings pictures of %dx%d pixels; at most %d a side are shown.",
                         GST_PAD_NAME(pad), info->width, info->height, kLargestPicture),
                        (nullptr));
  }
  self.info = std::move(info);

  const auto query = adopt(gst_query_new_latency());
  gboolean live = FALSE;
  if (gst_pad_peer_query(pad, query.get())) {
    gst_query_parse_latency(query.get(), &live, nullptr, nullptr);
  }
  self.live = live;
  // A new input may need more time than those before; the pipeline asks all again.
  gst_element_post_message(GST_ELEMENT(parent), gst_message_new_latency(parent));
  tell_tile_size(pad);
  return true;
}

GstFlowReturn chain(GstPad* pad, GstObject* /*parent*/, GstBuffer* given) {
  auto buffer = adopt(given);
  auto& self = grid_pad(pad);
  if (!self.info) return GST_FLOW_NOT_NEGOTIATED;
  if (self.too_large) return GST_FLOW_OK;
  auto time = kRunningTimeStart;
  if (GST_BUFFER_PTS_IS_VALID(buffer.get()) && self.segment.format == GST_FORMAT_TIME) {
    time =
        gst_segment_to_running_time(&self.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer.get()));
    if (!GST_CLOCK_TIME_IS_VALID(time)) return GST_FLOW_OK;  // outside of the segment
  }
  GridFrame frame{std::move(buffer), self.info, Timestamp(Duration(static_cast<gint64>(time))), 0};
  return self.input->put(std::move(frame), self.live) ? GST_FLOW_OK : GST_FLOW_FLUSHING;
}

/// Nothing of an input goes on downstream: the output has its own.
gboolean on_event(GstPad* pad, GstObject* parent, GstEvent* given) {
  const auto event = adopt(given);
  auto& self = grid_pad(pad);
  switch (GST_EVENT_TYPE(event.get())) {
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event.get(), &caps);
      return take_caps(pad, parent, caps);
    }
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event.get(), &self.segment);
      break;
    case GST_EVENT_STREAM_START:
      self.input->set_ended(false);
      break;
    case GST_EVENT_EOS:
      self.input->set_ended(true);
      break;
    case GST_EVENT_FLUSH_START:
      self.input->set_flushing(true);
      break;
    case GST_EVENT_FLUSH_STOP:
      self.input->set_flushing(false);
      self.input->set_ended(false);
      gst_segment_init(&self.segment, GST_FORMAT_UNDEFINED);
      break;
    default:
      break;
  }
  return TRUE;
}

gboolean on_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION) {
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
    return TRUE;
  }
  return gst_pad_query_default(pad, parent, query);
}

// Properties: the element's mixer has them; a pad that has left answers defaults.

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  auto* pad = GST_PAD(object);
  const auto element = element_of(pad);
  if (!element) return;
  auto& mixer = SFU_VIDEO_GRID(element.get())->impl->mixer;
  const auto resized = mixer.change_member(grid_pad(pad).id, [&](GridMixer::Member& member) {
    switch (id) {
      case kCaption:
        member.caption = g_value_get_string(value) ? g_value_get_string(value) : "";
        break;
      case kPriority:
        member.priority = g_value_get_int(value);
        break;
      case kAlpha:
        member.alpha = g_value_get_double(value);
        break;
      case kWhole:
        member.whole = g_value_get_boolean(value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
  });
  tell_resized(element.get(), resized);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  auto* pad = GST_PAD(object);
  const auto element = element_of(pad);
  const auto member =
      element ? SFU_VIDEO_GRID(element.get())->impl->mixer.member(grid_pad(pad).id) : std::nullopt;
  const GridMixer::Member shown = member.value_or(GridMixer::Member{});
  switch (id) {
    case kCaption:
      g_value_set_string(value, shown.caption.c_str());
      break;
    case kPriority:
      g_value_set_int(value, shown.priority);
      break;
    case kAlpha:
      g_value_set_double(value, shown.alpha);
      break;
    case kWhole:
      g_value_set_boolean(value, shown.whole);
      break;
    case kTileWidth:
      g_value_set_int(value, shown.tile.width);
      break;
    case kTileHeight:
      g_value_set_int(value, shown.tile.height);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

void install_properties(GObjectClass* object) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_PLAYING);
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const auto install = [object](guint id, GParamSpec* spec) {
    g_object_class_install_property(object, id, spec);
  };
  install(kCaption, g_param_spec_string("caption", "Caption",
                                        "Name of who this is: caption, placeholder, and the "
                                        "'participant' of a custom layout",
                                        "", kSetting));
  install(kPriority,
          g_param_spec_int("priority", "Priority",
                           "Inputs with a higher one come first; among equals, who came first",
                           G_MININT, G_MAXINT, 0, kSetting));
  install(kAlpha,
          g_param_spec_double("alpha", "Alpha", "0: invisible, 1: opaque", 0, 1, 1, kSetting));
  install(kWhole,
          g_param_spec_boolean("whole", "Whole", "Never cropped, whatever 'fit' says: for a screen",
                               FALSE, kSetting));
  install(kTileWidth, g_param_spec_int("tile-width", "Tile width",
                                       "Width in pixels of the tile once nothing moves any more; "
                                       "0: not shown. Notifies; upstream gets an event "
                                       "'video-tile-size' with width and height",
                                       0, G_MAXINT, 0, kFact));
  install(kTileHeight, g_param_spec_int("tile-height", "Tile height", "Height, see tile-width", 0,
                                        G_MAXINT, 0, kFact));
}

}  // namespace

GridPad& grid_pad(GstPad* pad) { return *SFU_VIDEO_GRID_PAD(pad)->impl; }

void set_up_grid_pad(GstPad* pad) {
  gst_pad_set_chain_function(pad, chain);
  gst_pad_set_event_function(pad, on_event);
  gst_pad_set_query_function(pad, on_query);
}

void tell_tile_size(GstPad* pad) {
  const auto element = element_of(pad);
  if (!element) return;
  const auto member = SFU_VIDEO_GRID(element.get())->impl->mixer.member(grid_pad(pad).id);
  if (!member) return;
  auto* facts = gst_structure_new("video-tile-size", "width", G_TYPE_INT, member->tile.width,
                                  "height", G_TYPE_INT, member->tile.height, nullptr);
  gst_pad_push_event(pad, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, facts));
  g_object_notify(G_OBJECT(pad), "tile-width");
  g_object_notify(G_OBJECT(pad), "tile-height");
}

}  // namespace rooms

static void sfu_video_grid_pad_class_init(SfuVideoGridPadClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = rooms::set_property;
  object->get_property = rooms::get_property;
  object->finalize = [](GObject* self) {
    delete SFU_VIDEO_GRID_PAD(self)->impl;
    G_OBJECT_CLASS(sfu_video_grid_pad_parent_class)->finalize(self);
  };
  rooms::install_properties(object);
}

static void sfu_video_grid_pad_init(SfuVideoGridPad* self) {
  self->impl = new rooms::GridPad;
  gst_segment_init(&self->impl->segment, GST_FORMAT_UNDEFINED);
}
