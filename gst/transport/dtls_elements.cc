// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/dtls_elements.h"

#include <gst/base/gstbasesink.h>

#include "gst/glue/ref.h"

namespace rooms {
namespace {

// --- source

struct DtlsSource {
  GstElement parent;
  GstPad* src;
  bool started;
};
struct DtlsSourceClass {
  GstElementClass parent_class;
};

GstStaticPadTemplate source_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE(DtlsSource, dtls_source, GST_TYPE_ELEMENT)

gboolean answer_latency(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

void dtls_source_init(DtlsSource* self) {
  self->src = gst_pad_new_from_static_template(&source_template, "src");
  gst_pad_set_query_function(self->src, answer_latency);
  gst_pad_use_fixed_caps(self->src);
  gst_element_add_pad(GST_ELEMENT(self), self->src);
  GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}

void dtls_source_class_init(DtlsSourceClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &source_template);
  gst_element_class_set_static_metadata(element_class, "DTLS source", "Source/Network",
                                        "DTLS datagrams of one peer connection",
                                        "gst-rooms developers");
}

// --- sink

struct DtlsSink {
  GstBaseSink parent;
  std::shared_ptr<MediaTransport>* transport;
};
struct DtlsSinkClass {
  GstBaseSinkClass parent_class;
};

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE(DtlsSink, dtls_sink, GST_TYPE_BASE_SINK)

GstFlowReturn render(GstBaseSink* sink, GstBuffer* buffer) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return GST_FLOW_OK;
  (*reinterpret_cast<DtlsSink*>(sink)->transport)->send_dtls({map.data, map.size});
  gst_buffer_unmap(buffer, &map);
  return GST_FLOW_OK;
}

void dtls_sink_init(DtlsSink* self) {
  self->transport = new std::shared_ptr<MediaTransport>;
  gst_base_sink_set_sync(GST_BASE_SINK(self), FALSE);
  gst_base_sink_set_async_enabled(GST_BASE_SINK(self), FALSE);
  gst_base_sink_set_last_sample_enabled(GST_BASE_SINK(self), FALSE);
}

void dtls_sink_class_init(DtlsSinkClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_set_static_metadata(element_class, "DTLS sink", "Sink/Network",
                                        "DTLS datagrams of one peer connection",
                                        "gst-rooms developers");
  G_OBJECT_CLASS(klass)->finalize = [](GObject* object) {
    delete reinterpret_cast<DtlsSink*>(object)->transport;
    G_OBJECT_CLASS(dtls_sink_parent_class)->finalize(object);
  };
  GST_BASE_SINK_CLASS(klass)->render = render;
}

void send_start_events(GstPad* pad) {
  Owned<char> id = own(gst_pad_create_stream_id(pad, GST_PAD_PARENT(pad), nullptr));
  gst_pad_push_event(pad, gst_event_new_stream_start(id.get()));
  // Any name of the RTP family passes webrtcbin's filter; what is inside is told apart by its first
  // byte.
  gst_pad_push_event(
      pad, gst_event_new_caps(adopt(gst_caps_new_empty_simple("application/x-rtp")).get()));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(pad, gst_event_new_segment(&segment));
}

}  // namespace

GstElement* make_dtls_source() {
  return GST_ELEMENT(g_object_new(dtls_source_get_type(), nullptr));
}

bool push_dtls(GstElement* source, Bytes datagram) {
  auto* self = reinterpret_cast<DtlsSource*>(source);
  if (!self->started) {
    send_start_events(self->src);
    self->started = true;
  }
  GstBuffer* buffer = gst_buffer_new_memdup(datagram.data(), datagram.size());
  return gst_pad_push(self->src, buffer) == GST_FLOW_OK;
}

GstElement* make_dtls_sink(std::shared_ptr<MediaTransport> transport) {
  auto* element = GST_ELEMENT(g_object_new(dtls_sink_get_type(), nullptr));
  *reinterpret_cast<DtlsSink*>(element)->transport = std::move(transport);
  return element;
}

}  // namespace rooms
