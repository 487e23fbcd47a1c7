// SPDX-License-Identifier: LGPL-2.1-or-later
// The media port as TCP: a whole network with its workers, and peers on real sockets.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <future>
#include <thread>

#include "gst/transport/network.h"
#include "tests/transport/tcp_peer.h"

namespace rooms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A datagram that passes for DTLS.
Packet dtls(std::size_t size, std::uint32_t number = 0) {
  Packet packet(size, 22);
  if (size >= 5) store_u32(&packet[1], number);
  return packet;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

template <class Ask>
bool eventually(const Ask& ask, milliseconds within = seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  while (!ask()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

class TcpTest : public testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    start({});
  }
  void start(const StreamPatience& patience) {
    transport_.reset();
    network_.reset();
    NetworkSettings settings;
    settings.udp_port = 0;
    settings.workers = 2;
    settings.tcp_patience = patience;
    auto network = Network::create(settings);
    ASSERT_TRUE(network) << network.error().message;
    network_ = std::move(*network);
    transport_ = make_transport();
  }
  void TearDown() override {
    if (transport_) transport_->close();
  }
  std::shared_ptr<MediaTransport> make_transport() {
    return *network_->create_transport([](MediaTransport::State) {});
  }
  [[nodiscard]] SocketAddress server(const char* ip = "127.0.0.1") const {
    return *SocketAddress::parse(ip, network_->port());
  }
  [[nodiscard]] std::uint64_t stat(const std::string& name) const {
    const auto json = network_->stats_json();
    const auto at = json.find('"' + name + "\":");
    EXPECT_NE(at, std::string::npos) << name << " in " << json;
    return std::strtoull(json.c_str() + at + name.size() + 3, nullptr, 10);
  }
  bool reaches(const std::string& name, std::uint64_t value) const {
    return eventually([&] { return stat(name) == value; });
  }

  std::unique_ptr<Network> network_;
  std::shared_ptr<MediaTransport> transport_;
};

TEST_F(TcpTest, AnnouncesPassiveCandidatesBehindThoseOfUdp) {
  const auto lines = transport_->candidates();
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines.size() % 2, 0U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool tcp = lines[i].find(" tcp ") != std::string::npos;
    EXPECT_EQ(tcp, i >= lines.size() / 2) << lines[i];
    EXPECT_EQ(lines[i].ends_with(" tcptype passive"), tcp) << lines[i];
    EXPECT_NE(lines[i].find(" " + std::to_string(network_->port()) + " typ host"),
              std::string::npos);
  }
}

TEST_F(TcpTest, ACheckClaimsTheConnectionAndDatagramsPassBothWays) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    const auto transport = make_transport();
    std::promise<Packet> got;
    transport->open_dtls([&](Bytes bytes) { got.set_value(Packet(bytes.begin(), bytes.end())); });
    TcpPeer peer(server(ip));
    ASSERT_TRUE(peer.connected()) << ip;
    ASSERT_TRUE(peer.check(transport->local_credentials())) << ip;
    EXPECT_EQ(transport->state(), MediaTransport::State::kConnected);
    EXPECT_EQ(transport->protocol(), "tcp");
    EXPECT_EQ(stat("tcp-connections"), 1U);
    EXPECT_EQ(stat("tcp-connections-unclaimed"), 0U);

    EXPECT_TRUE(peer.send(dtls(1200)));
    auto arrived = got.get_future();
    ASSERT_EQ(arrived.wait_for(seconds(10)), std::future_status::ready);
    EXPECT_EQ(arrived.get(), dtls(1200));
    transport->send_dtls(dtls(1300));
    EXPECT_EQ(peer.receive(), dtls(1300));

    transport->close();
    EXPECT_TRUE(peer.sees_the_end());
    EXPECT_TRUE(reaches("tcp-connections", 0));
  }
  EXPECT_EQ(stat("tcp-closed-released"), 2U);
}

