// SPDX-License-Identifier: LGPL-2.1-or-later
// A piece of a room's mix that is made from a launch line and can go again while everything else
// plays: a bin in the room's pipeline. What is linked to it is unlinked first, by its owner.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

#include "gst/core/result.h"
#include "gst/glue/ref.h"
#include "pipelines/room_context.h"

namespace rooms {

class MixPart {
 public:
  /// Pads of the line that are not linked become `sink` and `src`. It does not play before start().
  /// Error: "plugin-missing", with the name of the element.
  static Result<std::unique_ptr<MixPart>> create(RoomContext& room, const std::string& name,
                                                 const std::string& line);
  ~MixPart();
  MixPart(const MixPart&) = delete;
  MixPart& operator=(const MixPart&) = delete;

  void start();
  [[nodiscard]] GstElement* bin() const { return bin_.get(); }
  [[nodiscard]] Ref<GstPad> pad(const char* name) const {
    return adopt(gst_element_get_static_pad(bin_.get(), name));
  }
  /// nullptr: the line names no such element.
  [[nodiscard]] Ref<GstElement> element(const char* name) const {
    return adopt(gst_bin_get_by_name(GST_BIN(bin_.get()), name));
  }
  /// Whether an error of `source` is one of this part.
  [[nodiscard]] bool contains(GstObject* source) const {
    return gst_object_has_as_ancestor(source, GST_OBJECT(bin_.get()));
  }

 private:
  MixPart(RoomContext& room, Ref<GstElement> bin) : room_(room), bin_(std::move(bin)) {}
  RoomContext& room_;
  Ref<GstElement> bin_;
};

}  // namespace rooms
