// SPDX-License-Identifier: LGPL-2.1-or-later
// A player of RTSP over one TCP connection that decodes nothing: what the server answers, and how
// many packets come on each interleaved channel (RFC 2326 10.12).
#pragma once

#include <map>
#include <string>

#include "tests/server/raw_socket.h"

namespace rooms::test {

class RtspTalk {
 public:
  struct Reply {
    int status = 0;                              ///< 0: the server closed the connection
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
  };

  explicit RtspTalk(unsigned short port) : socket_(port) {}

  Reply ask(const std::string& method, const std::string& uri, const std::string& headers = {},
            const std::string& body = {});
  /// DESCRIBE, SETUP of its streams, PLAY. The status of what was refused, or 200.
  int play(const std::string& uri);
  /// Reads until so many packets have come on that channel. False: the server closed first, or was
  /// silent for five seconds.
  bool receive(unsigned channel, unsigned packets);
  /// Reads until the server closes. False: it does not, as long as `most` packets come.
  bool is_closed(unsigned most);
  [[nodiscard]] const RawSocket& socket() const { return socket_; }

 private:
  bool fill();
  /// Takes a packet off the front, if a whole one is there.
  bool take_packet();

  RawSocket socket_;
  std::string waiting_;
  std::string session_;
  std::map<unsigned, unsigned> packets_;  // by channel
  unsigned number_ = 0;
};

}  // namespace rooms::test
