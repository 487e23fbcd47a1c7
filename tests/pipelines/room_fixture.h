// SPDX-License-Identifier: LGPL-2.1-or-later
// A real room on a real media server, asked and listened to as the server does it, but waiting.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pipelines/media_server.h"
#include "pipelines/room.h"
#include "tests/pipelines/webrtc_client.h"

namespace rooms::test {

constexpr auto kPatience = std::chrono::seconds(20);

/// Keeps what one participant is told.
class Listener : public RoomListener {
 public:
  void on_room_event(const RoomEvent& event) override {
    const std::lock_guard hold(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }

  /// The first event of that kind that suits, told before or yet to come.
  template <class Event>
  std::optional<Event> hears(std::function<bool(const Event&)> suits = [](const Event&) {
    return true;
  }) {
    std::unique_lock hold(mutex_);
    std::optional<Event> found;
    changed_.wait_for(hold, kPatience, [&] {
      for (const auto& event : events_) {
        const auto* one = std::get_if<Event>(&event);
        if (one && suits(*one)) found = *one;
      }
      return found.has_value();
    });
    return found;
  }

  template <class Event>
  [[nodiscard]] std::size_t count() {
    const std::lock_guard hold(mutex_);
    std::size_t sum = 0;
    for (const auto& event : events_) sum += std::holds_alternative<Event>(event) ? 1 : 0;
    return sum;
  }

  void forget() {
    const std::lock_guard hold(mutex_);
    events_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<RoomEvent> events_;
};

class RoomTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    MediaSettings settings;
    settings.udp_port = 0;
    settings.announce_ips = {"127.0.0.1"};
    auto created = MediaServer::create(settings);
    ASSERT_TRUE(created) << created.error().message;
    media_ = std::move(*created);
  }
  static void TearDownTestSuite() { media_.reset(); }

  explicit RoomTest(const RoomPolicy& policy = {}) : room_(Room::create(*media_, "test", policy)) {}
  ~RoomTest() override { room_->close(); }

  /// Waits for the reply, which comes exactly once.
  template <class T>
  static Result<T> answer_of(const std::function<void(Reply<T>)>& ask) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto future = promise->get_future();
    ask([promise](Result<T> result) { promise->set_value(std::move(result)); });
    if (future.wait_for(kPatience) != std::future_status::ready) return Error{"no-reply", ""};
    return future.get();
  }

  Result<JoinReply> join(JoinRequest request) {
    return answer_of<JoinReply>(
        [&](auto reply) { room_->join(std::move(request), std::move(reply)); });
  }
  /// Fails the test unless it joins.
  std::shared_ptr<Listener> enter(const std::string& name, bool hidden = false,
                                  bool follows_demand = false) {
    auto listener = std::make_shared<Listener>();
    JoinRequest request;
    request.name = name;
    request.id = name;
    request.hidden = hidden;
    request.follows_demand = follows_demand;
    request.listener = listener;
    const auto joined = join(std::move(request));
    EXPECT_TRUE(joined) << joined.error().message;
    return listener;
  }
  Result<PublishReply> publish(const std::string& who, const std::string& offer,
                               const std::map<std::string, TrackLabel>& labels = {}) {
    return answer_of<PublishReply>(
        [&](auto reply) { room_->publish(who, offer, labels, std::move(reply)); });
  }
  Result<std::string> play(const std::string& who, const std::string& offer,
                           std::vector<std::string> participants = {},
                           std::optional<MixMode> mode = std::nullopt) {
    return answer_of<std::string>([&](auto reply) {
      room_->play(who, {offer, std::move(participants), mode}, std::move(reply));
    });
  }
  std::string stats() {
    const auto stats = answer_of<RoomStats>([&](auto reply) { room_->stats(std::move(reply)); });
    return stats ? stats->json : stats.error().code;
  }

  /// Somebody who joined and sends that colour.
  std::unique_ptr<WebrtcClient> send(const std::string& who, const std::string& colour) {
    auto client = WebrtcClient::publisher(colour);
    const auto reply = publish(who, client->offer());
    EXPECT_TRUE(reply) << reply.error().message;
    if (reply) client->accept(reply->sdp);
    return client;
  }
  /// A hidden player of the mix.
  std::unique_ptr<WebrtcClient> watch_mix(const std::string& who,
                                          const std::string& codec = "VP8") {
    enter(who, true);
    auto client = WebrtcClient::player(1, 1, codec);
    const auto answer = play(who, client->offer(), {}, MixMode::kMix);
    EXPECT_TRUE(answer) << answer.error().message;
    if (answer) client->accept(*answer);
    return client;
  }
  /// A hidden player of those participants.
  std::unique_ptr<WebrtcClient> watch(const std::string& who, unsigned video,
                                      std::vector<std::string> participants = {}) {
    enter(who, true);
    auto client = WebrtcClient::player(1, video);
    const auto answer = play(who, client->offer(), std::move(participants));
    EXPECT_TRUE(answer) << answer.error().message;
    if (answer) client->accept(*answer);
    return client;
  }

  static inline std::unique_ptr<MediaServer> media_;
  std::shared_ptr<Room> room_;
};

}  // namespace rooms::test
