// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian 12's simple-whip-client is linked to libsoup 2, and its libnice, by way of the UPnP library, to libsoup 3,
// which ends every process that has both. A library of that name which finds no router lets the client run as it is:
// LD_LIBRARY_PATH names the folder it is in.
#include <glib-object.h>

#include <initializer_list>

using Igd = GObject;
using IgdClass = GObjectClass;

extern "C" {

G_DEFINE_TYPE(Igd, gupnp_simple_igd, G_TYPE_OBJECT)

static void gupnp_simple_igd_init(Igd* /*self*/) {}

static void gupnp_simple_igd_class_init(IgdClass* klass) {
  // What libnice listens to; none is ever emitted.
  for (const char* name : {"mapped-external-port", "error-mapping-port"}) {
    g_signal_new(name, G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr,
                 G_TYPE_NONE, 0);
  }
}

GObject* gupnp_simple_igd_thread_new() {
  return G_OBJECT(g_object_new(gupnp_simple_igd_get_type(), nullptr));
}

void gupnp_simple_igd_add_port(GObject* /*self*/, const char* /*protocol*/, guint16 /*external*/,
                               const char* /*ip*/, guint16 /*port*/, guint32 /*lease*/,
                               const char* /*description*/) {}

void gupnp_simple_igd_remove_port_local(GObject* /*self*/, const char* /*protocol*/,
                                        const char* /*ip*/, guint16 /*port*/) {}
}
