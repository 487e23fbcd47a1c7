// SPDX-License-Identifier: LGPL-2.1-or-later
// A consumer of router packets as `sfusend` is one.
#pragma once

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <span>
#include <thread>
#include <vector>

#include "gst/core/forward/rtp_patch.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/glue/ref.h"
#include "gst/glue/rtp_patch_query.h"

namespace rooms::test {

/// Takes patches, and records what it finds.
struct DirectConsumer {
  /// nullptr: not linked yet.
  explicit DirectConsumer(GstPad* src, unsigned of_affinity = 0)
      : affinity(of_affinity), pad_(sink(gst_pad_new("sink", GST_PAD_SINK))) {
    gst_pad_set_element_private(pad_.get(), this);
    gst_pad_set_query_function(pad_.get(),
                               [](GstPad* p, GstObject* parent, GstQuery* query) -> gboolean {
                                 if (const auto* taken = take_rtp_forward(p, query, {of(p).affinity})) {
                                   of(p).offers++;
                                   of(p).forward = taken;
                                   return TRUE;
                                 }
                                 return gst_pad_query_default(p, parent, query);
                               });
    gst_pad_set_chain_function(pad_.get(), [](GstPad* p, GstObject*, GstBuffer* buffer) {
      const auto owned = adopt(buffer);
      return of(p).take({&buffer, 1});
    });
    gst_pad_set_chain_list_function(pad_.get(), [](GstPad* p, GstObject*, GstBufferList* list) {
      const auto owned = adopt(list);
      std::vector<GstBuffer*> all;
      for (guint i = 0; i < gst_buffer_list_length(list); ++i)
        all.push_back(gst_buffer_list_get(list, i));
      of(p).lists++;
      return of(p).take(all);
    });
    gst_pad_set_active(pad_.get(), TRUE);
    if (src) gst_pad_link(src, pad_.get());
  }
  static DirectConsumer& of(GstPad* p) {
    return *static_cast<DirectConsumer*>(gst_pad_get_element_private(p));
  }
  ~DirectConsumer() { gst_pad_set_active(pad_.get(), FALSE); }
  GstFlowReturn take(std::span<GstBuffer* const> pushed) {
    EXPECT_EQ(forward->packets.size(), pushed.size());
    buffers.insert(buffers.end(), pushed.begin(), pushed.end());
    for (const auto& packet : forward->packets) {
      patches.push_back(packet.patch);
      source_ssrc = packet.source->ssrc;
    }
    thread = std::this_thread::get_id();
    return flow;
  }

  const unsigned affinity;
  Ref<GstPad> pad_;
  int offers = 0;
  int lists = 0;
  const RtpForward* forward = nullptr;
  std::vector<GstBuffer*> buffers;  // to compare with, not to look into
  std::vector<RtpPatch> patches;
  std::uint32_t source_ssrc = 0;
  std::thread::id thread;
  GstFlowReturn flow = GST_FLOW_OK;
};

}  // namespace rooms::test
