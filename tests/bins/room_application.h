// SPDX-License-Identifier: LGPL-2.1-or-later
// An application around a roombin: a launch line in which it is called "room".
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "gst/glue/ref.h"
#include "tests/pipelines/webrtc_client.h"

namespace rooms::test {

class RoomApplication {
 public:
  explicit RoomApplication(const std::string& line);
  ~RoomApplication();

  [[nodiscard]] GstElement* room() const { return room_.get(); }
  bool play();
  void stop();
  void release(const std::string& pad);
  /// A fakesink of that name behind a src pad.
  void link(const std::string& pad, const std::string& sink);

  /// An action signal of texts that returns one; empty: null.
  template <class... Texts>
  std::string call(const char* signal, const Texts&... texts) {
    gchar* reply = nullptr;
    g_signal_emit_by_name(room_.get(), signal, c_text(texts)..., &reply);
    const auto owned = own(reply);
    return reply ? reply : "";
  }
  bool ask(const char* signal, const std::string& text);
  std::string subscribe(const char* id, const std::string& offer);
  std::string record(const char* kind);
  [[nodiscard]] std::string last_error() const { return text_of("last-error"); }
  /// What stands before its colon.
  [[nodiscard]] std::string error_word() const;
  [[nodiscard]] std::string stats() const;
  [[nodiscard]] guint port() const;

  /// True when a signal has come, or comes, that begins with those words.
  bool told(const std::string& signal);
  /// True when that fakesink gets ten more buffers.
  bool flows(const std::string& sink);
  [[nodiscard]] std::string caps_at(const std::string& sink) const;
  /// The first error on the bus; empty: none.
  [[nodiscard]] std::string error() const;

 private:
  static const char* c_text(const char* text) { return text; }
  static const char* c_text(const std::string& text) { return text.c_str(); }
  [[nodiscard]] std::string text_of(const char* property) const;
  void listen(const char* signal);

  Ref<GstElement> pipeline_;
  Ref<GstElement> room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;  // under mutex
  mutable std::string error_;
};

}  // namespace rooms::test
