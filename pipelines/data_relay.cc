// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/data_relay.h"

#include <algorithm>
#include <optional>

#include "pipelines/data_envelope.h"

namespace rooms {
namespace {

constexpr std::size_t kMaxWaiting = 256;

}  // namespace

void DataRelay::add(const std::string& participant, std::shared_ptr<DataChannel> channel) {
  const std::string label = channel->settings().label;
  auto& line = lines_[participant][label];
  line.channel = std::move(channel);
  listen(participant, label, line);
}

void DataRelay::remove(const std::string& participant) { lines_.erase(participant); }

void DataRelay::listen(const std::string& participant, const std::string& label, Line& line) {
  const auto settings = line.channel->settings();
  DataChannel::Callbacks callbacks;
  callbacks.on_text = [this, participant, settings](const std::string& text) {
    on_text(participant, settings, text);
  };
  callbacks.on_binary = [this, participant, settings](const std::vector<std::uint8_t>& bytes) {
    on_binary(participant, settings, bytes);
  };
  callbacks.on_open = [this, participant, label] {
    auto& opened = lines_[participant][label];
    for (const auto& message : std::exchange(opened.waiting, {})) write(*opened.channel, message);
  };
  callbacks.on_close = [this, participant, label] {
    const auto lines = lines_.find(participant);
    if (lines != lines_.end()) lines->second.erase(label);
  };
  line.channel->listen(std::move(callbacks));
}

void DataRelay::on_text(const std::string& from, const DataChannelSettings& settings,
                        const std::string& text) {
  const auto envelope = readdress_text(text, from);
  if (!envelope) {
    ++dropped_;
    return;
  }
  deliver(from, envelope->to, settings, {false, envelope->message, {}});
}

void DataRelay::on_binary(const std::string& from, const DataChannelSettings& settings,
                          const std::vector<std::uint8_t>& bytes) {
  auto envelope = readdress_binary(bytes, from);
  if (!envelope) {
    ++dropped_;
    return;
  }
  deliver(from, envelope->to, settings, {true, {}, std::move(envelope->message)});
}

void DataRelay::deliver(const std::string& from, const std::string& to,
                        const DataChannelSettings& settings, const Message& message) {
  const auto everybody = everybody_();
  if (to.empty()) {
    for (const auto& participant : everybody)
      if (participant != from) send(participant, settings, message);
  } else if (std::find(everybody.begin(), everybody.end(), to) != everybody.end()) {
    send(to, settings, message);
  } else {
    ++dropped_;
  }
}

void DataRelay::send(const std::string& to, const DataChannelSettings& settings,
                     const Message& message) {
  auto& line = lines_[to][settings.label];
  if (!line.channel) {
    auto* peer = peer_of_(to);
    if (!peer || peer->state() != ConnectionState::kConnected) {
      lines_[to].erase(settings.label);
      return;  // it takes no data
    }
    line.channel = peer->open_channel(settings);
    if (!line.channel) {
      ++dropped_;
      lines_[to].erase(settings.label);
      return;
    }
    listen(to, settings.label, line);
  }
  // While some wait for on_open to run, later ones queue behind them, open or not.
  if (!line.channel->is_open() || !line.waiting.empty()) {
    if (line.waiting.size() < kMaxWaiting) {
      line.waiting.push_back(message);
    } else {
      ++dropped_;
    }
    return;
  }
  if (write(*line.channel, message)) ++relayed_;
}

bool DataRelay::write(DataChannel& channel, const Message& message) {
  const bool sent =
      message.binary ? channel.send_binary(message.bytes) : channel.send_text(message.text);
  if (!sent) ++dropped_;
  return sent;
}

}  // namespace rooms
