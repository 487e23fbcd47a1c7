// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `videogrid`: who is in it, where they are, and the picture of a moment.
#pragma once

#include <gst/video/video.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "elements/grid_canvas.h"
#include "elements/grid_input.h"
#include "elements/grid_settings.h"
#include "gst/core/layout/transition.h"
#include "gst/glue/ref.h"

namespace rooms {

class GridMixer {
 public:
  /// One sink pad.
  struct Member {
    std::uint32_t id = 0;
    std::string pad;
    std::string caption;
    int priority = 0;  // higher is shown earlier
    double alpha = 1;
    bool whole = false;
    Size tile;  // where it will be once nothing moves any more; 0x0: not shown
    std::shared_ptr<GridInput> input;
  };
  /// Ids of those whose tile has another size now.
  using Resized = std::vector<std::uint32_t>;

  // Any thread.
  [[nodiscard]] GridSettings settings() const;
  Resized change_settings(const std::function<void(GridSettings&)>& change);
  std::uint32_t add(const std::string& pad, Resized& resized);
  Resized remove(std::uint32_t id);
  Resized change_member(std::uint32_t id, const std::function<void(Member&)>& change);
  [[nodiscard]] std::optional<Member> member(std::uint32_t id) const;
  [[nodiscard]] std::shared_ptr<GridInput> input(std::uint32_t id) const;
  [[nodiscard]] std::vector<Member> members() const;
  void set_flushing(bool flushing);
  /// There are inputs, all have ended, and what they sent has been shown.
  [[nodiscard]] bool all_ended() const;
  [[nodiscard]] Owned<GstStructure> stats() const;

  // The output's thread.
  /// Draws the moment `now` (running time). False: the picture is what it was.
  bool draw(Timestamp now);
  void write(GstVideoFrame& to) const { canvas_.write(to); }
  /// As of the last `draw`.
  [[nodiscard]] Size drawn_size() const { return scene_.settings.canvas; }
  void count_frame(bool repeated, std::uint64_t skipped, Duration spent);

 private:
  struct Scene {  // what the output's thread draws: a copy, so that nobody waits for drawing
    std::uint64_t revision = 0;
    GridSettings settings;
    std::vector<Member> members;
    std::vector<Tile> tiles;
  };
  struct Counters {
    std::uint64_t frames = 0;
    std::uint64_t repeated = 0;
    std::uint64_t skipped = 0;
    Duration spent{};
    GridCanvas::Stats canvas;
    std::vector<std::pair<std::string, std::string>> shows;  // pad, "picture" or "placeholder"
  };
  Resized rearrange();  // with the mutex held
  Member* find(std::uint32_t id);
  void follow(const Scene& scene, Timestamp now);
  std::optional<TileContent> content_of(const Tile& tile, Timestamp now);

  mutable std::mutex mutex_;
  Scene wanted_;  // with the mutex
  std::uint32_t last_id_ = 0;
  Counters counters_;  // with the mutex
  Scene scene_;        // these four: the output's thread
  Transition transition_;
  GridCanvas canvas_;
  std::vector<std::pair<std::string, std::string>> shows_;
};

}  // namespace rooms
