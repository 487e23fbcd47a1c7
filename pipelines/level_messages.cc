// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/level_messages.h"

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr const char* kPortKey = "rooms-source-port";
using Held = std::shared_ptr<SourcePort>;

}  // namespace

void speak_for(GstBin* branch, std::shared_ptr<SourcePort> port) {
  const auto level = adopt(gst_bin_get_by_name(branch, "level"));
  if (!level) return;
  g_object_set_data_full(G_OBJECT(level.get()), kPortKey, new Held(std::move(port)),
                         [](gpointer held) { delete static_cast<Held*>(held); });
}

bool take_level(const GstMessage* message) {
  const auto* fields = gst_message_get_structure(const_cast<GstMessage*>(message));
  const auto* port =
      static_cast<Held*>(g_object_get_data(G_OBJECT(GST_MESSAGE_SRC(message)), kPortKey));
  const auto* value = port && fields ? gst_structure_get_value(fields, "rms") : nullptr;
  if (!value) return false;
  const auto* channels = static_cast<const GValueArray*>(g_value_get_boxed(value));
  double loudest = -127;
  for (guint i = 0; channels && i < channels->n_values; ++i)
    loudest = std::max(loudest, g_value_get_double(channels->values + i));
  (*port)->note_level(static_cast<std::uint8_t>(std::clamp(-loudest, 0.0, 127.0)), monotonic_now());
  return true;
}

}  // namespace rooms
