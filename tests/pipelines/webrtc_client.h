// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that is not ours: Debian's webrtcbin with libnice, on loopback. A publisher sends one
// colour and a tone, a player decodes and says what it sees.
#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gst/glue/ref.h"

namespace rooms::test {

enum class Colour { kNone, kRed, kGreen, kBlue };

class WebrtcClient {
 public:
  static constexpr auto kPatience = std::chrono::seconds(20);

  /// "red", "green" or "blue", in VP8 or H264. Its first m= section is the camera, its second the
  /// microphone. It tells no audio levels.
  static std::unique_ptr<WebrtcClient> publisher(const std::string& colour,
                                                 const std::string& codec = "VP8");
  /// Publishers: the bytes of its pictures are noise, in packets that are none, until mended.
  void scramble();
  void mend();
  /// Publishers: from now on the camera's pictures have this size and colour.
  void film(int width, int height, const std::string& colour);
  /// A microphone alone, silent at first, that tells its level (RFC 6464).
  static std::unique_ptr<WebrtcClient> voice();
  /// Voices: loud or silent.
  void speak(bool loud);
  /// Receives so many of each; sections of sound come first. VP8, VP9 and H264 are decoded.
  static std::unique_ptr<WebrtcClient> player(unsigned audio, unsigned video,
                                              const std::string& codec = "VP8");
  /// A pipeline of one's own, whose webrtcbin is called "pc".
  static std::unique_ptr<WebrtcClient> of(const std::string& line);
  ~WebrtcClient();
  WebrtcClient(const WebrtcClient&) = delete;
  WebrtcClient& operator=(const WebrtcClient&) = delete;

  [[nodiscard]] GstElement* pipeline() const { return pipeline_.get(); }
  /// Offers NACK and RTX. Before offer().
  void repair();
  /// With all candidates in it.
  std::string offer();
  void accept(const std::string& answer);

  /// Players: true when that m= section has shown `count` more frames of that colour.
  bool sees(unsigned section, Colour colour, unsigned count = 5);
  /// Players: true when so many more buffers of sound were decoded.
  bool hears(unsigned count = 10);
  /// Decoded, of all sections.
  [[nodiscard]] unsigned frames();
  /// True when DTLS is up.
  bool connects();
  /// Stops without a goodbye to anybody.
  void stop();

 private:
  explicit WebrtcClient(Ref<GstElement> pipeline);
  void use_loopback();
  void on_pad(GstPad* pad);
  static void on_frame(GstElement* fakesink, GstBuffer* buffer, GstPad* pad, gpointer self);
  static void on_sound(GstElement* fakesink, GstBuffer* buffer, GstPad* pad, gpointer self);
  /// Until webrtcbin's property has that value.
  bool wait_for(const char* property, int value);

  Ref<GstElement> pipeline_;
  Ref<GstElement> webrtcbin_;
  gulong noise_ = 0;  // the probe that makes it
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<unsigned, std::map<Colour, unsigned>> pictures_;  // by section, under mutex
  unsigned sounds_ = 0;                                      // under mutex
};

}  // namespace rooms::test
