// SPDX-License-Identifier: LGPL-2.1-or-later
// One stream of webrtcbin on its way out of roomsrc:
//
//   webrtcbin ─▶ guard ─▶ depayloader ─▶ (parser) ─▶ decodebin ─▶ guard ─▶ ghost pad    decode
//   webrtcbin ─▶ guard ─▶ depayloader ─▶ (parser) ─────────────▶ guard ─▶ ghost pad    as it came
//
// The guards (errorignore) keep what one stream meets downstream (nobody is linked, the end, an
// error of a decoder) from the others: webrtcbin would stop all of its bundle.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>
#include <string>

#include "gst/core/result.h"
#include "gst/glue/ref.h"

namespace rooms {

class ReceivingChain {
 public:
  struct Settings {
    std::string name;
    std::string encoding;  ///< encoding-name of the RTP caps
    bool decode = true;
  };
  /// `on_caps`, on a streaming thread: what comes out of this pad is known now.
  static Result<std::unique_ptr<ReceivingChain>> create(GstBin* parent, GstPad* from,
                                                        const Settings& settings,
                                                        std::function<void(GstPad*)> on_caps);
  /// Not from its streaming threads.
  ~ReceivingChain();
  ReceivingChain(const ReceivingChain&) = delete;
  ReceivingChain& operator=(const ReceivingChain&) = delete;

 private:
  ReceivingChain(GstBin* parent, std::function<void(GstPad*)> on_caps);
  Status build(GstPad* from, const Settings& settings);
  void wait_for_caps(GstPad* pad);

  Ref<GstBin> parent_;
  std::function<void(GstPad*)> on_caps_;
  Ref<GstElement> line_;
  Ref<GstPad> out_;
  Ref<GstElement> tail_;
};

}  // namespace rooms
