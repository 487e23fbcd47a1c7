// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/rtsp_factory.h"

#include <functional>
#include <utility>

#include "gst/core/playout/rtsp_path.h"

namespace rooms {
namespace {

struct RoomMountPoints {
  GstRTSPMountPoints parent;
};
struct RoomMountPointsClass {
  GstRTSPMountPointsClass parent;
};
G_DEFINE_TYPE(RoomMountPoints, room_mount_points, GST_TYPE_RTSP_MOUNT_POINTS)

gchar* make_path(GstRTSPMountPoints* /*points*/, const GstRTSPUrl* url) {
  const std::string path = url->abspath ? url->abspath : "";
  const auto parsed = parse_rtsp_path(path);
  if (!parsed) return g_strdup(path.c_str());
  // What names one stream of it stays: SETUP takes it from the end.
  const auto stream = path.rfind("/stream=");
  return g_strdup(
      (to_string(*parsed) + (stream == std::string::npos ? "" : path.substr(stream))).c_str());
}

void room_mount_points_class_init(RoomMountPointsClass* type) {
  type->parent.make_path = make_path;
}
void room_mount_points_init(RoomMountPoints* /*self*/) {}

struct Plays {
  std::shared_ptr<RtspProgramme> programme;
  std::function<void(GstRTSPMedia*)> unprepared;
};
struct RoomMediaFactory {
  GstRTSPMediaFactory parent;
  Plays* plays;
};
struct RoomMediaFactoryClass {
  GstRTSPMediaFactoryClass parent;
};
G_DEFINE_TYPE(RoomMediaFactory, room_media_factory, GST_TYPE_RTSP_MEDIA_FACTORY)

Plays& plays_of(GstRTSPMediaFactory* factory) {
  return *reinterpret_cast<RoomMediaFactory*>(factory)->plays;
}

GstRTSPMedia* construct(GstRTSPMediaFactory* factory, const GstRTSPUrl* /*url*/) {
  auto* element = plays_of(factory).programme->make_element();
  if (!element) return nullptr;
  auto* media = static_cast<GstRTSPMedia*>(g_object_new(GST_TYPE_RTSP_MEDIA, "element", element,
                                                        "transport-mode",
                                                        GST_RTSP_TRANSPORT_MODE_PLAY, nullptr));
  gst_rtsp_media_collect_streams(media);
  GST_RTSP_MEDIA_FACTORY_GET_CLASS(factory)->create_pipeline(factory, media);
  return media;
}

void on_unprepared(GstRTSPMedia* media, std::shared_ptr<std::function<void(GstRTSPMedia*)>>* then) {
  (**then)(media);
}

void configure(GstRTSPMediaFactory* factory, GstRTSPMedia* media) {
  GST_RTSP_MEDIA_FACTORY_CLASS(room_media_factory_parent_class)->configure(factory, media);
  const auto& plays = plays_of(factory);
  connect_shared(media, "unprepared", G_CALLBACK(on_unprepared),
                 std::make_shared<std::function<void(GstRTSPMedia*)>>(plays.unprepared));
  plays.programme->attach(media);
}

void room_media_factory_class_init(RoomMediaFactoryClass* type) {
  type->parent.construct = construct;
  type->parent.configure = configure;
  G_OBJECT_CLASS(type)->finalize = [](GObject* object) {
    delete reinterpret_cast<RoomMediaFactory*>(object)->plays;
    G_OBJECT_CLASS(room_media_factory_parent_class)->finalize(object);
  };
}
void room_media_factory_init(RoomMediaFactory* /*self*/) {}

}  // namespace

Ref<GstRTSPMountPoints> make_rtsp_mount_points() {
  return adopt(
      static_cast<GstRTSPMountPoints*>(g_object_new(room_mount_points_get_type(), nullptr)));
}

Ref<GstRTSPMediaFactory> make_rtsp_factory(std::shared_ptr<RtspProgramme> programme,
                                           std::function<void(GstRTSPMedia*)> unprepared) {
  auto* made = static_cast<RoomMediaFactory*>(g_object_new(room_media_factory_get_type(), nullptr));
  made->plays = new Plays{std::move(programme), std::move(unprepared)};
  auto factory = adopt(GST_RTSP_MEDIA_FACTORY(made));
  gst_rtsp_media_factory_set_shared(factory.get(), FALSE);
  gst_rtsp_media_factory_set_suspend_mode(factory.get(), GST_RTSP_SUSPEND_MODE_NONE);
  gst_rtsp_media_factory_set_protocols(
      factory.get(),
      static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP));
  return factory;
}

}  // namespace rooms
