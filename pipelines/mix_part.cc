// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_part.h"

namespace rooms {

Result<std::unique_ptr<MixPart>> MixPart::create(RoomContext& room, const std::string& name,
                                                 const std::string& line) {
  GError* problem = nullptr;
  // An element that is missing is an error here, and leaves what there is.
  auto bin = sink(gst_parse_bin_from_description_full(line.c_str(), TRUE, nullptr,
                                                      GST_PARSE_FLAG_FATAL_ERRORS, &problem));
  if (!bin) {
    const auto error = own(problem);
    return Error{"plugin-missing", std::string(error ? error->message : "unknown error") +
                                       " (needed to mix: " + line + ")"};
  }
  gst_object_set_name(GST_OBJECT(bin.get()), name.c_str());
  gst_bin_add(room.pipeline, bin.get());
  return std::unique_ptr<MixPart>(new MixPart(room, std::move(bin)));
}

MixPart::~MixPart() { remove_element(room_, bin_.get()); }

void MixPart::start() { gst_element_sync_state_with_parent(bin_.get()); }

}  // namespace rooms
