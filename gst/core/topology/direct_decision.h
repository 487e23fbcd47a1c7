// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether the media of a room goes from one of two members to the other without the server, or
// through it. The server's way is there all the time: a direct session is prepared beside it,
// counts as established once both members receive, and may end at any moment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gst/core/time.h"
#include "gst/core/topology/topology.h"

namespace rooms {

/// Somebody who sends or takes media of the room: also players and publishers over HTTP.
struct TopologyMember {
  std::string id;
  bool takes_direct = false;  ///< its client has said that it can
};

struct TopologySituation {
  Topology wished = Topology::kAuto;
  std::vector<TopologyMember> members;
  /// Media is wanted at the server itself: something is held back there, recorded or mixed.
  bool needs_server = false;
};

/// Two members who send to each other. Numbers are never used twice in a room.
struct DirectSession {
  unsigned number = 0;
  std::string first;
  std::string second;
  bool established = false;  ///< both receive: the server's way rests

  [[nodiscard]] bool has(const std::string& id) const { return id == first || id == second; }
  bool operator==(const DirectSession&) const = default;
};

class DirectDecision {
 public:
  struct Config {
    /// With Topology::kAuto: how long two have been by themselves before they go direct. People who
    /// come one after the other cost no moves.
    Duration settling = std::chrono::seconds(2);
    /// By then both receive, or the attempt has failed.
    Duration patience = std::chrono::seconds(10);
    /// After a failure; doubles with each further one of the same two ..
    Duration pause = std::chrono::seconds(30);
    /// .. up to this.
    Duration longest_pause = std::chrono::minutes(10);
    /// A session that has lasted so long makes up for the failures before it.
    Duration proven = std::chrono::minutes(1);
  };

  DirectDecision() = default;
  explicit DirectDecision(const Config& config) : config_(config) {}

  /// To be asked whenever the situation changes, and now and then. True: session() is another.
  bool update(const TopologySituation& situation, Timestamp now);
  /// All that the other sends arrives at `member`. True: session() is established from now on.
  /// What is said of another session than the present one counts for nothing, here and below.
  bool receives(unsigned number, const std::string& member, Timestamp now);
  /// Nothing has come to `member` for a moment, which may be the end of the way: the server's is
  /// taken up again beside it, until `member` receives() or the way has failed(). True: session()
  /// is not established any more.
  bool doubts(unsigned number, const std::string& member, Timestamp now);
  /// `member` found the way broken, or could not make it. True: session() has ended.
  bool failed(unsigned number, const std::string& member, Timestamp now);

  /// nullopt: through the server.
  [[nodiscard]] const std::optional<DirectSession>& session() const { return session_; }
  /// Who hears what `member` has to say to the other about this session. The last one that has
  /// ended counts too: its members tell each other when they have left it. nullopt: nobody.
  [[nodiscard]] std::optional<std::string> peer_in(unsigned number,
                                                   const std::string& member) const;

 private:
  void watch_pair(const TopologySituation& situation, Timestamp now);
  void begin(Timestamp now);
  void fail(Timestamp now);

  Config config_;
  std::optional<DirectSession> session_;
  DirectSession last_;
  unsigned number_ = 0;
  Timestamp since_;  // began, or is doubted
  std::optional<Timestamp> established_since_;
  bool first_receives_ = false;
  bool second_receives_ = false;
  // The two, if they are two who can; in order of their ids
  std::optional<std::pair<std::string, std::string>> pair_;
  Timestamp pair_since_;
  std::optional<std::pair<std::string, std::string>> tried_;  // whom the next two belong to
  unsigned failures_ = 0;
  Timestamp not_before_{};
  Topology wished_ = Topology::kAuto;
};

}  // namespace rooms
