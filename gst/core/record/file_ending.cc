// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/record/file_ending.h"

#include <algorithm>
#include <array>
#include <optional>

namespace rooms {
namespace {

using Read = std::function<bool(std::uint64_t, MutableBytes)>;

constexpr std::uint32_t kEbmlId = 0x1A45DFA3;
constexpr std::uint32_t kSegmentId = 0x18538067;
constexpr std::uint32_t kClusterId = 0x1F43B675;
constexpr std::uint32_t kCuesId = 0x1C53BB6B;
constexpr std::uint64_t kNotKnown = 0x00FFFFFFFFFFFFFF;

FileEnding ending_of_mp4(std::uint64_t size, const Read& read) {
  bool has_fragments = false;
  for (std::uint64_t at = 0; at < size;) {
    std::array<std::uint8_t, 16> head{};
    const std::size_t there = size - at < head.size() ? 8 : head.size();
    if (size - at < 8 || !read(at, MutableBytes(head).first(there))) return FileEnding::kCut;
    std::uint64_t length = load_u32(head.data());
    if (length == 1 && there == head.size()) length = load_u64(&head[8]);
    if (length == 0) length = size - at;
    if (length < 8 || length > size - at) return FileEnding::kCut;
    has_fragments |= as_text(Bytes(head).subspan(4, 4)) == "moof";
    at += length;
  }
  return has_fragments ? FileEnding::kOpen : FileEnding::kFinalised;
}

struct Element {
  std::uint32_t id = 0;
  std::uint64_t size = 0;
  unsigned head = 0;
};

std::optional<Element> element_at(std::uint64_t at, std::uint64_t size, const Read& read) {
  std::array<std::uint8_t, 12> head{};
  const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, head.size()));
  if (there < 2 || !read(at, MutableBytes(head).first(there))) return std::nullopt;
  Element element;
  unsigned id_size = 1;
  while (id_size < 4 && (head[0] & (0x80U >> (id_size - 1))) == 0) ++id_size;
  for (unsigned i = 0; i < id_size; ++i) element.id = (element.id << 8) | head[i];
  const std::uint8_t first = head[id_size];
  unsigned width = 1;
  while (width < 8 && (first & (0x80U >> (width - 1))) == 0) ++width;
  if (first == 0 || id_size + width > there) return std::nullopt;
  element.size = first & (0xFFU >> width);
  for (unsigned i = 1; i < width; ++i) element.size = (element.size << 8) | head[id_size + i];
  element.head = id_size + width;
  return element;
}

FileEnding ending_of_matroska(std::uint64_t size, const Read& read) {
  bool has_index = false;
  bool has_clusters = false;
  bool sized = true;
  for (std::uint64_t at = 0; at < size;) {
    const auto element = element_at(at, size, read);
    if (!element) return FileEnding::kCut;
    at += element->head;
    if (element->id == kSegmentId) {
      sized = element->size != kNotKnown;
      continue;  // look inside
    }
    if (element->size > size - at) return FileEnding::kCut;
    has_index |= element->id == kCuesId;
    has_clusters |= element->id == kClusterId;
    at += element->size;
  }
  return sized && (has_index || !has_clusters) ? FileEnding::kFinalised : FileEnding::kOpen;
}

}  // namespace

std::string_view name_of(FileEnding ending) {
  switch (ending) {
    case FileEnding::kFinalised:
      return "finalised";
    case FileEnding::kOpen:
      return "open";
    case FileEnding::kCut:
      return "cut";
    case FileEnding::kUnknown:
      return "unknown";
  }
  return "unknown";
}

FileEnding ending_of(std::uint64_t file_size, const Read& read) {
  std::array<std::uint8_t, 8> head{};
  if (file_size < head.size() || !read(0, head)) return FileEnding::kUnknown;
  if (as_text(Bytes(head).subspan(4, 4)) == "ftyp") return ending_of_mp4(file_size, read);
  if (load_u32(head.data()) == kEbmlId) return ending_of_matroska(file_size, read);
  return FileEnding::kUnknown;
}

}  // namespace rooms
