// SPDX-License-Identifier: LGPL-2.1-or-later
// roomsrc without its GObject: one connection to a WHEP server, and a ghost pad for each section in
// which something has come.
#pragma once

#include <gst/gst.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "elements/receiving_chain.h"
#include "elements/room_client.h"
#include "elements/roomsrc_pad.h"
#include "gst/core/client/play_plan.h"

namespace rooms {

class RoomPlayer final : public ClientSide {
 public:
  struct Settings {
    RoomClient::Settings client;
    unsigned audio_sections = 1;
    unsigned video_sections = 1;
    bool decode = true;
  };
  /// All of these on any thread.
  struct Callbacks {
    std::function<void(const ConnectionNews&)> tell;
    std::function<void(const Error&)> give_up;
  };
  RoomPlayer(GstBin* bin, Callbacks callbacks);
  ~RoomPlayer();

  // The application's threads, one at a time.
  void start(const Settings& settings);
  void connect();
  /// Removes the pads as well.
  void stop();

 private:
  struct Track {
    std::unique_ptr<ReceivingChain> chain;
    Ref<GstPad> pad;  // of roomsrc; stays when the connection goes
    std::uint32_t ssrc = 0;
  };
  std::vector<PeerLink::Section> sections() override;
  SessionDescription offer(const SessionDescription& local) override;
  Result<Accepted> accept(const SessionDescription& offer,
                          const SessionDescription& answer) override;
  void on_pad(GstPad* pad) override;
  void on_sdes(std::uint32_t ssrc, const std::string& name, const std::string& note) override;
  void connected(PeerLink& /*link*/) override {}
  void disconnected() override {}
  void link_gone() override;
  void tell(const ConnectionNews& news) override { callbacks_.tell(news); }
  void give_up(const Error& error) override { callbacks_.give_up(error); }

  /// The pad of that section says who sends in it. Not with the lock held.
  void name_pad(std::size_t section);
  void show(std::size_t section, const PlayedSection& played, GstPad* source);
  [[nodiscard]] std::string pad_name(std::size_t section) const;

  GstBin* bin_;  // the element, which owns this
  Callbacks callbacks_;
  Settings settings_;
  std::unique_ptr<RoomClient> client_;
  std::mutex mutex_;
  std::vector<PlayedSection> played_;             // under mutex_
  std::vector<bool> taken_;                       // under mutex_
  std::map<std::size_t, Track> tracks_;           // by section; under mutex_
  std::map<std::uint32_t, ShownSource> sources_;  // by SSRC; under mutex_
};

}  // namespace rooms
