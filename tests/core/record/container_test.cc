// SPDX-License-Identifier: LGPL-2.1-or-later
// The structure of what the writers write, read by a reader that shares nothing with them. Whether
// players agree is seen in tests/server/recording_test.cc.
#include <gtest/gtest.h>

#include <array>

#include "gst/core/bytes.h"
#include "gst/core/record/container_choice.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;
using File = std::vector<std::uint8_t>;

StreamSetup picture_setup(Codec codec) {
  StreamSetup setup;
  setup.codec = codec;
  setup.width = 640;
  setup.height = 480;
  setup.record = {1, 2, 3, 4};
  return setup;
}
const StreamSetup kSound = {Codec::kOpus, 0, 0, 2, 48000, {}};

EncodedFrame frame(std::size_t size, bool keyframe) {
  EncodedFrame frame;
  frame.data.assign(size, 0xAB);
  frame.keyframe = keyframe;
  return frame;
}

void conclude(File& file, const FileEnd& end) {
  file.insert(file.end(), end.append.begin(), end.append.end());
  for (const auto& patch : end.patches) {
    ASSERT_LE(patch.at + patch.bytes.size(), file.size());
    std::copy(patch.bytes.begin(), patch.bytes.end(),
              file.begin() + static_cast<std::ptrdiff_t>(patch.at));
  }
}

struct Box {
  std::string type;
  Bytes body;
  std::size_t at = 0;
};

std::vector<Box> boxes_in(Bytes bytes) {
  std::vector<Box> boxes;
  std::size_t at = 0;
  while (at + 8 <= bytes.size()) {
    std::uint64_t size = load_u32(&bytes[at]);
    std::size_t head = 8;
    if (size == 1) {
      size = load_u64(&bytes[at + 8]);
      head = 16;
    }
    if (size < head || at + size > bytes.size()) {
      ADD_FAILURE() << "a box of " << size << " bytes at " << at << " of " << bytes.size();
      break;
    }
    boxes.push_back({std::string(as_text(bytes.subspan(at + 4, 4))),
                     bytes.subspan(at + head, size - head), at});
    at += size;
  }
  return boxes;
}

std::string types_of(Bytes bytes) {
  std::string types;
  for (const auto& box : boxes_in(bytes)) types += (types.empty() ? "" : " ") + box.type;
  return types;
}

Bytes inside(Bytes bytes, std::initializer_list<const char*> path) {
  for (const char* type : path) {
    Bytes found;
    for (const auto& box : boxes_in(bytes))
      if (found.empty() && box.type == type) found = box.body;
    bytes = found;
  }
  return bytes;
}

File record(ContainerWriter& writer, File* unfinished = nullptr) {
  File file = writer.begin();
  const auto flush = [&] {
    const auto more = writer.flush();
    file.insert(file.end(), more.begin(), more.end());
  };
  for (int n = 0; n < 50; ++n) {
    writer.add(0, frame(100 + static_cast<std::size_t>(n), n % 25 == 0), milliseconds(40 * n));
    writer.add(1, frame(20, true), milliseconds(40 * n + 10));
    writer.add(1, frame(20, true), milliseconds(40 * n + 30));
    if (n % 10 == 9) flush();
  }
  if (unfinished) *unfinished = file;
  conclude(file, writer.finish());
  return file;
}

TEST(Mp4Writer, GrowsByFragmentsAndEndsAsAnOrdinaryFile) {
  const auto writer =
      make_writer(Container::kMp4, {{picture_setup(Codec::kH264), "ada"}, {kSound, "ada"}}, {});
  File growing;
  const File file = record(*writer, &growing);
  EXPECT_EQ(types_of(growing), "ftyp free moov moof mdat moof mdat moof mdat moof mdat moof mdat");
  EXPECT_EQ(types_of(file), "ftyp mdat moov");
}

TEST(Mp4Writer, TablesPointAtTheFrames) {
  const auto writer =
      make_writer(Container::kMp4, {{picture_setup(Codec::kH264), "ada"}, {kSound, "ada"}}, {});
  const File file = record(*writer);
  const Bytes table = inside(file, {"moov", "trak", "mdia", "minf", "stbl"});
  const Bytes sizes = inside(table, {"stsz"});
  EXPECT_EQ(load_u32(&sizes[8]), 50U);
  EXPECT_EQ(load_u32(&sizes[12]), 100U);
  EXPECT_EQ(load_u32(&sizes[12 + 4 * 49]), 149U);
  const Bytes places = inside(table, {"co64"});
  const auto chunks = load_u32(&places[4]);
  for (std::uint32_t i = 0; i < chunks; ++i) EXPECT_EQ(file[load_u64(&places[8 + 8 * i])], 0xAB);
  const Bytes keyframes = inside(table, {"stss"});
  EXPECT_EQ(load_u32(&keyframes[4]), 2U);
  EXPECT_EQ(load_u32(&keyframes[12]), 26U);
  const Bytes times = inside(table, {"stts"});
  ASSERT_EQ(load_u32(&times[4]), 1U);
  EXPECT_EQ(load_u32(&times[8]), 50U);
  EXPECT_EQ(load_u32(&times[12]), 3600U);
}

