// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/rtsp/rtsp_talk.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace rooms::test {
namespace {

constexpr std::size_t kPacketHead = 4;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

bool RtspTalk::fill() {
  const auto more = socket_.receive();
  waiting_ += more;
  return !more.empty();
}

bool RtspTalk::take_packet() {
  if (waiting_.size() < kPacketHead || waiting_[0] != '$') return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(waiting_[at]); };
  const std::size_t size = kPacketHead + byte(2) * 256U + byte(3);
  if (waiting_.size() < size) return false;
  ++packets_[byte(1)];
  waiting_.erase(0, size);
  return true;
}

RtspTalk::Reply RtspTalk::ask(const std::string& method, const std::string& uri,
                              const std::string& headers, const std::string& body) {
  const auto length = body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
  const auto session = session_.empty() ? "" : "Session: " + session_ + "\r\n";
  if (!socket_.send(method + " " + uri + " RTSP/1.0\r\nCSeq: " + std::to_string(++number_) +
                    "\r\n" + session + headers + length + "\r\n" + body))
    return {};
  std::size_t end = 0;
  while (true) {
    if (take_packet()) continue;
    end = waiting_.find("\r\n\r\n");
    if (!waiting_.empty() && waiting_[0] != '$' && end != std::string::npos) break;
    if (!fill()) return {};
  }
  Reply reply;
  std::istringstream lines(waiting_.substr(0, end));
  std::string line;
  std::getline(lines, line);
  reply.status = std::atoi(line.substr(std::min<std::size_t>(line.size(), 9)).c_str());
  while (std::getline(lines, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto colon = std::min(line.find(": "), line.size());
    reply.headers[lower(line.substr(0, colon))] = line.substr(std::min(colon + 2, line.size()));
  }
  waiting_.erase(0, end + 4);
  const auto size = static_cast<std::size_t>(std::atoi(reply.headers["content-length"].c_str()));
  while (waiting_.size() < size && fill()) {
  }
  reply.body = waiting_.substr(0, size);
  waiting_.erase(0, size);
  return reply;
}

int RtspTalk::play(const std::string& uri) {
  const auto described = ask("DESCRIBE", uri, "Accept: application/sdp\r\n");
  if (described.status != 200) return described.status;
  unsigned streams = 0;
  for (auto at = described.body.find("\nm="); at != std::string::npos;
       at = described.body.find("\nm=", at + 1))
    ++streams;
  for (unsigned stream = 0; stream < streams; ++stream) {
    const auto channels = std::to_string(2 * stream) + "-" + std::to_string(2 * stream + 1);
    auto set_up = ask("SETUP", uri + "/stream=" + std::to_string(stream),
                      "Transport: RTP/AVP/TCP;unicast;interleaved=" + channels + "\r\n");
    if (set_up.status != 200) return set_up.status;
    session_ = set_up.headers["session"].substr(0, set_up.headers["session"].find(';'));
  }
  return ask("PLAY", uri, "Range: npt=0.000-\r\n").status;
}

bool RtspTalk::receive(unsigned channel, unsigned packets) {
  packets_.clear();
  while (packets_[channel] < packets)
    if (!take_packet() && !fill()) return false;
  return true;
}

bool RtspTalk::is_closed(unsigned most) {
  for (unsigned taken = 0; taken < most;)
    if (take_packet()) {
      ++taken;
    } else if (!fill()) {
      return true;
    }
  return false;
}

}  // namespace rooms::test
