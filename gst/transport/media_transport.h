// SPDX-License-Identifier: LGPL-2.1-or-later
// The network side of one peer connection: its ICE-lite component, its SRTP contexts, and the doors
// to DTLS (webrtcbin) and to the RTP endpoints (`sfureceive`, `sfusend`). Everything may be called
// from any thread unless it says otherwise.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gst/core/forward/rtp_patch.h"
#include "gst/core/guarded.h"
#include "gst/core/ice/ice_lite.h"
#include "gst/core/ice/socket_address.h"
#include "gst/core/rtp/rtp_header.h"
#include "gst/core/srtp/srtp.h"
#include "gst/core/time.h"
#include "gst/transport/packet_slot.h"
#include "gst/transport/send_batch.h"
#include "gst/transport/timers.h"

namespace rooms {

class Network;
class NiceLink;

/// A decrypted RTP packet on the worker that received it.
struct IncomingRtp {
  PacketSlot& slot;  ///< take() it, or leave it to be reused
  MutableBytes packet;
  RtpHeader header;
  Timestamp arrival;
};

class MediaReceiver {
 public:
  virtual ~MediaReceiver() = default;
  /// On a network worker. Must not block.
  virtual void on_rtp(IncomingRtp& incoming) = 0;
  /// Nothing more has come for now: what on_rtp held back, to hand on together, goes on.
  virtual void on_rtp_end() {}
  virtual void on_rtcp(Bytes compound, Timestamp arrival) = 0;
};

/// Where datagrams go that do not leave through a UDP batch: a TCP connection, a libnice agent.
class DatagramLink {
 public:
  virtual ~DatagramLink() = default;
  /// False: dropped, because the link is closed or its buffer is full.
  virtual bool send(Bytes datagram) = 0;
  /// The transport will not use it any more. It may close itself.
  virtual void retire() {}
  /// "tcp", ..
  [[nodiscard]] virtual const char* protocol() const = 0;
};

/// How a datagram came, and how to answer it.
struct Path {
  SocketAddress remote;
  std::shared_ptr<DatagramLink> link;  ///< null: our UDP socket
  std::uint64_t connection = 0;        ///< which one, on TCP
  [[nodiscard]] IceTuple tuple() const { return {remote, connection}; }
};

struct TransportCounters {
  std::atomic<std::uint64_t> received{0}, sent{0}, received_bytes{0}, sent_bytes{0};
  std::atomic<std::uint64_t> dropped_no_keys{0}, dropped_auth{0}, dropped_replay{0},
      dropped_malformed{0};
  std::atomic<std::uint64_t> dropped_ssrc{0}, dropped_dtls{0};
};

class MediaTransport final : public TimerClient,
                             public std::enable_shared_from_this<MediaTransport> {
 public:
  enum class State : std::uint8_t { kNew, kConnected, kDisconnected };
  static constexpr Duration kSilence = std::chrono::seconds(15);
  /// Runs on a network worker: must only post.
  using StateListener = std::function<void(State)>;
  /// Runs on a network worker; takes a DTLS datagram (copied if kept).
  using DtlsSink = std::function<void(Bytes)>;

  MediaTransport(Network& network, IceCredentials local, StateListener listener);

  /// The network knows this transport from now on, and the peer's silence counts. Before anybody
  /// is told our credentials; once.
  void start();
  /// ICE is done by this agent from now on, not by us.
  void delegate_ice(std::shared_ptr<NiceLink> agent);
  /// We only answer checks, and the SDP has to say so (RFC 8839 5.3).
  [[nodiscard]] bool is_lite() const { return !nice_; }
  [[nodiscard]] IceCredentials local_credentials() const;
  /// "candidate:.." lines, best first.
  [[nodiscard]] std::vector<std::string> candidates() const;
  /// What the peer's SDP says of its agent. A lite agent has no use for candidates (RFC 8445 2.5),
  /// and for the credentials only when the peer moves (path_probe.h).
  void set_remote(const IceCredentials& remote, const std::vector<std::string>& candidates,
                  bool we_offer);
  void add_remote_candidate(const std::string& candidate);
  /// New credentials (ICE restart); the old ones stay valid until the peer uses the new ones.
  void restart(IceCredentials fresh);

  // --- DTLS
  /// Datagrams that came before are kept (a few) and delivered now, on the calling thread.
  void open_dtls(DtlsSink sink);
  void close_dtls();
  void send_dtls(Bytes datagram);

  // --- SRTP. Keys come from the DTLS handshake; nothing passes before `admit`, which follows the
  // fingerprint check.
  void set_keys(const SrtpMasterKey& outgoing, const SrtpMasterKey& incoming);
  void admit();
  [[nodiscard]] bool admitted() const { return admitted_.load(std::memory_order_acquire); }

  /// Encrypts header + payload into the current thread's batch. The last `prefix` bytes of `header`
  /// belong to the payload already (RFC 4588). 0: not admitted, or nowhere to send to.
  std::size_t send_rtp(Bytes header, Bytes payload, const PayloadEdit& edit, std::uint32_t rollover,
                       std::size_t prefix = 0);
  /// A packet of nothing but padding; the P bit is set in `header`. 0 as send_rtp.
  std::size_t send_padding(Bytes header, std::uint8_t padding, std::uint32_t rollover);
  /// `compound` without SRTCP trailer.
  void send_rtcp(Bytes compound);

  void set_rtp_receiver(std::shared_ptr<MediaReceiver> receiver);
  void add_rtcp_receiver(std::shared_ptr<MediaReceiver> receiver);
  void remove_receiver(const MediaReceiver* receiver);

  /// A timer on the worker this transport belongs to.
  void call_at(Timestamp when, std::weak_ptr<TimerClient> client);

  // --- Called by network workers (and by the link of another agent)
  /// True: the request was authentic.
  bool on_stun(const StunMessage& request, const Path& path, Timestamp now);
  /// When something authentic of the peer came last.
  [[nodiscard]] Timestamp last_heard() const { return last_heard_.load(); }
  /// A check that the peer would answer. Returns its size and our user name in it; 0: nothing is
  /// known of the peer's agent, or it has nothing to lose by a change of its address.
  std::pair<std::size_t, std::string> write_path_probe(const StunTransactionId& transaction,
                                                       MutableBytes out) const;
  /// The answer to it came on `path`. True: the peer is there from now on.
  bool on_probe_answer(const StunMessage& answer, const Path& path,
                       std::span<const SocketAddress> own, Timestamp now);
  /// A connection has closed. If it was in use, nothing is sent until the peer checks another way,
  /// for which it has as long as for any silence.
  void on_closed(const Path& path);
  void on_dtls(Bytes datagram, const Path& path);
  void on_media(PacketSlot& slot, std::size_t size, Timestamp arrival);
  /// After one or more on_media: the next datagram of the batch is not ours, or there is none.
  void on_media_end();
  /// Tells the listener when the peer has been silent for kSilence. RFC 7675 wants consent checks
  /// for that; a lite agent has the peer's checks to go by, and, for peers that send none once
  /// connected, whatever else of theirs is authentic.
  std::optional<Timestamp> on_timer(Timestamp now) override;
  /// An agent that does ICE by itself says so here.
  void connected_through(const Path& path);
  void lost();

  [[nodiscard]] State state() const { return state_.load(std::memory_order_relaxed); }
  [[nodiscard]] SocketAddress remote() const;
  /// How we send to it: "udp", "tcp", or what another agent's link says.
  [[nodiscard]] std::string protocol() const;
  const TransportCounters& counters() const { return counters_; }
  /// The network forgets this transport: no call arrives after this returns, except those already
  /// running.
  void close();

 private:
  void select(const Path& path);
  void set_state(State state);
  void deliver_rtp(PacketSlot& slot, MutableBytes packet, Timestamp arrival);
  bool unprotected(const SrtpResult& result);
  void deliver_rtcp(MutableBytes packet, Timestamp arrival);
  /// With send_mutex_ held. A place to write a datagram and, after it, its way out.
  template <class Write>
  std::size_t write_datagram(Write&& write);

  Network& network_;
  unsigned worker_ = 0;  // since `start`
  std::mutex listener_mutex_;
  StateListener
      listener_;  // under listener_mutex_; none once closed, so that it is never called again
  TransportCounters counters_;
  std::atomic<State> state_{State::kNew};
  std::atomic<bool> admitted_{false};
  std::atomic<bool> closed_{false};
  std::atomic<Timestamp> last_heard_;

  std::shared_ptr<NiceLink> nice_;  // set once, before anything else happens

  /// Weak, so that a connection that closed is not kept.
  struct Way {
    IceTuple tuple;
    std::weak_ptr<DatagramLink> link;
  };
  void let_go(const Way& way);
  struct Ice {
    explicit Ice(IceLite lite) : agent(std::move(lite)), ufrags{agent.local().ufrag} {}
    IceLite agent;
    std::vector<std::string> ufrags;  // that the network knows us by; the current one last
    std::vector<Way> ways;            // validated by a request, newest last
    IceCredentials remote;
    /// True: it was not known. `evicted` gets what has to make room for it.
    bool add_way(const Path& path, std::vector<Way>& evicted);
  };
  Guarded<Ice> ice_;

  struct Dtls {
    DtlsSink sink;
    std::deque<std::vector<std::uint8_t>> early;
    Timestamp window_start{};
    unsigned in_window = 0;
  };
  Guarded<Dtls> dtls_;

  mutable std::mutex send_mutex_;
  UdpDestination destination_;             // under send_mutex_
  std::shared_ptr<DatagramLink> link_;     // under send_mutex_
  std::optional<SrtpSender> srtp_sender_;  // under send_mutex_
  SocketAddress remote_;                   // under send_mutex_

  std::mutex receive_mutex_;
  std::optional<SrtpReceiver> srtp_receiver_;  // under receive_mutex_

  struct Receivers {
    std::shared_ptr<MediaReceiver> rtp;
    std::vector<std::shared_ptr<MediaReceiver>> rtcp;
  };
  Guarded<Receivers> receivers_;
};

}  // namespace rooms
