// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/transport_type.h"

namespace rooms {
namespace {

using Pointer = std::shared_ptr<MediaTransport>;

gpointer copy(gpointer boxed) { return new Pointer(*static_cast<Pointer*>(boxed)); }
void release(gpointer boxed) { delete static_cast<Pointer*>(boxed); }

}  // namespace

GType transport_get_type() {
  static const GType type = g_boxed_type_register_static("RoomsMediaTransport", copy, release);
  return type;
}

std::shared_ptr<MediaTransport> transport_in(const GValue* value) {
  const auto* boxed = static_cast<Pointer*>(g_value_get_boxed(value));
  return boxed ? *boxed : nullptr;
}

void set_transport(gpointer element, const std::shared_ptr<MediaTransport>& transport) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, ROOMS_TYPE_TRANSPORT);
  if (transport) g_value_set_boxed(&value, &transport);
  g_object_set_property(G_OBJECT(element), "transport", &value);
  g_value_unset(&value);
}

}  // namespace rooms
