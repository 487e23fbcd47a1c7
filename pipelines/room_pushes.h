// SPDX-License-Identifier: LGPL-2.1-or-later
// Where one room is pushed to, and who is told of it. Room thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/events.h"
#include "pipelines/mix_taker.h"
#include "pipelines/push.h"
#include "pipelines/room.h"

namespace rooms {

class RoomPushes {
 public:
  /// `tell`: everybody.
  RoomPushes(RoomContext& room, MixTakers& takers, std::string room_id, PushAllowance allowance,
             std::function<void(const RoomEvent&)> tell);
  ~RoomPushes();
  RoomPushes(const RoomPushes&) = delete;
  RoomPushes& operator=(const RoomPushes&) = delete;

  /// Whether start() would. Errors: "push-off", "push-not-allowed", "too-many-pushes",
  /// "codec-unsupported".
  [[nodiscard]] Status check(const PushAddress& address) const;
  Result<PushInfo> start(const PushAddress& address);
  /// Replies when it has ended. Error: "push-unknown".
  void stop(const std::string& id, Reply<PushInfo> reply);
  [[nodiscard]] Result<PushInfo> find(const std::string& id) const;
  /// Also some of those that have ended, oldest first.
  [[nodiscard]] std::vector<PushInfo> all() const;
  [[nodiscard]] std::vector<PushInfo> running() const;
  /// All end; waits for it.
  void close(const std::string& reason);

 private:
  struct Entry {
    std::unique_ptr<MixTaker> taker;  // null: it has ended
    std::unique_ptr<Push> push;
    std::vector<Reply<PushInfo>> waiting;
  };
  using Entries = std::map<unsigned, Entry>;
  using Task = std::function<void(RoomPushes&)>;

  void changed(unsigned number, const PushInfo& info);
  void stopped(unsigned number);
  void release(Entry& entry);
  void forget_oldest();
  [[nodiscard]] std::size_t count_running() const;
  [[nodiscard]] Entries::iterator with_id(const std::string& id);
  /// For other threads: runs a task on the room's, unless the room has closed by then.
  [[nodiscard]] std::function<void(Task)> poster() const;

  RoomContext& room_;
  MixTakers& takers_;
  const std::string room_id_;
  const PushAllowance allowance_;
  const std::function<void(const RoomEvent&)> tell_;
  Entries entries_;
  unsigned last_number_ = 0;
  std::shared_ptr<RoomPushes*> self_;
};

}  // namespace rooms
