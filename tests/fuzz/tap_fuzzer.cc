// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as the description of a tap: what we read of it is what GStreamer makes of the line that
// we write, and nothing that is not on the list comes into being.
#include <gst/gst.h>

#include <algorithm>
#include <string>
#include <vector>

#include "gst/core/tap/tap_description.h"
#include "gst/glue/ref.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

// Those without side effects; fakesrc, which gives the frames here, is not among them.
const std::vector<std::string> kAllowed = {"queue", "identity", "tee", "fakesink", "funnel"};

/// In order, so that lists can be compared.
std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> factories_in(GstBin* bin) {
  std::vector<std::string> names;
  for (GList* one = bin->children; one; one = one->next)
    names.emplace_back(
        GST_OBJECT_NAME(gst_element_get_factory(static_cast<GstElement*>(one->data))));
  return sorted(std::move(names));
}

/// As a tap has it made.
void require_as_read(const TapDescription& description) {
  GError* problem = nullptr;
  const auto pipeline =
      sink(gst_parse_launch_full(("fakesrc name=tap-frames !" + description.line).c_str(), nullptr,
                                 GST_PARSE_FLAG_FATAL_ERRORS, &problem));
  if (const auto error = own(problem); error || !pipeline) return;
  require(GST_IS_BIN(pipeline.get()));
  std::vector<std::string> read = {"fakesrc"};
  for (const auto& element : description.elements) read.push_back(element.factory);
  // Of two that have the same name there is one.
  const auto made = factories_in(GST_BIN(pipeline.get()));
  read = sorted(std::move(read));
  require(std::includes(read.begin(), read.end(), made.begin(), made.end()));
}

}  // namespace

/// GLib keeps tables that it has outgrown for the life of the process.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  gst_init(argc, argv);
  gst_debug_set_default_threshold(GST_LEVEL_NONE);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto description = read_tap_description(text);
  if (!description) {
    require(description.error().code.starts_with("tap-"));
    return 0;
  }
  require(!description->elements.empty() &&
          description->elements.size() <= TapDescription::kMostElements);
  // Written and read again it says the same.
  if (description->line.size() <= TapDescription::kLongest) {
    const auto again = read_tap_description(description->line);
    require(again.ok() && again->line == description->line);
  }
  if (check_tap_elements(*description, kAllowed)) require_as_read(*description);
  return 0;
}
