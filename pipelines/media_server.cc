// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/media_server.h"

#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <thread>

#include "pipelines/media_server_impl.h"

namespace rooms {
namespace {

struct Requirement {
  const char* element;
  const char* package;
};
constexpr std::array kRequirements = {
    Requirement{"webrtcbin", "gstreamer1.0-plugins-bad"},
    Requirement{"nicesrc", "gstreamer1.0-nice"},
    Requirement{"dtlsdec", "gstreamer1.0-plugins-bad"},
    Requirement{"rtpsession", "gstreamer1.0-plugins-good"},
    Requirement{"sctpenc", "gstreamer1.0-plugins-bad"},
};

Status check_elements() {
  for (const auto& [element, package] : kRequirements) {
    const auto factory = adopt(gst_element_factory_find(element));
    if (!factory)
      return Error{"plugin-missing", std::string("GStreamer has no element '") + element +
                                         "'. Install it: apt install " + package + "."};
  }
  for (const char* element : {"sfurouter", "sfureceive", "sfusend"}) {
    const auto factory = adopt(gst_element_factory_find(element));
    if (!factory)
      return Error{"plugin-missing",
                   std::string("GStreamer does not find our element '") + element +
                       "'. Set GST_PLUGIN_PATH to the folder of libgstrooms.so (./run does it)."};
  }
  return Done{};
}

// For as many joins within some thirty milliseconds. Each waits with four threads and half a MB.
constexpr std::size_t kStock = 2;

}  // namespace

ConnectionStock& stock_of(MediaServer& media) { return *media.impl().stock; }

MediaServer::MediaServer() : impl_(std::make_unique<Impl>()) {}
MediaServer::~MediaServer() = default;

Result<std::unique_ptr<MediaServer>> MediaServer::create(const MediaSettings& settings) {
  if (!gst_is_initialized()) gst_init(nullptr, nullptr);
  if (auto checked = check_elements(); !checked) return checked.error();
  NetworkSettings network;
  network.udp_port = settings.udp_port;
  network.tcp = settings.tcp && !settings.libnice;
  network.announce_ips = settings.announce_ips;
  network.gather = settings.gather;
  network.workers =
      settings.workers > 0 ? settings.workers : std::max(1U, std::thread::hardware_concurrency());
  if (settings.libnice) {
    NiceSettings nice;
    nice.port_min = settings.port_min;
    nice.port_max = settings.port_max;
    nice.announce_ips = settings.announce_ips;
    for (const auto& relay : settings.relays)
      nice.relays.push_back({relay.host, relay.port, relay.user, relay.password, relay.tcp});
    network.nice = std::move(nice);
    network.udp_port = 0;
  }
  auto created = Network::create(network);
  if (!created) return created.error();
  auto media = std::unique_ptr<MediaServer>(new MediaServer);
  media->impl_->network = std::move(*created);
  // A full agent gathers candidates and takes ports of a relay, for which it is too early.
  media->impl_->stock =
      std::make_unique<ConnectionStock>(*media->impl_->network, settings.libnice ? 0 : kStock);
  if (auto ready = media->impl_->stock->prepare(); !ready) return ready.error();
  if (settings.rtsp.host.empty()) return media;
  auto rtsp = RtspServer::create(settings.rtsp, media->impl_->rooms);
  if (!rtsp) return rtsp.error();
  media->impl_->rtsp = std::move(*rtsp);
  return media;
}

std::string MediaServer::stats_json() const {
  auto stats = impl_->network->stats_json();
  if (!impl_->rtsp) return stats;
  stats.pop_back();  // the brace
  return stats + ",\"rtsp\":" + impl_->rtsp->stats_json() + "}";
}
std::uint16_t MediaServer::udp_port() const { return impl_->network->port(); }
std::uint16_t MediaServer::rtsp_port() const { return impl_->rtsp ? impl_->rtsp->port() : 0; }

}  // namespace rooms
