// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/roomsrc_pad.h"

#include <string>

#include "gst/core/guarded.h"

namespace {

enum Property { kMid = 1, kStream, kTrack, kParticipantName, kLabel };

struct Names {
  std::string mid;
  std::string stream;
  std::string track;
  rooms::ShownSource source;
};

}  // namespace

struct _SfuRoomSrcPad {
  GstGhostPad parent;
  rooms::Guarded<Names>* names;
};

G_DEFINE_TYPE(SfuRoomSrcPad, sfu_room_src_pad, GST_TYPE_GHOST_PAD)

static void sfu_room_src_pad_init(SfuRoomSrcPad* self) {
  self->names = new rooms::Guarded<Names>();
}

static void sfu_room_src_pad_class_init(SfuRoomSrcPadClass* klass) {
  auto* object = G_OBJECT_CLASS(klass);
  object->finalize = [](GObject* self) {
    delete SFU_ROOM_SRC_PAD(self)->names;
    G_OBJECT_CLASS(sfu_room_src_pad_parent_class)->finalize(self);
  };
  object->get_property = [](GObject* self, guint id, GValue* value, GParamSpec* pspec) {
    SFU_ROOM_SRC_PAD(self)->names->with([&](const Names& names) {
      switch (id) {
        case kMid:
          return g_value_set_string(value, names.mid.c_str());
        case kStream:
          return g_value_set_string(value, names.stream.c_str());
        case kTrack:
          return g_value_set_string(value, names.track.c_str());
        case kParticipantName:
          return g_value_set_string(value, names.source.participant_name.c_str());
        case kLabel:
          return g_value_set_string(value, names.source.label.c_str());
        default:
          G_OBJECT_WARN_INVALID_PROPERTY_ID(self, id, pspec);
      }
    });
  };
  constexpr auto kFact = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  const auto text = [&](guint id, const char* name, const char* nick, const char* blurb) {
    g_object_class_install_property(object, id,
                                    g_param_spec_string(name, nick, blurb, nullptr, kFact));
  };
  text(kMid, "mid", "Section", "a=mid of the section the track comes in");
  text(
      kStream, "msid", "Stream",
      "First word of a=msid: tracks of one stream belong together; empty if the server tells none");
  text(kParticipantName, "participant-name", "Participant",
       "Name of whom the pad shows just now (SDES NAME, with notify); empty if the server tells "
       "none");
  text(kLabel, "label", "Label",
       "What of them: camera, microphone, screen or a name of their own (SDES NOTE, with notify)");
  text(kTrack, "track-label", "Track", "Second word of a=msid; empty if the server tells none");
}

namespace rooms {

GstPad* make_room_src_pad(const char* name, GstPadTemplate* templ) {
  return GST_PAD(g_object_new(SFU_TYPE_ROOM_SRC_PAD, "name", name, "direction", GST_PAD_SRC,
                              "template", templ, nullptr));
}

void describe_room_src_pad(GstPad* pad, const PlayedSection& section) {
  SFU_ROOM_SRC_PAD(pad)->names->with([&](Names& names) {
    names.mid = section.mid;
    names.stream = section.stream;
    names.track = section.track;
  });
  for (const char* property : {"mid", "msid", "track-label"})
    g_object_notify(G_OBJECT(pad), property);
}

void name_room_src_pad(GstPad* pad, const ShownSource& source) {
  const bool changed = SFU_ROOM_SRC_PAD(pad)->names->with([&](Names& names) {
    if (names.source.participant_name == source.participant_name &&
        names.source.label == source.label)
      return false;
    names.source = source;
    return true;
  });
  if (!changed) return;
  for (const char* property : {"participant-name", "label"})
    g_object_notify(G_OBJECT(pad), property);
}

}  // namespace rooms
