// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>

#include "gst/core/codec/h264_size.h"
#include "gst/core/record/depacketizer.h"

namespace rooms {
namespace {

enum NalType : std::uint8_t {
  kSlice = 1,
  kIdr = 5,
  kSequenceSet = 7,
  kPictureSet = 8,
  kDelimiter = 9,
  kStapA = 24,
  kFuA = 28,
};
constexpr std::size_t kMostSets = 31;  // numOfSequenceParameterSets has five bits

/// NAL units of an access unit, as they come.
class AccessUnit {
 public:
  /// False: the payload is cut short or of a form nobody negotiates (RFC 6184 5.2).
  bool add(Bytes payload) {
    if (payload.empty()) return false;
    switch (payload[0] & 0x1F) {
      case kStapA:
        return add_aggregate(payload.subspan(1));
      case kFuA:
        return add_fragment(payload);
      case 0:
        return false;
      default:
        if ((payload[0] & 0x1F) > kStapA) return false;
        add_unit(payload);
        return true;
    }
  }
  [[nodiscard]] bool has_open_fragment() const { return !fragment_.empty(); }

  std::optional<EncodedFrame> finish() {
    if (has_open_fragment() || !has_picture_) return std::nullopt;
    EncodedFrame frame;
    frame.data = std::move(data_);
    if (has_idr_) {
      const std::vector<Bytes> sequence(sequence_sets_.begin(), sequence_sets_.end());
      const std::vector<Bytes> picture(picture_sets_.begin(), picture_sets_.end());
      if (auto setup = make_avc_setup(sequence, picture)) {
        frame.setup = std::move(*setup);
        frame.keyframe = true;
      }
    }
    return frame;
  }

 private:
  using Unit = std::vector<std::uint8_t>;

  bool add_aggregate(Bytes units) {
    while (units.size() > 2) {
      const std::size_t size = load_u16(units.data());
      units = units.subspan(2);
      if (size == 0 || size > units.size()) return false;
      add_unit(units.first(size));
      units = units.subspan(size);
    }
    return units.empty();
  }

  bool add_fragment(Bytes payload) {
    if (payload.size() < 3) return false;
    const bool starts = (payload[1] & 0x80) != 0;
    const bool ends = (payload[1] & 0x40) != 0;
    if (starts == has_open_fragment()) return false;
    if (starts)
      fragment_.push_back(static_cast<std::uint8_t>((payload[0] & 0xE0) | (payload[1] & 0x1F)));
    fragment_.insert(fragment_.end(), payload.begin() + 2, payload.end());
    if (!ends) return true;
    add_unit(fragment_);
    fragment_.clear();
    return true;
  }

  static void add_set(std::vector<Unit>& sets, Bytes unit) {
    Unit copy(unit.begin(), unit.end());
    if (sets.size() < kMostSets && std::find(sets.begin(), sets.end(), copy) == sets.end())
      sets.push_back(std::move(copy));
  }

  void add_unit(Bytes unit) {
    const auto type = static_cast<std::uint8_t>(unit[0] & 0x1F);
    // What the container says for all frames does not stand in a frame (ISO/IEC 14496-15 5.3.2).
    if (type == kSequenceSet) return add_set(sequence_sets_, unit);
    if (type == kPictureSet) return add_set(picture_sets_, unit);
    if (type == kDelimiter) return;
    has_picture_ |= type >= kSlice && type <= kIdr;
    has_idr_ |= type == kIdr;
    std::array<std::uint8_t, 4> length{};
    store_u32(length.data(), static_cast<std::uint32_t>(unit.size()));
    data_.insert(data_.end(), length.begin(), length.end());
    data_.insert(data_.end(), unit.begin(), unit.end());
  }

  std::vector<std::uint8_t> data_;
  Unit fragment_;
  std::vector<Unit> sequence_sets_;
  std::vector<Unit> picture_sets_;
  bool has_picture_ = false;
  bool has_idr_ = false;
};

void add_set(std::vector<std::uint8_t>& record, Bytes set) {
  record.push_back(static_cast<std::uint8_t>(set.size() >> 8));
  record.push_back(static_cast<std::uint8_t>(set.size()));
  record.insert(record.end(), set.begin(), set.end());
}

}  // namespace

std::optional<StreamSetup> make_avc_setup(std::span<const Bytes> sequence_sets,
                                          std::span<const Bytes> picture_sets) {
  constexpr std::size_t kLongestSet = 0xFFFF;
  if (sequence_sets.empty() || picture_sets.empty()) return std::nullopt;
  for (const auto& sets : {sequence_sets, picture_sets})
    for (const auto& set : sets)
      if (set.size() < 2 || set.size() > kLongestSet) return std::nullopt;
  const Bytes first = sequence_sets.front();
  const auto size = first.size() >= 4 ? read_h264_size(first.subspan(1)) : std::nullopt;
  if (!size) return std::nullopt;
  StreamSetup setup;
  setup.codec = Codec::kH264;
  setup.width = size->width;
  setup.height = size->height;
  // Version 1, profile, constraints and level of the set, lengths of four bytes.
  setup.record = {1, first[1], first[2], first[3], 0xFF};
  setup.record.push_back(static_cast<std::uint8_t>(0xE0 | sequence_sets.size()));
  for (const auto& set : sequence_sets) add_set(setup.record, set);
  setup.record.push_back(static_cast<std::uint8_t>(picture_sets.size()));
  for (const auto& set : picture_sets) add_set(setup.record, set);
  return setup;
}

std::optional<EncodedFrame> depacketize_h264(FramePayloads payloads) {
  AccessUnit unit;
  for (const auto& payload : payloads)
    if (!unit.add(payload)) return std::nullopt;
  return unit.finish();
}

}  // namespace rooms