TEST(Mp4Writer, AacIsDescribedByItsConfiguration) {
  const auto writer =
      make_writer(Container::kMp4,
                  {{picture_setup(Codec::kH264), "mix"}, {setup_of_sound(Codec::kAac), "mix"}}, {});
  const File file = record(*writer);
  const auto tracks = boxes_in(inside(file, {"moov"}));
  const Bytes entries = inside(tracks[2].body, {"mdia", "minf", "stbl", "stsd"}).subspan(8);
  ASSERT_EQ(types_of(entries), "mp4a");
  const Bytes entry = boxes_in(entries)[0].body;
  EXPECT_EQ(load_u16(&entry[16]), 1);  // channels
  EXPECT_EQ(load_u32(&entry[24]) >> 16, 48000U);
  ASSERT_EQ(types_of(entry.subspan(28)), "esds");
  const Bytes esds = boxes_in(entry.subspan(28))[0].body;
  File expected = {0, 0, 0, 0, 3, 25, 0, 0, 0, 4, 17, 0x40, 0x15};
  expected.insert(expected.end(), 3 + 4 + 4, 0);  // of buffer and rates nothing is told
  const File rest = {5, 2, 0x11, 0x88, 6, 1, 2};
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(File(esds.begin(), esds.end()), expected);
}

TEST(MatroskaWriter, AacIsDescribedByItsConfiguration) {
  const auto writer = make_writer(Container::kMkv, {{setup_of_sound(Codec::kAac), "mix"}}, {});
  const auto head = writer->begin();
  const std::string text(head.begin(), head.end());
  EXPECT_NE(text.find("A_AAC"), std::string::npos);
  EXPECT_NE(text.find("\x63\xA2\x82\x11\x88"), std::string::npos);
}

TEST(Mp4Writer, WhatBeginsLaterIsToldByAnEdit) {
  const auto writer =
      make_writer(Container::kMp4, {{kSound, "ada"}, {picture_setup(Codec::kH264), "ada"}}, {});
  File file = writer->begin();
  for (int n = 0; n < 20; ++n) writer->add(0, frame(20, true), milliseconds(20 * n));
  writer->add(1, frame(100, true), milliseconds(200));
  conclude(file, writer->finish());
  const auto boxes = boxes_in(inside(file, {"moov"}));
  EXPECT_EQ(types_of(boxes[1].body), "tkhd mdia");
  EXPECT_EQ(types_of(boxes[2].body), "tkhd edts mdia");
  const Bytes edits = inside(boxes[2].body, {"edts", "elst"});
  EXPECT_EQ(load_u64(&edits[8]), 200U);
}

TEST(Mp4Writer, FramesThatAreShownInAnotherOrderAreDecodedInThisOne) {
  const auto writer = make_writer(Container::kMp4, {{picture_setup(Codec::kH264), "ada"}}, {});
  File file = writer->begin();
  for (const int ms : {0, 120, 40, 80, 240, 160, 200})
    writer->add(0, frame(9, ms == 0), milliseconds(ms));
  conclude(file, writer->finish());
  const Bytes offsets = inside(file, {"moov", "trak", "mdia", "minf", "stbl", "ctts"});
  ASSERT_FALSE(offsets.empty());
  EXPECT_EQ(offsets[0], 1);  // signed
}

TEST(Mp4Writer, WithoutAFrameItStillEnds) {
  const auto writer = make_writer(Container::kMp4, {{kSound, "ada"}}, {});
  File file = writer->begin();
  conclude(file, writer->finish());
  EXPECT_EQ(types_of(file), "ftyp free moov");
}

TEST(MatroskaWriter, ClustersAreWholeAndTheSegmentGetsItsSize) {
  const auto writer = make_writer(
      Container::kWebm, {{picture_setup(Codec::kVp8), "ada"}, {kSound, "ada"}}, {"demo", {}});
  File growing;
  const File file = record(*writer, &growing);
  constexpr std::array<std::uint8_t, 4> kSegment = {0x18, 0x53, 0x80, 0x67};
  const auto segment = std::search(file.begin(), file.end(), kSegment.begin(), kSegment.end());
  const auto at = static_cast<std::size_t>(segment - file.begin());
  EXPECT_EQ(load_u64(&growing[at + 4]), 0x01FFFFFFFFFFFFFFU);
  EXPECT_EQ(load_u64(&file[at + 4]) & 0x00FFFFFFFFFFFFFFU, file.size() - at - 12);
  EXPECT_LT(growing.size(), file.size());
}

TEST(ContainerChoice, TakesWhatIsAskedForWhereItFits) {
  using enum RecordingFormat;
  constexpr std::array kVp8Call = {Codec::kVp8, Codec::kOpus};
  constexpr std::array kH264Call = {Codec::kH264, Codec::kOpus};
  constexpr std::array kPhone = {Codec::kPcmu};
  EXPECT_EQ(choose_container(kAuto, kVp8Call), Container::kWebm);
  EXPECT_EQ(choose_container(kAuto, kH264Call), Container::kMp4);
  EXPECT_EQ(choose_container(kMp4, kH264Call), Container::kMp4);
  EXPECT_EQ(choose_container(kMp4, kVp8Call), Container::kWebm);
  EXPECT_EQ(choose_container(kWebm, kH264Call), Container::kMkv);
  EXPECT_EQ(choose_container(kMkv, kVp8Call), Container::kMkv);
  constexpr std::array kProgramme = {Codec::kH264, Codec::kAac};
  EXPECT_EQ(choose_container(kAuto, kProgramme), Container::kMp4);
  EXPECT_EQ(choose_container(kWebm, kProgramme), Container::kMkv);
  EXPECT_EQ(choose_container(kAuto, kPhone), Container::kMkv);
  EXPECT_EQ(choose_container(kMp4, {}), Container::kMp4);
}

TEST(ContainerChoice, FormatsHaveNames) {
  EXPECT_EQ(recording_format_named("webm"), RecordingFormat::kWebm);
  EXPECT_FALSE(recording_format_named("avi"));
  EXPECT_EQ(name_of(RecordingFormat::kMkv), "mkv");
}

}  // namespace
}  // namespace rooms
