// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes calls of SRT senders (OBS, ffmpeg, hardware encoders), as many at a time as it may, on one
// UDP port: the stream id says where each wants to be. Wire format: the SRT Internet-Draft
// (draft-sharabayko-srt), libsrt's.
//
// libsrt's own threads ask whether a caller may come, a thread here receives what all of them send.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "gst/core/guarded.h"
#include "gst/core/result.h"
#include "gst/core/source/stream_place.h"
#include "gst/core/time.h"
#include "pipelines/pushed_stream.h"

struct sockaddr;

namespace rooms {

struct SrtSettings {
  std::string host;  ///< a name or an address
  std::uint16_t port = 0;
  std::string passphrase;  ///< 10 to 79 characters; empty: nothing is encrypted
  Duration latency = std::chrono::milliseconds(120);  ///< whichever side wants more gets it
  unsigned most_callers = 200;
};

class SrtListener {
 public:
  struct Caller {
    std::string address;  ///< host:port
    StreamPlace place;
    std::shared_ptr<PushedStream> stream;
  };
  struct Callbacks {
    /// A thread of libsrt's, which receives for all: to be answered at once. An error: refused.
    std::function<Status(const StreamPlace& place)> admit;
    /// That thread or the listener's, after a refusal.
    std::function<void(const std::string& address, const Error& error)> on_refused;
    /// The listener's thread.
    std::function<void(Caller caller)> on_caller;
  };
  struct Counts {
    std::uint64_t callers = 0;  ///< now
    std::uint64_t accepted = 0;
    std::uint64_t refused_place = 0;       ///< by their stream id, or by `admit`
    std::uint64_t refused_full = 0;        ///< there are most_callers already
    std::uint64_t refused_encryption = 0;  ///< a wrong passphrase, or only one side has one
    std::uint64_t packets = 0;
    std::uint64_t packets_dropped = 0;  ///< nobody read them in time
  };

  /// Listens when it returns. Error "srt-listen": the address is not to be had.
  static Result<std::unique_ptr<SrtListener>> open(SrtSettings settings, Callbacks callbacks);
  /// Every caller is hung up on.
  ~SrtListener();
  SrtListener(const SrtListener&) = delete;
  SrtListener& operator=(const SrtListener&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Any thread.
  [[nodiscard]] Counts counts() const;

 private:
  struct Call {
    std::shared_ptr<PushedStream> stream;
    std::uint64_t dropped = 0;
  };
  struct Invited {
    StreamPlace place;
    std::string address;
    Timestamp since;
  };

  SrtListener(SrtSettings settings, Callbacks callbacks)
      : settings_(std::move(settings)), callbacks_(std::move(callbacks)) {}
  Status listen();
  static int on_handshake(void* self, int socket, int version, const ::sockaddr* from,
                          const char* stream_id);
  int consider(int socket, const ::sockaddr* from, const char* stream_id);
  void run();
  void accept_all();
  void receive(int socket);
  void hang_up(int socket);
  void look_around(Timestamp now);

  const SrtSettings settings_;
  const Callbacks callbacks_;
  int listener_ = -1;
  int poll_ = -1;
  std::atomic<bool> closing_ = false;
  /// Those whose stream id is fine, until they are accepted: the passphrase is looked at later.
  Guarded<std::map<int, Invited>> invited_;
  std::atomic<unsigned> calls_size_ = 0;
  struct {
    std::atomic<std::uint64_t> accepted, refused_place, refused_full, refused_encryption, packets,
        dropped;
  } counts_ = {};
  std::map<int, Call> calls_;  // the thread
  std::thread thread_;
};

}  // namespace rooms
