// SPDX-License-Identifier: LGPL-2.1-or-later
// One input of roomsink on its way to RTP. What it is, its caps say:
//
//   raw picture   ─▶ tee ─▶ queue ─▶ valve ─▶ scale ─▶ encoder ─▶ payloader ─▶ appsink   per layer
//   raw sound     ─▶ convert ─▶ resample ─▶ opusenc ─▶ payloader ─▶ appsink
//   VP8, H.264 .. ─▶ (parser) ─▶ payloader ─▶ appsink
//   RTP           ─▶ appsink
#pragma once

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "elements/encode_line.h"
#include "gst/core/result.h"
#include "gst/core/sdp/description.h"
#include "gst/glue/ref.h"

namespace rooms {

class EncodeChain {
 public:
  struct Callbacks {
    /// A layer's caps are known. Streaming thread.
    std::function<void()> on_format;
    /// Streaming thread; the packet's PTS is a running time.
    std::function<void(std::size_t layer, Ref<GstBuffer> packet)> on_packet;
  };

  /// Builds what fits `caps` into `bin` and links it to `from`. On a streaming thread.
  static Result<std::shared_ptr<EncodeChain>> create(GstBin* bin, GstPad* from, const GstCaps* caps,
                                                     const EncodeOptions& options,
                                                     Callbacks callbacks);
  ~EncodeChain();
  EncodeChain(const EncodeChain&) = delete;
  EncodeChain& operator=(const EncodeChain&) = delete;
  /// Takes the elements out of the bin; no callback comes after it. Not from a streaming thread of
  /// the chain.
  void remove();

  [[nodiscard]] std::size_t layers() const { return outputs_.size(); }
  /// Whether there is an encoder of ours whose bitrate may be set.
  [[nodiscard]] bool encodes() const { return encodes_; }
  /// As the payloader of the highest layer that has one says; nothing before the first packet.
  [[nodiscard]] std::optional<SdpFormat> format() const;
  /// For each layer; zero: it is not encoded meanwhile.
  void set_bitrates(const std::vector<DataRate>& rates);
  void request_keyframe(std::size_t layer);
  /// The input's caps, now and when they change.
  void set_input(const GstCaps* caps);

 private:
  struct Output {
    EncodeChain* chain = nullptr;
    std::size_t layer = 0;
    Ref<GstElement> sink;
    Ref<GstElement> scaled;  // what the scaler has to make
    Ref<GstElement> valve;
    Ref<GstElement> encoder;  // of a picture
  };
  EncodeChain(GstBin* parent, Callbacks callbacks);
  Status build(GstPad* from, const EncodeOptions& options, const EncodeLine& line);
  void take_sample(Output& output);

  Ref<GstBin> parent_;
  Callbacks callbacks_;
  Ref<GstElement> line_;
  bool encodes_ = false;
  std::vector<std::unique_ptr<Output>> outputs_;
  mutable std::mutex mutex_;
  std::vector<Ref<GstCaps>> formats_;  // by layer; under mutex_
  std::vector<DataRate> rates_;        // under mutex_
};

}  // namespace rooms
