// SPDX-License-Identifier: LGPL-2.1-or-later
// The command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gst/core/result.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/core/time.h"

namespace rooms::load {

enum class ServerKind : std::uint8_t { kGstRooms, kWhip, kJanus, kJanusBridge };

struct Options {
  std::string url;
  ServerKind server = ServerKind::kGstRooms;
  // Broadcast
  unsigned publishers = 1;
  unsigned subscribers = 10;
  // Rooms of many-to-many; 0: broadcast
  unsigned rooms = 0;
  unsigned size = 0;
  unsigned last_n = 0;          ///< meetings: a participant wants so many pictures; 0: all
  std::string mode = "tracks";  ///< meetings: of the subscription, docs/signalling.md
  std::string room;             ///< name, or head of the names; empty: made up
  // With kWhip; {room}, {name} and {shown} are replaced
  std::string publish_path = "/whip/{room}/{name}";
  std::string play_path = "/whep/{room}/{shown}";
  std::string token;
  bool insecure = false;
  // Media
  Codec codec = Codec::kVp8;
  std::uint32_t bitrate = 1000000;
  std::uint32_t fps = 30;
  bool audio = true;
  bool video = true;
  bool simulcast = false;
  std::string opus_files;   ///< publishers take turns, commas between; empty: noise
  std::string video_files;  ///< one for each layer, lowest first, commas between; empty: noise
  // Course of the run
  Duration warmup = std::chrono::seconds(2);
  Duration duration = std::chrono::seconds(10);
  double ramp = 50;  ///< joins a second
  unsigned verify = 20;
  bool find_limit = false;
  double limit_loss = 0.5;  ///< percent
  unsigned limit_max = 5000;
  double max_loss = -1;  ///< percent; beyond it the run failed; < 0: any
  // Measurement
  std::vector<int> pids;
  bool spin = false;
  int cpu = -1;
  bool json = false;
  bool quiet = false;

  bool help = false;
  bool version = false;

  [[nodiscard]] bool meeting() const { return rooms > 0; }
};

/// Error: "bad-option", with a sentence that names the option.
Result<Options> read_options(const std::vector<std::string>& arguments);
std::string help_text();

}  // namespace rooms::load
