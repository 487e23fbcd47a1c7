// SPDX-License-Identifier: LGPL-2.1-or-later
// The sending client: one microphone and one camera in one or several layers. Media thread, but for
// what it is made from.
#pragma once

#include <memory>
#include <vector>

#include "gst/core/rtcp/rtcp_parser.h"
#include "tests/load/negotiate.h"
#include "tests/load/outgoing_stream.h"
#include "tests/load/payload_source.h"
#include "tests/load/traffic.h"
#include "tests/load/transport.h"

namespace rooms::load {

struct PublisherSettings {
  PublishPlan plan;
  std::vector<VideoSettings> layers;  ///< as many as plan.video_streams
  std::uint32_t seed = 1;
  std::shared_ptr<const RecordedMedia> microphone;  ///< null: noise
  /// As many as layers, or none: noise.
  std::vector<std::shared_ptr<const RecordedMedia>> cameras;
};

class Publisher : public Media {
 public:
  Publisher(PublisherSettings settings, Traffic& traffic);

  /// Before its transport starts.
  void set_negotiated(const Publishing& publishing);

  void connected(Transport& transport, Timestamp now) override;
  /// What it hears, where publishers hear.
  void receive_rtp(Transport&, MutableBytes packet, Timestamp now) override;
  void receive_rtcp(Bytes compound, Timestamp now) override;
  Timestamp advance(Transport& transport, SendArena& arena, Timestamp now) override;
  [[nodiscard]] bool urgent() const override { return !resends_.empty(); }

  [[nodiscard]] const PublishPlan& plan() const { return settings_.plan; }

 private:
  struct Layer {
    OutgoingStream stream;
    VideoSource source;
    Timestamp last_keyframe;
    bool active = false;
    bool keyframe_wanted = false;
  };
  void begin_frames(Timestamp now);
  bool send_video(Transport& transport, SendArena& arena);
  void send_audio(Transport& transport, SendArena& arena);
  void send_reports(Transport& transport, SendArena& arena, Timestamp now);
  void resend(Transport& transport, SendArena& arena);
  void request_keyframe(std::uint32_t ssrc);
  OutgoingStream* stream_of(std::uint32_t ssrc);
  HeaderFields fields();

  PublisherSettings settings_;
  Traffic& traffic_;
  OutgoingStream audio_;
  std::vector<Layer> layers_;
  bool transport_wide_ = false;
  std::uint16_t transport_sequence_ = 0;
  std::vector<std::pair<OutgoingStream*, std::uint16_t>> resends_;
  Timestamp next_frame_;
  Timestamp next_burst_;
  Timestamp next_audio_;
  Timestamp next_report_;
};

}  // namespace rooms::load
