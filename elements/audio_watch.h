// SPDX-License-Identifier: LGPL-2.1-or-later
// The C++ half of `activespeaker`: levels of many streams to one speaker.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "gst/core/audio/speaker_detector.h"
#include "gst/core/bytes.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"

namespace rooms {

/// What a stream of a sink pad carries; of its streaming thread.
struct AudioFormat {
  enum class Kind : std::uint8_t { kUnknown, kRtp, kS16, kF32 };
  Kind kind = Kind::kUnknown;
  std::uint8_t level_id = 0;  ///< RTP: id of the RFC 6464 extension; 0: not negotiated
  std::size_t channels = 1;
  std::size_t rate = 48000;

  /// Raw audio (S16LE, F32LE) or RTP, of which `extmap-N` names the extension.
  static AudioFormat of(const GstCaps* caps);
};

/// Somebody else speaks. `pad` empty: nobody.
struct SpeakerChange {
  std::string pad;
  std::string previous;
  unsigned level = 127;  ///< -dBov, of the last 200 ms
  Timestamp when;        ///< running time
};

/// Times are running times: of the buffers, so that files are watched as well as microphones.
class AudioWatch {
 public:
  struct Settings {
    Duration interval = std::chrono::milliseconds(100);
    SpeakerDetector::Config detector;
    std::uint8_t extension_id = 0;  ///< 0: as the caps say
  };

  [[nodiscard]] Settings settings() const;
  void set_settings(const Settings& settings);

  void add(const std::string& pad);
  /// Streaming threads. What the buffer adds; `when` invalid: as late as the newest there was.
  std::optional<SpeakerChange> observe(const std::string& pad, const AudioFormat& format,
                                       GstBuffer* buffer, GstClockTime when);
  /// Nothing comes until `when`, though time goes on.
  std::optional<SpeakerChange> observe_silence(GstClockTime when);
  /// True: it was the speaker's.
  std::optional<SpeakerChange> remove(const std::string& pad);
  /// Time begins anew.
  void reset();

  [[nodiscard]] std::string speaker() const;
  [[nodiscard]] Owned<GstStructure> stats() const;

 private:
  struct Counters {
    std::uint64_t buffers = 0;
    std::uint64_t without_level = 0;
    std::uint64_t late = 0;
  };
  struct State {
    Settings settings;
    SpeakerDetector detector;
    std::map<std::string, Counters> pads;
    Timestamp newest{};
    Timestamp last_decision{};
    std::uint64_t changes = 0;

    void insert(const std::string& pad, unsigned level, Timestamp when);
    void insert_samples(const std::string& pad, const AudioFormat& format, Bytes bytes,
                        Timestamp when);
    std::optional<SpeakerChange> decide();
    std::optional<SpeakerChange> change_from(const std::string& previous);
  };
  Guarded<State> state_;
};

}  // namespace rooms
