// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs the tests, then fails if something that GStreamer counts is still alive (GST_TRACERS=leaks).
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cstdio>

namespace {

/// Live objects of ours and of the data path; templates and caches of GStreamer itself live on.
int count_leaks() {
  int leaks = 0;
  GList* tracers = gst_tracing_get_active_tracers();
  for (GList* at = tracers; at; at = at->next) {
    if (g_strcmp0(G_OBJECT_TYPE_NAME(at->data), "GstLeaksTracer") != 0) continue;
    GstStructure* live = nullptr;
    g_signal_emit_by_name(at->data, "get-live-objects", &live);
    const GValue* list = gst_structure_get_value(live, "live-objects-list");
    for (guint i = 0; list && i < gst_value_list_get_size(list); ++i) {
      const GstStructure* object = gst_value_get_structure(gst_value_list_get_value(list, i));
      const GValue* value = gst_structure_get_value(object, "object");
      const char* type = G_VALUE_TYPE_NAME(value);
      const bool ours = g_str_has_prefix(type, "Sfu") || g_strcmp0(type, "GstBuffer") == 0 ||
                        g_str_has_suffix(type, "BufferPool");
      if (!ours) continue;
      gchar* what = g_strdup_value_contents(value);
      std::fprintf(stderr, "leaked: %s %s\n", type, what);
      g_free(what);
      ++leaks;
    }
    gst_structure_free(live);
  }
  g_list_free_full(tracers, gst_object_unref);
  return leaks;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  gst_init(&argc, &argv);
  const int result = RUN_ALL_TESTS();
  const int leaks = count_leaks();
  return result != 0 ? result : leaks != 0;
}
