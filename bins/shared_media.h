// SPDX-License-Identifier: LGPL-2.1-or-later
// One media server for all rooms of a process that ask for the same: they share its port, as the
// rooms of a server do.
#pragma once

#include "gst/core/result.h"
#include "pipelines/media_server.h"

namespace rooms {

/// A share in a media server, which ends with the last share.
class MediaShare {
 public:
  MediaShare() = default;
  MediaShare(MediaShare&& other) noexcept;
  MediaShare& operator=(MediaShare&& other) noexcept;
  ~MediaShare() { release(); }

  /// Any thread. Errors: those of MediaServer::create(), and "port-shared": the port is another
  /// room's of this process, with other settings.
  static Result<MediaShare> take(const MediaSettings& settings);

  explicit operator bool() const { return media_ != nullptr; }
  [[nodiscard]] MediaServer& media() const { return *media_; }
  void release();

 private:
  MediaServer* media_ = nullptr;
};

}  // namespace rooms
