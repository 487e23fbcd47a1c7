// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/rtp_patch_query.h"

#include "gst/glue/ref.h"

namespace rooms {
namespace {

constexpr const char* kQueryName = "sfu-rtp-patch";
constexpr const char* kForward = "forward";
constexpr const char* kTakenBy = "taken-by";
constexpr const char* kAffinity = "affinity";

/// The pad of an element that buffers leaving `src` reach: through the ghost pads of bins.
Ref<GstPad> real_peer(GstPad* src) {
  auto peer = adopt(gst_pad_get_peer(src));
  while (peer && GST_IS_PROXY_PAD(peer.get())) {
    auto inner = adopt(gst_proxy_pad_get_internal(GST_PROXY_PAD(peer.get())));
    peer = inner ? adopt(gst_pad_get_peer(GST_PAD_CAST(inner.get()))) : Ref<GstPad>();
  }
  return peer;
}

}  // namespace

std::optional<RtpForwardTaker> offer_rtp_forward(GstPad* src, const RtpForward* forward) {
  const auto peer = real_peer(src);
  if (!peer) return std::nullopt;
  auto* structure = gst_structure_new(kQueryName, kForward, G_TYPE_POINTER, forward, nullptr);
  const auto query = adopt(gst_query_new_custom(GST_QUERY_CUSTOM, structure));
  if (!gst_pad_query(peer.get(), query.get())) return std::nullopt;
  gpointer taken_by = nullptr;
  guint affinity = 0;
  gst_structure_get(gst_query_get_structure(query.get()), kTakenBy, G_TYPE_POINTER, &taken_by,
                    kAffinity, G_TYPE_UINT, &affinity, nullptr);
  if (taken_by != peer.get()) return std::nullopt;
  return RtpForwardTaker{affinity};
}

const RtpForward* take_rtp_forward(GstPad* sink, GstQuery* query, RtpForwardTaker taker) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_CUSTOM) return nullptr;
  if (!gst_structure_has_name(gst_query_get_structure(query), kQueryName)) return nullptr;
  gpointer forward = nullptr;
  GstStructure* structure = gst_query_writable_structure(query);
  gst_structure_get(structure, kForward, G_TYPE_POINTER, &forward, nullptr);
  if (forward) {
    gst_structure_set(structure, kTakenBy, G_TYPE_POINTER, sink, kAffinity, G_TYPE_UINT,
                      taker.affinity, nullptr);
  }
  return static_cast<const RtpForward*>(forward);
}

}  // namespace rooms
