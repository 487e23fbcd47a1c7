// SPDX-License-Identifier: LGPL-2.1-or-later
// Data channels of a room: what one participant sends on a label reaches that label of the others.
// Room thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipelines/data_channel.h"
#include "pipelines/peer.h"

namespace rooms {

class DataRelay {
 public:
  /// The connection on which a participant gets channels; nullptr: none has SCTP.
  using PeerOf = std::function<Peer*(const std::string& participant)>;
  using Everybody = std::function<std::vector<std::string>()>;
  DataRelay(PeerOf peer_of, Everybody everybody)
      : peer_of_(std::move(peer_of)), everybody_(std::move(everybody)) {}

  /// A channel the participant opened.
  void add(const std::string& participant, std::shared_ptr<DataChannel> channel);
  void remove(const std::string& participant);
  [[nodiscard]] std::uint64_t relayed() const { return relayed_; }
  /// Without an envelope we understand, to somebody who is not there, or to a channel that is full.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Message {
    bool binary = false;
    std::string text;
    std::vector<std::uint8_t> bytes;
  };
  struct Line {
    std::shared_ptr<DataChannel> channel;
    std::vector<Message> waiting;  // until it is open
  };
  void on_text(const std::string& from, const DataChannelSettings& settings,
               const std::string& text);
  void on_binary(const std::string& from, const DataChannelSettings& settings,
                 const std::vector<std::uint8_t>& bytes);
  void deliver(const std::string& from, const std::string& to, const DataChannelSettings& settings,
               const Message& message);
  void send(const std::string& to, const DataChannelSettings& settings, const Message& message);
  void listen(const std::string& participant, const std::string& label, Line& line);
  bool write(DataChannel& channel, const Message& message);

  PeerOf peer_of_;
  Everybody everybody_;
  std::map<std::string, std::map<std::string, Line>> lines_;  // by participant, label
  std::uint64_t relayed_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace rooms
