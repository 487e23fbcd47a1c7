// SPDX-License-Identifier: LGPL-2.1-or-later
// roomsink without its GObject: inputs, one connection to a WHIP server, and the division of the
// line between encoders.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "elements/room_client.h"
#include "elements/sending_input.h"
#include "gst/core/client/layer_plan.h"

namespace rooms {

class RoomPublisher final : public ClientSide {
 public:
  struct Settings {
    RoomClient::Settings client;
    DataRate first = DataRate::kilobits_per_second(1000);
    DataRate least = DataRate::kilobits_per_second(100);
    DataRate most = DataRate::kilobits_per_second(2500);
    DataRate audio_bitrate = DataRate::kilobits_per_second(48);
    VideoEncoding encoding = VideoEncoding::kVp8;
    std::size_t layers = 1;
    bool sync = true;
  };
  /// All of these on any thread.
  struct Callbacks {
    std::function<void(const ConnectionNews&)> tell;
    std::function<void(const Error&)> give_up;
    std::function<void(const std::string&)> warn;
  };
  RoomPublisher(GstBin* bin, Callbacks callbacks);
  ~RoomPublisher();

  // The application's threads, one at a time.
  void start(const Settings& settings);
  void stop();
  SendingInput* add_input(MediaKind kind, const std::string& name, const Settings& settings);
  void remove_input(SendingInput* input);

  void set_bounds(DataRate least, DataRate most);
  [[nodiscard]] DataRate estimate() const;
  [[nodiscard]] Ref<GstElement> estimator() const;
  [[nodiscard]] std::vector<std::shared_ptr<SendingInput>> inputs() const;

 private:
  std::vector<PeerLink::Section> sections() override;
  Ref<GstElement> make_aux_sender() override;
  SessionDescription offer(const SessionDescription& local) override;
  Result<Accepted> accept(const SessionDescription& offer,
                          const SessionDescription& answer) override;
  void connected(PeerLink& link) override;
  void disconnected() override;
  void tell(const ConnectionNews& news) override { callbacks_.tell(news); }
  void give_up(const Error& error) override { callbacks_.give_up(error); }

  void post(std::function<void()> task);
  void consider_start();
  void offer_what_is_there();
  void adapt();
  [[nodiscard]] LinePlanner::Line line() const;
  void prepare_repair();

  GstBin* bin_;  // the element, which owns this
  Callbacks callbacks_;
  Guarded<std::vector<std::shared_ptr<SendingInput>>> inputs_;
  Guarded<Settings> settings_;
  Guarded<Ref<GstElement>> estimator_;
  std::mutex posting_;
  std::unique_ptr<RoomClient>
      client_;  // set and reset under posting_; the client's thread may rely on it

  // The client's thread.
  struct Offered {
    std::shared_ptr<SendingInput> input;
    SentMedia media;
    LinePlanner planner;
  };
  std::vector<Offered> offered_;
  std::vector<SentSection> accepted_;
  Ref<RoomsPacketFeed> feed_;
  Ref<GstElement> repair_;
  DelayedCall patience_;
  DelayedCall adapting_;
  bool asked_ = false;
  bool stopping_ = false;
};

}  // namespace rooms
