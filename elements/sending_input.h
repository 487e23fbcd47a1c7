// SPDX-License-Identifier: LGPL-2.1-or-later
// One sink pad of roomsink: what it is is found out from its caps, and its packets get the numbers
// and header extensions of the connection there is.
//
//   ghost pad ─▶ capsfilter ─▶ encode chain ─▶ stamp ─▶ packet feed
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "elements/encode_chain.h"
#include "elements/packet_feed.h"
#include "gst/core/client/layer_plan.h"
#include "gst/core/client/publish_plan.h"
#include "gst/core/guarded.h"
#include "gst/glue/ref.h"

namespace rooms {

class SendingInput {
 public:
  struct Callbacks {
    std::function<void()> on_format;  ///< a streaming thread
    std::function<void(const Error&)> on_error;
  };
  /// `options.layers`: of a raw picture.
  SendingInput(GstBin* bin, MediaKind kind, EncodeOptions options, Callbacks callbacks);
  ~SendingInput();
  SendingInput(const SendingInput&) = delete;
  SendingInput& operator=(const SendingInput&) = delete;

  /// What the ghost pad leads to.
  [[nodiscard]] Ref<GstPad> entry() const;
  /// As it is offered; nothing while it is not known.
  [[nodiscard]] std::optional<SentMedia> media() const;
  [[nodiscard]] MediaKind kind() const { return kind_; }
  [[nodiscard]] const std::string& name() const { return options_.name; }
  /// Of an encoder of ours, 1 or more; 0: it comes encoded.
  [[nodiscard]] std::size_t encoder_layers() const;

  /// From now on packets go to `feed`, as the section of the answer says; and keyframes are asked
  /// for.
  void open(const SentSection& section, Ref<RoomsPacketFeed> feed);
  void close();
  void set_bitrates(const std::vector<DataRate>& rates);
  /// Whether the SSRC is one of ours; then its layer is asked for a keyframe.
  bool request_keyframe(std::uint32_t ssrc);
  /// Takes the chain down; the next caps build another one. Not from its streaming threads.
  void reset();
  /// Leaves the bin for good. Not from its streaming threads.
  void detach();
  [[nodiscard]] std::uint64_t packets_sent() const { return sent_; }
  [[nodiscard]] std::vector<DataRate> bitrates() const;

 private:
  struct Sending {
    Ref<RoomsPacketFeed> feed;  // nothing: dropped
    SentSection section;
  };
  GstPadProbeReturn on_event(GstPad* pad, GstEvent* event);
  void build(GstPad* pad, const GstCaps* caps);
  void send(std::size_t layer, Ref<GstBuffer> packet);
  [[nodiscard]] std::shared_ptr<EncodeChain> chain() const;

  GstBin* bin_;  // the element, which owns this
  MediaKind kind_;
  EncodeOptions options_;
  Callbacks callbacks_;
  Ref<GstElement> entry_;
  Ref<GstPad> exit_;
  gulong probe_ = 0;
  std::vector<SentLayer> layers_;  // SSRCs stay, whatever connection there is
  Guarded<std::shared_ptr<EncodeChain>> chain_;
  Guarded<Sending> sending_;
  Guarded<std::vector<DataRate>> bitrates_;
  std::atomic<std::uint64_t> sent_{0};
};

}  // namespace rooms
