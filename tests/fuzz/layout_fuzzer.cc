// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as a layout that somebody wrote, and as the control of a room: what is taken can be
// drawn on a canvas of any size.
#include <string>
#include <vector>

#include "gst/core/layout/layout.h"
#include "gst/core/layout/placement.h"
#include "gst/glue/layout_json.h"
#include "server/room_control.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

void require_drawable(const CustomLayout& layout, Size canvas) {
  const std::vector<LayoutInput> inputs = {{1, "ada", false}, {2, "bob", true}, {3, "", false}};
  LayoutRequest request;
  request.kind = LayoutKind::kCustom;
  request.canvas = canvas;
  request.inputs = inputs;
  request.speaker = 2;
  request.custom = &layout;
  for (const auto& tile : arrange(request)) {
    require(!tile.where.empty() && tile.where.inside(canvas));
    require(tile.where.x == even(tile.where.x) && tile.where.width == even(tile.where.width));
    require(tile.where.y == even(tile.where.y) && tile.where.height == even(tile.where.height));
    for (const PictureShape shape : {PictureShape{{1, 1}}, PictureShape{{1920, 2}, 64, 45}}) {
      const auto placed = place(shape, tile.where, tile.fit);
      require(!placed.source.empty() && placed.source.inside(shape.size));
      require(!placed.target.empty() && placed.target.inside(canvas));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto layout = parse_layout(text)) {
    require(check(*layout).ok());
    for (const Size canvas : {Size{1280, 720}, Size{16, 4096}, Size{2, 2}})
      require_drawable(*layout, canvas);
  } else {
    require(!layout.error().code.empty() && !layout.error().message.empty());
  }
  const auto control = parse_room_control(text);
  if (control && control->mix.layout) static_cast<void>(parse_layout(*control->mix.layout));
  return 0;
}
