// SPDX-License-Identifier: LGPL-2.1-or-later
// The media thread: one epoll, every socket, every timer. Everything that carries media belongs to
// it; others ask it by `call`.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <vector>

#include "gst/core/result.h"
#include "tests/load/traffic.h"
#include "tests/load/transport.h"

namespace rooms::load {

class MediaLoop {
 public:
  /// `spin`: polls instead of sleeping, so that nobody pays for waking us.
  explicit MediaLoop(bool spin) : spin_(spin) {}
  ~MediaLoop();
  MediaLoop(const MediaLoop&) = delete;
  MediaLoop& operator=(const MediaLoop&) = delete;

  Status start();
  /// Runs `work` on the media thread and waits for it.
  void call(const std::function<void()>& work);

  // Only inside `call`.
  void begin(Transport& transport, const RemoteEnd& remote, Media& media, Timestamp now);
  void end(Transport& transport);
  Traffic& traffic() { return traffic_; }
  /// Takes in what has arrived already.
  void drain();
  /// CPU time burnt by polling in vain.
  [[nodiscard]] Duration idle() const { return idle_; }
  /// Time between two looks at the sockets beyond what was meant, where it was more than 5 ms.
  [[nodiscard]] Duration stalled() const { return stalled_; }

 private:
  using Due = std::set<std::pair<Timestamp, Transport*>>;
  void run();
  bool receive(int timeout_ms);
  bool advance_due(Timestamp now);
  bool take_call();
  void reschedule(Transport& transport, Timestamp due);

  const bool spin_;
  std::thread thread_;
  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<const std::function<void()>*> call_ = nullptr;
  std::mutex one_caller_;

  // Media thread
  bool stop_ = false;
  Traffic traffic_;
  std::unique_ptr<ReceiveArena> received_ = std::make_unique<ReceiveArena>();
  std::unique_ptr<SendArena> arena_ = std::make_unique<SendArena>();
  Due due_;
  std::unordered_map<Transport*, Due::iterator> transports_;
  Duration idle_{};
  Duration stalled_{};
};

}  // namespace rooms::load
