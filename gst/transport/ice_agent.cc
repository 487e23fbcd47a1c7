// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/ice_agent.h"

#include "gst/glue/ref.h"
#include "gst/transport/dtls_elements.h"

namespace rooms {
namespace {

// --- transport: the pair of elements

struct IceTransport {
  GstWebRTCICETransport parent;
};
struct IceTransportClass {
  GstWebRTCICETransportClass parent_class;
};
G_DEFINE_TYPE(IceTransport, ice_transport, GST_TYPE_WEBRTC_ICE_TRANSPORT)

void ice_transport_init(IceTransport* /*self*/) {}
void ice_transport_class_init(IceTransportClass* klass) {
  GST_WEBRTC_ICE_TRANSPORT_CLASS(klass)->gather_candidates =
      [](GstWebRTCICETransport*) -> gboolean { return TRUE; };
  G_OBJECT_CLASS(klass)->finalize = [](GObject* object) {
    auto* self = GST_WEBRTC_ICE_TRANSPORT(object);
    gst_clear_object(&self->src);
    gst_clear_object(&self->sink);
    G_OBJECT_CLASS(ice_transport_parent_class)->finalize(object);
  };
}

// --- stream

struct IceStream {
  GstWebRTCICEStream parent;
  GstWebRTCICETransport* transport;
};
struct IceStreamClass {
  GstWebRTCICEStreamClass parent_class;
};
G_DEFINE_TYPE(IceStream, ice_stream, GST_TYPE_WEBRTC_ICE_STREAM)

void ice_stream_init(IceStream* /*self*/) {}
void ice_stream_class_init(IceStreamClass* klass) {
  auto* stream_class = GST_WEBRTC_ICE_STREAM_CLASS(klass);
  stream_class->find_transport = [](GstWebRTCICEStream* stream, GstWebRTCICEComponent) {
    auto* transport = reinterpret_cast<IceStream*>(stream)->transport;
    return GST_WEBRTC_ICE_TRANSPORT(gst_object_ref(transport));
  };
  stream_class->gather_candidates = [](GstWebRTCICEStream* stream) -> gboolean {
    gst_webrtc_ice_transport_gathering_state_change(reinterpret_cast<IceStream*>(stream)->transport,
                                                    GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
    return TRUE;
  };
  G_OBJECT_CLASS(klass)->finalize = [](GObject* object) {
    gst_clear_object(&reinterpret_cast<IceStream*>(object)->transport);
    G_OBJECT_CLASS(ice_stream_parent_class)->finalize(object);
  };
}

// --- agent

struct IceAgent {
  GstWebRTCICE parent;
  std::shared_ptr<MediaTransport>* transport;
  GstWebRTCICEStream* stream;
};
struct IceAgentClass {
  GstWebRTCICEClass parent_class;
};
G_DEFINE_TYPE(IceAgent, ice_agent, GST_TYPE_WEBRTC_ICE)

IceAgent* as_agent(void* object) { return static_cast<IceAgent*>(object); }

GstWebRTCICEStream* add_stream(GstWebRTCICE* ice, guint session) {
  auto* self = as_agent(ice);
  // One component carries everything; a second session can only be a mistake of ours in the
  // synthetic SDP.
  if (self->stream) return self->stream;
  auto* transport = GST_WEBRTC_ICE_TRANSPORT(g_object_new(ice_transport_get_type(), nullptr));
  gst_object_ref_sink(transport);
  transport->component = GST_WEBRTC_ICE_COMPONENT_RTP;
  transport->src = GST_ELEMENT(gst_object_ref_sink(make_dtls_source()));
  transport->sink = GST_ELEMENT(gst_object_ref_sink(make_dtls_sink(*self->transport)));
  self->stream = GST_WEBRTC_ICE_STREAM(g_object_new(ice_stream_get_type(), nullptr));
  gst_object_ref_sink(self->stream);
  self->stream->stream_id = session;
  reinterpret_cast<IceStream*>(self->stream)->transport = transport;
  return self->stream;
}

void ice_agent_init(IceAgent* self) { self->transport = new std::shared_ptr<MediaTransport>; }

// Every wrapper of the base class asserts that its function exists, so all are here
// (gst-libs/gst/webrtc/ice.c).
void set_address_functions(GstWebRTCICEClass* agent) {
  agent->add_candidate = [](GstWebRTCICE*, GstWebRTCICEStream*, const gchar*
#if GST_CHECK_VERSION(1, 24, 0)
                            ,
                            GstPromise*
#endif
                         ) {};
  agent->set_local_credentials = [](GstWebRTCICE*, GstWebRTCICEStream*, const gchar*,
                                    const gchar*) -> gboolean { return TRUE; };
  agent->set_remote_credentials = [](GstWebRTCICE*, GstWebRTCICEStream*, const gchar*,
                                     const gchar*) -> gboolean { return TRUE; };
  agent->set_on_ice_candidate = [](GstWebRTCICE*, GstWebRTCICEOnCandidateFunc, gpointer data,
                                   GDestroyNotify notify) {
    if (notify) notify(data);
  };
  agent->get_local_candidates = [](GstWebRTCICE*, GstWebRTCICEStream*) {
    return g_new0(GstWebRTCICECandidateStats*, 1);
  };
  agent->get_remote_candidates = [](GstWebRTCICE*, GstWebRTCICEStream*) {
    return g_new0(GstWebRTCICECandidateStats*, 1);
  };
  agent->get_selected_pair = [](GstWebRTCICE*, GstWebRTCICEStream*, GstWebRTCICECandidateStats**,
                                GstWebRTCICECandidateStats**) -> gboolean { return FALSE; };
}

void set_server_functions(GstWebRTCICEClass* agent) {
  agent->add_turn_server = [](GstWebRTCICE*, const gchar*) -> gboolean { return FALSE; };
  agent->set_is_controller = [](GstWebRTCICE*, gboolean) {};
  agent->get_is_controller = [](GstWebRTCICE*) -> gboolean { return FALSE; };
  agent->set_force_relay = [](GstWebRTCICE*, gboolean) {};
  agent->set_stun_server = [](GstWebRTCICE*, const gchar*) {};
  agent->get_stun_server = [](GstWebRTCICE*) -> gchar* { return nullptr; };
  agent->set_turn_server = [](GstWebRTCICE*, const gchar*) {};
  agent->get_turn_server = [](GstWebRTCICE*) -> gchar* { return nullptr; };
  agent->set_http_proxy = [](GstWebRTCICE*, const gchar*) {};
  agent->get_http_proxy = [](GstWebRTCICE*) -> gchar* { return nullptr; };
  agent->set_tos = [](GstWebRTCICE*, GstWebRTCICEStream*, guint) {};
}

void ice_agent_class_init(IceAgentClass* klass) {
  auto* agent = GST_WEBRTC_ICE_CLASS(klass);
  agent->add_stream = add_stream;
  agent->find_transport = [](GstWebRTCICE*, GstWebRTCICEStream* stream,
                             GstWebRTCICEComponent component) {
    return gst_webrtc_ice_stream_find_transport(stream, component);
  };
  agent->gather_candidates = [](GstWebRTCICE*, GstWebRTCICEStream* stream) {
    return gst_webrtc_ice_stream_gather_candidates(stream);
  };
  set_address_functions(agent);
  set_server_functions(agent);
  G_OBJECT_CLASS(klass)->finalize = [](GObject* object) {
    gst_clear_object(&as_agent(object)->stream);
    delete as_agent(object)->transport;
    G_OBJECT_CLASS(ice_agent_parent_class)->finalize(object);
  };
}

}  // namespace

GstWebRTCICE* make_ice_agent(std::shared_ptr<MediaTransport> transport) {
  auto* agent = GST_WEBRTC_ICE(g_object_new(ice_agent_get_type(), nullptr));
  gst_object_ref_sink(agent);
  *as_agent(agent)->transport = std::move(transport);
  return agent;
}

void connect_ice(GstWebRTCICE* agent) {
  auto* self = as_agent(agent);
  if (!self->stream) return;
  auto* transport = reinterpret_cast<IceStream*>(self->stream)->transport;
  gst_webrtc_ice_transport_connection_state_change(transport,
                                                   GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED);
  (*self->transport)->open_dtls([source = share(transport->src)](Bytes datagram) {
    push_dtls(source.get(), datagram);
  });
}

void disconnect_ice(GstWebRTCICE* agent) { (*as_agent(agent)->transport)->close_dtls(); }

}  // namespace rooms
