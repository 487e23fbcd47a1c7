// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/webrtcbin_child.h"

#include "gst/glue/ref.h"

namespace rooms {

void follow_base_time(GstBin* bin) {
  const GstClockTime base = gst_element_get_base_time(GST_ELEMENT(bin));
  const auto all = own(gst_bin_iterate_recurse(bin));
  const auto set = [](const GValue* item, gpointer data) {
    gst_element_set_base_time(GST_ELEMENT(g_value_get_object(item)),
                              *static_cast<const GstClockTime*>(data));
  };
  auto time = base;
  while (gst_iterator_foreach(all.get(), set, &time) == GST_ITERATOR_RESYNC)
    gst_iterator_resync(all.get());
}

bool is_of_webrtcbin(GstMessage* message) {
  constexpr auto kKept = static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING |
                                                     GST_MESSAGE_EOS | GST_MESSAGE_STREAM_START);
  if ((GST_MESSAGE_TYPE(message) & kKept) == 0) return false;
  for (auto* source = GST_MESSAGE_SRC(message); source; source = GST_OBJECT_PARENT(source)) {
    const auto* factory =
        GST_IS_ELEMENT(source) ? gst_element_get_factory(GST_ELEMENT(source)) : nullptr;
    if (factory && g_strcmp0(GST_OBJECT_NAME(factory), "webrtcbin") == 0) return true;
  }
  return false;
}

}  // namespace rooms
