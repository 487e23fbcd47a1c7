// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole recording without its disk: packets of a picture and of a sound in any order, with
// losses, jumps, other codecs, tracks that go and come, from RTP to the bytes of files.
#include <array>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "gst/core/record/frame_assembler.h"
#include "gst/core/record/recording_timeline.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

using std::chrono::milliseconds;

constexpr std::array kPictures{Codec::kVp8, Codec::kVp9, Codec::kH264, Codec::kAv1};
constexpr std::array kSounds{Codec::kOpus, Codec::kRed, Codec::kG722, Codec::kPcmu, Codec::kAac};
constexpr std::array kFormats{RecordingFormat::kAuto, RecordingFormat::kMp4, RecordingFormat::kWebm,
                              RecordingFormat::kMkv};

/// What comes into being on a disk.
class File {
 public:
  explicit File(const RecordingTimeline::Begin& begin) : tracks_(begin.tracks.size()) {
    std::vector<ContainerTrack> tracks;
    for (const auto& track : begin.tracks) {
      require(fits(begin.container, track.setup.codec));
      tracks.push_back({track.setup, track.track});
    }
    require(!tracks.empty());
    writer_ = make_writer(begin.container, std::move(tracks), {"fuzz", Duration(1)});
    size_ = writer_->begin().size();
    require(size_ > 0);
  }

  void add(RecordingTimeline::Write write) {
    require(write.track < tracks_ && write.time >= Duration::zero());
    writer_->add(write.track, std::move(write.frame), write.time);
  }
  void flush() { size_ += writer_->flush().size(); }
  void finish() {
    const FileEnd end = writer_->finish();
    size_ += end.append.size();
    for (const auto& patch : end.patches) {
      require(patch.at <= size_ && patch.bytes.size() <= size_ - patch.at);
    }
  }

 private:
  const std::size_t tracks_;
  std::unique_ptr<ContainerWriter> writer_;
  std::uint64_t size_ = 0;
};

struct Track {
  explicit Track(Codec codec) : assembler(codec) {}
  FrameAssembler assembler;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
};

class Recording {
 public:
  explicit Recording(Input& input) : input_(input), timeline_(config()) {}

  void run() {
    add("camera", kPictures[input_.u8() % kPictures.size()]);
    add("microphone", kSounds[input_.u8() % kSounds.size()]);
    while (!input_.empty()) step();
    for (auto& [name, track] : tracks_) push(name, track->assembler.finish(now_));
    perform(timeline_.finish());
    require(!file_);
  }

 private:
  RecordingTimeline::Config config() {
    RecordingTimeline::Config config;
    config.format = kFormats[input_.u8() % kFormats.size()];
    config.segment_time = milliseconds(100 * (input_.u8() % 8));
    config.segment_bytes = input_.u8() % 4 * std::uint64_t{100};
    return config;
  }

  void add(const std::string& name, Codec codec) {
    tracks_[name] = std::make_unique<Track>(codec);
    timeline_.add_track(name, codec);
  }

  void step() {
    const unsigned what = input_.u8();
    const char* name = (what & 1) != 0 ? "microphone" : "camera";
    const auto track = tracks_.find(name);
    switch (what >> 1 & 7) {
      case 0:
        now_ += milliseconds(input_.u8());
        advance();
        break;
      case 1:
        if (track == tracks_.end()) break;
        push(name, track->second->assembler.finish(now_));
        tracks_.erase(track);
        timeline_.remove_track(name);
        break;
      case 2:
        if (track == tracks_.end())
          add(name, (what & 1) != 0 ? kSounds[input_.u8() % kSounds.size()]
                                    : kPictures[input_.u8() % kPictures.size()]);
        break;
      case 3:
        if (track != tracks_.end()) track->second->sequence = input_.u16();
        break;
      default:
        if (track != tracks_.end()) send(*track->second, what);
    }
  }

  void send(Track& track, unsigned what) {
    RtpHeader header;
    header.sequence = ++track.sequence;
    if ((what & 0x10) != 0) track.timestamp += input_.u16();
    if ((what & 0x20) != 0) track.timestamp = input_.u32();
    header.timestamp = track.timestamp;
    header.marker = (what & 0x40) != 0;
    header.payload = input_.bytes(input_.u8());
    track.assembler.push(header, now_, (what & 0x80) != 0, now_);
  }

  void push(const std::string& name, std::vector<EncodedFrame> frames) {
    for (auto& frame : frames) timeline_.push(name, std::move(frame), now_);
  }

  void advance() {
    for (auto& [name, track] : tracks_) push(name, track->assembler.take(now_));
    perform(timeline_.advance(now_));
    if (file_) file_->flush();
  }

  void perform(std::vector<RecordingTimeline::Step> steps) {
    for (auto& step : steps) {
      if (const auto* begins = std::get_if<RecordingTimeline::Begin>(&step)) {
        require(!file_);
        file_ = std::make_unique<File>(*begins);
        continue;
      }
      require(file_ != nullptr);
      if (auto* write = std::get_if<RecordingTimeline::Write>(&step)) {
        file_->add(std::move(*write));
      } else {
        file_->finish();
        file_ = nullptr;
      }
    }
  }

  Input& input_;
  RecordingTimeline timeline_;
  std::map<std::string, std::unique_ptr<Track>> tracks_;
  std::unique_ptr<File> file_;
  Timestamp now_{std::chrono::seconds(1)};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Recording(input).run();
  return 0;
}
