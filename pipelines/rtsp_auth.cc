// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_auth.h"

namespace rooms {
namespace {

struct RoomAuth {
  GstRTSPAuth parent;
};
struct RoomAuthClass {
  GstRTSPAuthClass parent;
};
G_DEFINE_TYPE(RoomAuth, room_auth, GST_TYPE_RTSP_AUTH)

/// Stock GstRTSPAuth asks when it has found a media, which here is made by who asks for it.
gboolean check(GstRTSPAuth* auth, GstRTSPContext* context, const gchar* what) {
  const auto* stock = GST_RTSP_AUTH_CLASS(room_auth_parent_class);
  // Where media goes is never the client's choice: it could be somebody else's address.
  if (g_str_equal(what, GST_RTSP_AUTH_CHECK_TRANSPORT_CLIENT_SETTINGS)) return FALSE;
  if (!g_str_equal(what, GST_RTSP_AUTH_CHECK_URL) || context->method == GST_RTSP_OPTIONS)
    return stock->check(auth, context, what);
  // The one question that only wants to know whether it is somebody who may: all who are known.
  return stock->check(auth, context, GST_RTSP_AUTH_CHECK_TRANSPORT_CLIENT_SETTINGS);
}

void room_auth_class_init(RoomAuthClass* type) { type->parent.check = check; }
void room_auth_init(RoomAuth* /*self*/) {}

}  // namespace

Ref<GstRTSPAuth> make_rtsp_auth() {
  return adopt(static_cast<GstRTSPAuth*>(g_object_new(room_auth_get_type(), nullptr)));
}

Ref<GstRTSPToken> make_rtsp_token(const char* role) {
  return adopt(gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, role,
                                  GST_RTSP_TOKEN_TRANSPORT_CLIENT_SETTINGS, G_TYPE_BOOLEAN, TRUE,
                                  nullptr));
}

}  // namespace rooms
