// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/media_server.h"

#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <future>
#include <thread>

#include "gst/glue/executor.h"
#include "pipelines/media_server_impl.h"
#include "pipelines/peer.h"
#include "pipelines/room_context.h"

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

/// The first connection of a process draws an RSA key, which takes up to half a second; all others
/// share it. Pay now.
Status draw_certificate(Network& network) {
  Executor executor("start-up");
  std::promise<Status> done;
  executor.post([&] {
    const auto pipeline = sink(gst_pipeline_new("start-up"));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    Peer::Callbacks nobody{[](ConnectionState, const std::string&) {},
                           [](std::shared_ptr<DataChannel>) {}};
    auto peer =
        Peer::create(network, executor, GST_BIN(pipeline.get()), {"start-up", false}, nobody);
    const Status status = peer ? Status(Done{}) : Status(peer.error());
    if (peer) peer->reset();
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    done.set_value(status);
  });
  return done.get_future().get();
}

}  // namespace

Network& network_of(MediaServer& media) { return *media.impl().network; }

MediaServer::MediaServer() : impl_(std::make_unique<Impl>()) {}
MediaServer::~MediaServer() = default;

Result<std::unique_ptr<MediaServer>> MediaServer::create(const MediaSettings& settings) {
  if (!gst_is_initialized()) gst_init(nullptr, nullptr);
  if (auto checked = check_elements(); !checked) return checked.error();
  NetworkSettings network;
  network.udp_port = settings.udp_port;
  network.tcp = settings.tcp && !settings.libnice;
  network.announce_ips = settings.announce_ips;
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
  if (auto drawn = draw_certificate(*media->impl_->network); !drawn) return drawn.error();
  return media;
}

std::string MediaServer::stats_json() const { return impl_->network->stats_json(); }
std::uint16_t MediaServer::udp_port() const { return impl_->network->port(); }

}  // namespace rooms
