// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace rooms {
namespace {

constexpr std::size_t kLongestTyped = 64;

/// Levenshtein, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view typed,
                                             std::span<const std::string_view> known) {
  if (typed.empty() || typed.size() > kLongestTyped) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(2, typed.size() / 3) + 1;
  for (const auto name : known) {
    // A prefix ("udp" for "udp-port") is what a person in a hurry types.
    const bool prefix = typed.size() >= 3 && name.starts_with(typed);
    const std::size_t found = prefix ? 1 : distance(typed, name);
    if (found < best_distance) {
      best_distance = found;
      best = name;
    }
  }
  return best;
}

}  // namespace rooms
