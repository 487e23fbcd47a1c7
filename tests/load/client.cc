// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/client.h"

#include <algorithm>
#include <array>

#include "gst/core/sdp/tokens.h"

namespace rooms::load {

ClientFactory::ClientFactory(const Options& options, const DtlsIdentity& identity,
                             SocketAddress server, Traffic& traffic)
    : options_(options),
      identity_(identity),
      server_(server),
      traffic_(traffic),
      random_(std::random_device{}()) {}

Result<std::unique_ptr<Client>> ClientFactory::client(const Seat& seat) {
  auto client = std::make_unique<Client>();
  auto transport = Transport::open(identity_, server_, random_());
  if (!transport) return transport.error();
  client->seat = seat;
  client->codec = options_.codec;
  client->transport = std::move(*transport);
  return client;
}

Status ClientFactory::read_files() {
  const auto read = [](const std::string& names, Recordings& into) -> Status {
    if (names.empty() || !into.empty()) return Done{};
    for (const auto path : split(names, ',')) {
      auto media = RecordedMedia::read(std::string(path));
      if (!media) return media.error();
      into.push_back(std::move(*media));
    }
    return Done{};
  };
  if (auto status = read(options_.opus_files, microphones_); !status) return status;
  if (auto status = read(options_.video_files, cameras_); !status) return status;
  if (cameras_.empty()) return Done{};
  if (cameras_.size() == (options_.simulcast ? 3 : 1)) return Done{};
  return Error{"bad-option",
               "--video-files wants one file for each layer: three with --simulcast, one without."};
}

Result<std::unique_ptr<Client>> ClientFactory::publisher(const Seat& seat) {
  auto made = client(seat);
  if (!made) return made;
  const auto ssrc = [this] { return static_cast<std::uint32_t>(random_()) | 1; };
  PublisherSettings settings;
  settings.seed = ssrc();
  auto& plan = settings.plan;
  plan.audio = options_.audio;
  plan.video = options_.video;
  plan.hears = options_.server == ServerKind::kJanusBridge;
  plan.codec = options_.codec;
  plan.cname = seat.name;
  plan.audio_stream = {"", ssrc(), 0};
  if (auto status = read_files(); !status) return status.error();
  if (!microphones_.empty()) settings.microphone = microphones_[seat.index % microphones_.size()];
  settings.cameras = cameras_;
  VideoSettings video{options_.codec, options_.bitrate, options_.fps};
  if (options_.simulcast) {
    constexpr std::array<std::pair<const char*, std::uint32_t>, 3> kLayers = {
        {{"q", 10}, {"h", 3}, {"f", 1}}};
    std::uint16_t divisor = 4;
    for (const auto& [rid, share] : kLayers) {
      plan.video_streams.push_back({rid, ssrc(), ssrc()});
      settings.layers.push_back({video.codec, video.bitrate / share, video.fps,
                                 static_cast<std::uint16_t>(1280 / divisor),
                                 static_cast<std::uint16_t>(720 / divisor)});
      divisor = static_cast<std::uint16_t>(divisor / 2);
    }
  } else {
    plan.video_streams.push_back({"", ssrc(), ssrc()});
    settings.layers.push_back(video);
  }
  (*made)->publisher = std::make_unique<Publisher>(std::move(settings), traffic_);
  return made;
}

Result<std::unique_ptr<Client>> ClientFactory::player(const Seat& seat, std::vector<Seat> shown) {
  auto made = client(seat);
  if (!made) return made;
  const auto all = static_cast<unsigned>(shown.size());
  const auto count = options_.last_n > 0 ? std::min(options_.last_n, all) : all;
  PlayerSettings settings;
  const bool mixed_sound = options_.mode != "tracks";
  const bool mixed_picture = options_.mode == "mix";
  settings.audio = (*made)->audio = !options_.audio ? 0 : (mixed_sound ? 1 : count);
  settings.video = (*made)->video = !options_.video ? 0 : (mixed_picture ? 1 : count);
  settings.stamped_audio = !mixed_sound && options_.opus_files.empty() && options_.publishers > 0;
  settings.stamped_video =
      !mixed_picture && options_.video_files.empty() && options_.publishers > 0;
  // How many are loud enough to be heard is the server's configuration.
  if (options_.last_n > 0) settings.audio = std::min(settings.audio, 1U);
  settings.look_into = options_.verify;
  settings.seed = static_cast<std::uint32_t>(random_());
  (*made)->shown = std::move(shown);
  (*made)->player = std::make_unique<Player>(settings, traffic_);
  return made;
}

std::string offer_of(const Client& client) {
  const auto local = client.transport->local_end();
  return write_sdp(client.publisher
                       ? offer_to_publish(client.publisher->plan(), local)
                       : offer_to_play(client.audio, client.video, client.codec, local));
}

Result<RemoteEnd> take_answer(Client& client, const std::string& answer) {
  if (client.publisher) {
    auto publishing = read_publish_answer(client.publisher->plan(), answer);
    if (!publishing) return publishing.error();
    client.publisher->set_negotiated(*publishing);
    return std::move(publishing->remote);
  }
  auto playing = read_playing(answer);
  if (!playing) return playing.error();
  client.player->set_negotiated(*playing);
  return std::move(playing->remote);
}

Result<TakenOffer> take_offer(Client& client, const std::string& offer) {
  auto playing = read_playing(offer);
  if (!playing) return playing.error();
  auto answer = answer_to_play(offer, client.codec, client.transport->local_end());
  if (!answer) return answer.error();
  client.player->set_negotiated(*playing);
  return TakenOffer{std::move(*answer), std::move(playing->remote)};
}

}  // namespace rooms::load
