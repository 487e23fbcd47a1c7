// SPDX-License-Identifier: LGPL-2.1-or-later
// MediaTransport as the value of a GObject property: `transport` of sfureceive and sfusend.
#pragma once

#include <glib-object.h>

#include <memory>

#include "gst/transport/media_transport.h"

namespace rooms {

/// Boxed std::shared_ptr<MediaTransport>.
GType transport_get_type();
#define ROOMS_TYPE_TRANSPORT (rooms::transport_get_type())

std::shared_ptr<MediaTransport> transport_in(const GValue* value);
void set_transport(gpointer element, const std::shared_ptr<MediaTransport>& transport);

}  // namespace rooms
