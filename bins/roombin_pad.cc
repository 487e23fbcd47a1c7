// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/roombin_pad.h"

#include "gst/core/guarded.h"

struct _SfuRoomBinPad {
  GstGhostPad parent;
  rooms::Guarded<std::string>* participant;
};

G_DEFINE_TYPE(SfuRoomBinPad, sfu_room_bin_pad, GST_TYPE_GHOST_PAD)

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
  if (id != 1) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  const char* text = g_value_get_string(value);
  SFU_ROOM_BIN_PAD(object)->participant->with([&](std::string& held) { held = text ? text : ""; });
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
  if (id != 1) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    return;
  }
  g_value_set_string(value, rooms::participant_of(GST_PAD_CAST(object)).c_str());
}

static void sfu_room_bin_pad_init(SfuRoomBinPad* self) {
  self->participant = new rooms::Guarded<std::string>();
}

static void sfu_room_bin_pad_finalize(GObject* object) {
  delete SFU_ROOM_BIN_PAD(object)->participant;
  G_OBJECT_CLASS(sfu_room_bin_pad_parent_class)->finalize(object);
}

static void sfu_room_bin_pad_class_init(SfuRoomBinPadClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->set_property = set_property;
  object->get_property = get_property;
  object->finalize = sfu_room_bin_pad_finalize;
  g_object_class_install_property(
      object, 1,
      g_param_spec_string("participant", "Participant",
                          "Id of the participant whose track comes in by this sink pad, who joins "
                          "if need be; empty: the element's. Counts when media begins",
                          "",
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)));
}

namespace rooms {

GstGhostPad* new_room_bin_pad(const std::string& name, GstPadTemplate* templ) {
  return GST_GHOST_PAD(g_object_new(SFU_TYPE_ROOM_BIN_PAD, "name", name.c_str(), "direction",
                                    GST_PAD_TEMPLATE_DIRECTION(templ), "template", templ, nullptr));
}

std::string participant_of(GstPad* pad) {
  return SFU_ROOM_BIN_PAD(pad)->participant->with([](const std::string& held) { return held; });
}

}  // namespace rooms
