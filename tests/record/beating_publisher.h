// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody who publishes by WHIP with Debian's webrtcbin: the picture turns white and the sound
// begins at the same moments, every second, for half a second.
#pragma once

#include <memory>
#include <string>

#include "tests/pipelines/webrtc_client.h"

namespace rooms::test {

struct BeatingSettings {
  std::string codec = "VP8";  ///< "VP8", "VP9", "H264"; empty: no picture
  unsigned width = 320;
  unsigned height = 240;
  bool sound = true;
  bool busy = false;  ///< a picture that takes all bits there are, in the place of one that beats
};

class BeatingPublisher {
 public:
  static constexpr unsigned kFrameRate = 25;

  /// Fails the test if the server does not take it.
  BeatingPublisher(const std::string& server, const std::string& room, const std::string& name,
                   const BeatingSettings& settings = {});
  ~BeatingPublisher();
  BeatingPublisher(const BeatingPublisher&) = delete;
  BeatingPublisher& operator=(const BeatingPublisher&) = delete;

  /// Says no goodbye: there is no server any more.
  void vanish();
  void resize(unsigned width, unsigned height);
  /// So many of the picture's packets are never sent.
  void lose(double share);
  /// Packets of the sound come no more, as with an encoder that is silent.
  void stop_sound();

 private:
  std::unique_ptr<WebrtcClient> client_;
  std::string resource_;
};

}  // namespace rooms::test