TEST_F(TcpTest, ReadsAStreamThatIsCutAtEachByte) {
  std::promise<std::size_t> got;
  transport_->open_dtls([&](Bytes bytes) { got.set_value(bytes.size()); });
  TcpPeer peer(server());
  Packet stream;
  for (const auto& datagram : {check_of(transport_->local_credentials()), dtls(50)}) {
    Packet framed(datagram.size() + 2);
    write_rfc4571(framed, datagram);
    stream.insert(stream.end(), framed.begin(), framed.end());
  }
  for (const auto& byte : stream) {
    ASSERT_TRUE(peer.send_raw({&byte, 1}));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  EXPECT_TRUE(peer.receive());
  EXPECT_EQ(got.get_future().get(), 50U);
}

TEST_F(TcpTest, ClosesWhatIsNotOurProtocolAndCountsIt) {
  const auto credentials = transport_->local_credentials();
  const std::vector<std::pair<const char*, Packet>> rows{
      {"a web browser",
       [] {
         const auto text = as_bytes("GET / HTTP/1.1\r\n\r\n");
         return Packet(text.begin(), text.end());
       }()},
      {"a frame that is too long", {0x08, 0x01, 0}},
      {"DTLS before any check", {0, 3, 22, 1, 1}},
      {"media before any check", {0, 9, 0x80, 96, 0, 0, 0, 0, 0, 0, 1}},
      {"less than STUN", {0, 2, 0, 1}},
  };
  std::uint64_t closed = 0;
  for (const auto& [title, bytes] : rows) {
    TcpPeer peer(server());
    ASSERT_TRUE(peer.send_raw(bytes));
    EXPECT_TRUE(peer.sees_the_end()) << title;
    EXPECT_TRUE(reaches("tcp-closed-malformed", ++closed)) << title;
  }
  // Once claimed, what is no datagram of ours is dropped; what is no frame still ends it.
  TcpPeer peer(server());
  ASSERT_TRUE(peer.check(credentials));
  EXPECT_TRUE(peer.send(Packet(10, 200)));
  EXPECT_TRUE(reaches("dropped-unknown-kind", 1));
  EXPECT_TRUE(peer.check(credentials));
  ASSERT_TRUE(peer.send_raw(Packet{0xFF, 0xFF}));
  EXPECT_TRUE(peer.sees_the_end());
  EXPECT_TRUE(reaches("tcp-connections", 0));
}

TEST_F(TcpTest, WhoDoesNotKnowThePasswordIsAnsweredAFewTimesAndThenClosed) {
  auto credentials = transport_->local_credentials();
  credentials.password = "not-the-password-of-the-server";
  TcpPeer peer(server());
  ASSERT_TRUE(peer.send(check_of(credentials)));
  const auto answer = peer.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(parse_stun(*answer)->error_code, 401);
  while (peer.send(check_of(credentials))) {
    if (!peer.receive()) break;
  }
  EXPECT_TRUE(peer.sees_the_end());
  EXPECT_EQ(stat("tcp-closed-unclaimed-too-much"), 1U);
  EXPECT_EQ(transport_->state(), MediaTransport::State::kNew);
}

TEST_F(TcpTest, AConnectionServesOnlyThePeerThatClaimedIt) {
  const auto other = make_transport();
  TcpPeer peer(server());
  ASSERT_TRUE(peer.check(transport_->local_credentials()));
  ASSERT_TRUE(peer.send(check_of(other->local_credentials())));
  EXPECT_TRUE(reaches("dropped-stun-user", 1));
  EXPECT_EQ(other->state(), MediaTransport::State::kNew);
  other->close();
}

TEST_F(TcpTest, OneAddressGetsOnlySoManyUnclaimedConnections) {
  const auto descriptors = open_descriptors();
  {
    std::deque<TcpPeer> peers;
    const auto most = UnclaimedLimit::Config{}.per_source;
    for (unsigned i = 0; i < most; ++i) peers.emplace_back(server());
    EXPECT_TRUE(reaches("tcp-connections-unclaimed", most));
    TcpPeer refused(server());
    EXPECT_TRUE(refused.sees_the_end());
    EXPECT_EQ(stat("tcp-refused-too-many-of-source"), 1U);
    ASSERT_TRUE(peers.front().check(transport_->local_credentials()));
    TcpPeer next(server());
    EXPECT_TRUE(next.check(transport_->local_credentials())) << "the claimed one counts no more";
  }
  EXPECT_TRUE(reaches("tcp-connections", 0));
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST_F(TcpTest, APeerKeepsItsLastEightConnections) {
  std::deque<TcpPeer> peers;
  for (int i = 0; i < 9; ++i) {
    peers.emplace_back(server());
    ASSERT_TRUE(peers.back().check(transport_->local_credentials()));
  }
  EXPECT_TRUE(peers.front().sees_the_end());
  EXPECT_TRUE(reaches("tcp-connections", 8));
}

TEST_F(TcpTest, ThePatienceWithEachKindOfPeerEnds) {
  start({.unclaimed = seconds(1), .idle = seconds(4), .stuck = seconds(1)});
  const auto credentials = transport_->local_credentials();
  TcpPeer silent(server());
  TcpPeer half(server());
  ASSERT_TRUE(half.send_raw(Packet{0, 100, 0, 1}));
  TcpPeer idle(server());
  ASSERT_TRUE(idle.check(credentials));
  ASSERT_TRUE(idle.send_raw(Packet{0, 100, 0, 1}));
  TcpPeer deaf(server(), 4096);
  ASSERT_TRUE(deaf.check(credentials));
  // Full more than once: the kernel may still move what it has taken to the reader's side.
  const auto fill = [&] {
    const auto dropped = stat("dropped-tcp-send-buffer-full");
    for (int i = 0; i < 20'000 && stat("dropped-tcp-send-buffer-full") == dropped; ++i)
      transport_->send_dtls(dtls(1200));
  };
  EXPECT_TRUE(eventually([&] {
    if (stat("tcp-closed-stuck") == 0) fill();
    return stat("tcp-closed-stuck") == 1;
  }));

  EXPECT_TRUE(silent.sees_the_end());
  EXPECT_TRUE(half.sees_the_end());
  EXPECT_EQ(stat("tcp-closed-unclaimed-too-long"), 2U);
  EXPECT_TRUE(idle.sees_the_end());
  EXPECT_EQ(stat("tcp-closed-idle"), 1U);
  EXPECT_EQ(transport_->state(), MediaTransport::State::kConnected) << "it may come back";
}

TEST_F(TcpTest, ASlowReaderLosesWholeFramesAndHoldsNobodyUp) {
  TcpPeer slow(server(), 4096);
  ASSERT_TRUE(slow.check(transport_->local_credentials()));
  const auto quick_transport = make_transport();
  UdpPeer quick(server());
  ASSERT_TRUE(quick.check(quick_transport->local_credentials()));

  auto longest = std::chrono::steady_clock::duration::zero();
  constexpr std::uint32_t kFrames = 5000;
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    const auto before = std::chrono::steady_clock::now();
    transport_->send_dtls(dtls(1200, i));
    longest = std::max(longest, std::chrono::steady_clock::now() - before);
  }
  EXPECT_LT(longest, seconds(2)) << "a sender waited for the peer";
  quick_transport->send_dtls(dtls(100));
  EXPECT_EQ(quick.receive(), dtls(100));
  const auto dropped = stat("dropped-tcp-send-buffer-full");
  EXPECT_GT(dropped, 0U);

  std::uint32_t received = 0;
  std::int64_t last = -1;
  while (received < kFrames - dropped) {
    const auto frame = slow.receive();
    ASSERT_TRUE(frame) << received << " of " << kFrames - dropped;
    ASSERT_EQ(frame->size(), 1200U);
    const auto number = load_u32(&(*frame)[1]);
    ASSERT_EQ(*frame, dtls(1200, number));
    ASSERT_GT(number, last);
    last = number;
    ++received;
  }
  // It reads again, so it is sent to again.
  transport_->send_dtls(dtls(7));
  EXPECT_EQ(slow.receive(), dtls(7));
  quick_transport->close();
}

TEST_F(TcpTest, ThePeerMovesBetweenUdpAndTcp) {
  const auto credentials = transport_->local_credentials();
  UdpPeer udp(server());
  TcpPeer tcp(server());
  ASSERT_TRUE(tcp.check(credentials, false));
  EXPECT_EQ(transport_->protocol(), "tcp") << "provisionally";
  ASSERT_TRUE(udp.check(credentials));
  transport_->send_dtls(dtls(11));
  EXPECT_EQ(udp.receive(), dtls(11));
  ASSERT_TRUE(tcp.check(credentials));
  transport_->send_dtls(dtls(12));
  EXPECT_EQ(tcp.receive(), dtls(12));
  EXPECT_EQ(transport_->protocol(), "tcp");

  // The connection breaks: nothing leaves, until the next check says where to.
  tcp.close();
  EXPECT_TRUE(reaches("tcp-connections", 0));
  transport_->send_dtls(dtls(13));
  EXPECT_EQ(transport_->state(), MediaTransport::State::kConnected);
  ASSERT_TRUE(udp.check(credentials));
  transport_->send_dtls(dtls(14));
  EXPECT_EQ(udp.receive(), dtls(14));
  EXPECT_EQ(transport_->protocol(), "udp");
  TcpPeer again(server());
  ASSERT_TRUE(again.check(credentials));
  transport_->send_dtls(dtls(15));
  EXPECT_EQ(again.receive(), dtls(15));
}

TEST_F(TcpTest, ManyComeAndGoAndNothingIsLeft) {
  const auto descriptors = open_descriptors();
  for (int turn = 0; turn < 100; ++turn) {
    const auto transport = make_transport();
    TcpPeer peer(server());
    ASSERT_TRUE(peer.check(transport->local_credentials()));
    if (turn % 2 == 0) peer.close();
    transport->send_dtls(dtls(1000));
    transport->close();
  }
  EXPECT_TRUE(reaches("tcp-connections", 0));
  EXPECT_EQ(stat("tcp-connections-unclaimed"), 0U);
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(TcpPort, CanBeSwitchedOff) {
  NetworkSettings settings;
  settings.udp_port = 0;
  settings.tcp = false;
  const auto network = Network::create(settings);
  ASSERT_TRUE(network);
  for (const auto& line : (*network)->candidates())
    EXPECT_EQ(line.find("tcp"), std::string::npos) << line;
  EXPECT_FALSE(TcpPeer(*SocketAddress::parse("127.0.0.1", (*network)->port())).connected());
}

}  // namespace
}  // namespace rooms
