// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/codec/dependency_descriptor.h"

#include <gtest/gtest.h>

#include <iomanip>
#include <map>
#include <random>
#include <sstream>

#include "gst/core/codec/vp9.h"
#include "tests/core/rtp/recording.h"

namespace rooms {
namespace {

using test::read_recording;

template <class List>
std::string joined(const List& list) {
  std::string text;
  for (const auto one : list) text += (text.empty() ? "" : ",") + std::to_string(one);
  return text.empty() ? "-" : text;
}

/// As tests/data/rtp/describe.py writes it.
std::string describe(const DependencyDescriptor& descriptor, const DependencyStructure& structure) {
  std::ostringstream text;
  text << " frame " << descriptor.frame_number << ' ' << (descriptor.frame_start ? 'S' : '-')
       << (descriptor.frame_end ? 'E' : '-') << " s" << int{descriptor.spatial_id} << " t"
       << int{descriptor.temporal_id} << ' ';
  for (std::size_t i = 0; i < structure.targets.size(); ++i)
    text << "-DSR"[static_cast<int>(DependencyStructure::indication_of(descriptor.indications, i))];
  text << " needs " << joined(std::span(descriptor.frame_diffs).first(descriptor.frame_diff_count));
  if (descriptor.begins_structure) {
    text << " structure " << structure.templates.size() << '/' << structure.targets.size() << '/'
         << int{structure.chains};
    for (const auto& size : structure.resolutions) text << ' ' << size.width << 'x' << size.height;
  }
  if (descriptor.active_targets) text << " active " << std::hex << *descriptor.active_targets;
  return text.str();
}

std::string describe_vp9(Bytes payload) {
  const auto info = inspect_vp9(payload);
  const auto& relations = info.vp9_relations;
  std::ostringstream text;
  text << " vp9 " << (relations.predicted ? 'P' : '-') << (info.frame_start ? 'B' : '-')
       << (info.frame_end ? 'E' : '-') << (relations.not_for_above ? 'Z' : '-');
  if (info.vp9.has_picture_id()) text << " picture " << info.vp9.picture_id;
  if (info.spatial_id) {
    text << " s" << int{*info.spatial_id} << " t" << int{*info.temporal_id} << ' '
         << (relations.switching_up ? 'U' : '-') << (relations.inter_layer ? 'D' : '-');
    if (!relations.flexible) text << " tl0 " << int{info.vp9.tl0};
  }
  if (relations.difference_count > 0)
    text << " needs " << joined(std::span(relations.differences).first(relations.difference_count));
  return text.str();
}

class Recordings : public testing::TestWithParam<const char*> {};

TEST_P(Recordings, ReadAsASecondReaderReadsThem) {
  std::ifstream expected(std::string(RECORDINGS) + "/" + GetParam() + ".txt");
  std::map<std::uint32_t, DependencyReader> readers;
  for (const auto& packet : read_recording(GetParam())) {
    const auto header = packet.header();
    std::ostringstream line;
    line << std::hex << std::setfill('0') << std::setw(8) << header.ssrc;
    auto& reader = readers[header.ssrc];
    if (const auto data = find_extension(header, test::kDescriptorId)) {
      const auto descriptor = reader.read(*data);
      ASSERT_TRUE(descriptor) << line.str();
      line << describe(*descriptor, *reader.structure());
    }
    std::string wanted;
    ASSERT_TRUE(std::getline(expected, wanted));
    std::string got = line.str();
    if (test::codec_of(header) == Codec::kVp9) {
      got += describe_vp9(header.payload);
      wanted = wanted.substr(0, wanted.find(" layers "));
    }
    ASSERT_EQ(got, wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(Browsers, Recordings,
                         testing::Values("chromium-av1-l1t2", "chromium-av1-l3t3",
                                         "chromium-av1-l3t3-key", "chromium-av1-simulcast",
                                         "chromium-h264-simulcast", "chromium-vp8-simulcast",
                                         "chromium-vp9-l1t2", "chromium-vp9-l2t3-key",
                                         "chromium-vp9-l3t3", "chromium-vp9-l3t3-key",
                                         "chromium-vp9-simulcast", "firefox-vp8-simulcast"));

std::vector<std::uint8_t> structure_of_l3t3() {
  for (const auto& packet : read_recording("chromium-av1-l3t3")) {
    const auto data = find_extension(packet.header(), test::kDescriptorId);
    if (data) return {data->begin(), data->end()};
  }
  return {};
}

TEST(DependencyReader, KnowsTheLayersOfDecodeTargetsAndTheirSizes) {
  DependencyReader reader;
  ASSERT_TRUE(reader.read(structure_of_l3t3()));
  const auto& structure = *reader.structure();
  ASSERT_EQ(structure.targets.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(structure.targets[i].spatial_id, i / 3);
    EXPECT_EQ(structure.targets[i].temporal_id, i % 3);
  }
  EXPECT_EQ(structure.resolutions.back().width, 1280);
}

TEST(DependencyReader, NeedsTheStructureFirst) {
  DependencyReader reader;
  const std::uint8_t later[] = {0xC0, 0x00, 0x07};
  EXPECT_FALSE(reader.read(later));
  ASSERT_TRUE(reader.read(structure_of_l3t3()));
  EXPECT_TRUE(reader.read(later));
  const std::uint8_t unknown_template[] = {0xC0 | 40, 0x00, 0x08};
  EXPECT_FALSE(reader.read(unknown_template));
}

TEST(DependencyReader, TakesNoStructureThatIsCutShortAndKeepsTheOneItHas) {
  const auto whole = structure_of_l3t3();
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    DependencyReader reader;
    ASSERT_TRUE(reader.read(whole));
    (void)reader.read(Bytes(whole).first(size));
    EXPECT_EQ(reader.structure()->targets.size(), 9U) << size;
  }
}

TEST(DependencyReader, SurvivesAnyBytes) {
  const unsigned seed = 4711;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto whole = structure_of_l3t3();
  DependencyReader reader;
  for (int i = 0; i < 50'000; ++i) {
    auto data = whole;
    for (auto changes = random() % 6; changes > 0; --changes)
      data[random() % data.size()] = static_cast<std::uint8_t>(random());
    data.resize(random() % (data.size() + 1));
    if (const auto descriptor = reader.read(data)) {
      ASSERT_LE(descriptor->frame_diff_count, DependencyDescriptor::kMostDiffs);
      ASSERT_LT(descriptor->spatial_id, 8);
      ASSERT_LT(descriptor->temporal_id, 8);
    }
  }
}

}  // namespace
}  // namespace rooms
