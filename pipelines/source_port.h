// SPDX-License-Identifier: LGPL-2.1-or-later
// Where one stream of a source enters the room: a pad that is linked to an input of the router. It
// outlives the connections of the source, whose packets become one RTP stream here.
//
//   source's pipeline .. payloader ! appsink --> SourcePort --> sink_7 router   (track
//   "door/camera")
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "gst/core/audio/level_log.h"
#include "gst/core/guarded.h"
#include "gst/core/rtp/rtp_profile.h"
#include "gst/core/source/feed_stamper.h"
#include "gst/glue/ref.h"

namespace rooms {

class SourcePort {
 public:
  /// `base_time`: of the room's pipeline. `random`: where its numbers begin.
  SourcePort(MediaKind kind, Codec codec, GstClockTime base_time, std::uint32_t random);
  ~SourcePort();
  SourcePort(const SourcePort&) = delete;
  SourcePort& operator=(const SourcePort&) = delete;

  [[nodiscard]] MediaKind kind() const { return kind_; }
  [[nodiscard]] Codec codec() const { return codec_; }
  [[nodiscard]] const Ref<GstPad>& pad() const { return pad_; }

  // Room thread.
  /// pad() is linked: what comes is passed on from now on. Before, it waits.
  void open();
  /// Nothing is passed on any more, and nobody waits.
  void close();
  [[nodiscard]] std::vector<HeardLevel> take_levels();

  // Any thread.
  /// Another connection begins. Keyframe requests go to `encoder`, which is upstream of it; null:
  /// the source cannot be asked for keyframes.
  void begin_anew(Ref<GstPad> encoder);
  /// `level` as in RFC 6464.
  void note_level(std::uint8_t level, Timestamp when);
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// Keyframes asked for of a source that cannot be asked.
  [[nodiscard]] std::uint64_t requests_unanswered() const { return unanswered_; }

  // Streaming thread of the source.
  /// An RTP packet that is to be played at `when`, with the caps of its payloader.
  GstFlowReturn push(GstBuffer* packet, GstCaps* caps, Timestamp when);

 private:
  static gboolean on_event(GstPad* pad, GstObject* parent, GstEvent* event);
  static gboolean on_query(GstPad* pad, GstObject* parent, GstQuery* query);
  bool wait_until_open();
  void announce(GstCaps* caps);
  Ref<GstBuffer> stamped(GstBuffer* packet, Timestamp when);

  const MediaKind kind_;
  const Codec codec_;
  const GstClockTime base_time_;
  const std::uint32_t ssrc_;
  Ref<GstPad> pad_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;  // under the mutex, as the next
  bool closed_ = false;
  FeedStamper stamper_;  // under the mutex
  Guarded<Ref<GstPad>> encoder_;
  Guarded<std::vector<HeardLevel>> levels_;
  Ref<GstCaps> caps_;  // streaming thread
  std::atomic<std::uint64_t> packets_ = 0;
  std::atomic<std::uint64_t> unanswered_ = 0;
};

}  // namespace rooms
