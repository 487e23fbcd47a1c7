// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/numbered_pads.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace rooms {
namespace {

/// The number behind the prefix; nullopt: it is no name of the template.
std::optional<unsigned> number_in(const char* name, const char* prefix) {
  guint64 number = 0;
  if (!g_str_has_prefix(name, prefix) ||
      !g_ascii_string_to_unsigned(name + strlen(prefix), 10, 0, G_MAXUINT, &number, nullptr))
    return std::nullopt;
  return static_cast<unsigned>(number);
}

/// Those of all pads with that prefix, in one pass: a room has thousands.
std::vector<unsigned> numbers_taken(GstElement* element, const char* prefix) {
  std::vector<unsigned> taken;
  GST_OBJECT_LOCK(element);
  for (GList* one = element->pads; one; one = one->next)
    if (const auto number = number_in(GST_OBJECT_NAME(one->data), prefix)) taken.push_back(*number);
  GST_OBJECT_UNLOCK(element);
  std::sort(taken.begin(), taken.end());
  return taken;
}

}  // namespace

std::optional<unsigned> pad_index(GstElement* element, const char* prefix, const char* wished) {
  const auto taken = numbers_taken(element, prefix);
  if (wished) {
    const auto number = number_in(wished, prefix);
    const bool is_free = number && !std::binary_search(taken.begin(), taken.end(), *number);
    return is_free ? number : std::nullopt;
  }
  unsigned free = 0;
  for (const unsigned number : taken) free += number == free ? 1 : 0;
  return free;
}

void pads_as_children(gpointer iface, gpointer /*data*/) {
  auto* proxy = static_cast<GstChildProxyInterface*>(iface);
  proxy->get_children_count = [](GstChildProxy* self) -> guint {
    return GST_ELEMENT_CAST(self)->numpads;
  };
  proxy->get_child_by_index = [](GstChildProxy* self, guint index) -> GObject* {
    GST_OBJECT_LOCK(self);
    auto* pad = g_list_nth_data(GST_ELEMENT_CAST(self)->pads, index);
    if (pad) gst_object_ref(pad);
    GST_OBJECT_UNLOCK(self);
    return static_cast<GObject*>(pad);
  };
}

}  // namespace rooms
