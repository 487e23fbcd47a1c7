// SPDX-License-Identifier: LGPL-2.1-or-later
// A slot of `sfusend`: its sink pad.
#pragma once

#include <atomic>
#include <memory>

#include "elements/sender.h"
#include "elements/sfusend.h"

struct _SfuSendPad {
  GstPad parent;
  std::shared_ptr<rooms::Sender>* sender;
  rooms::Sender::SlotId slot;
  std::atomic<const rooms::RtpForward*>* forward;
};

/// Not active, and of no element yet.
GstPad* sfu_send_pad_new(GstPadTemplate* templ, const char* name,
                         const std::shared_ptr<rooms::Sender>& sender);
