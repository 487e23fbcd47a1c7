// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers in the text format of Prometheus.
#pragma once

#include <string>
#include <string_view>

namespace rooms {

class MetricsText {
 public:
  /// `type`: "gauge" or "counter".
  void add(std::string_view name, std::string_view type, std::string_view help, double value);
  /// Every number in a JSON object, also nested, as an untyped metric: {"udp": {"bytes-in": 5}}
  /// with prefix "gst_rooms_media" gives `gst_rooms_media_udp_bytes_in 5`. Lists and texts are left
  /// out.
  void add_json(std::string_view prefix, std::string_view json);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace rooms
