// SPDX-License-Identifier: LGPL-2.1-or-later
// SRTP per packet, ours and, where it is installed, libsrtp. Many contexts in turn, as with many
// subscribers: one alone would sit in the cache.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "gst/core/srtp/srtp.h"

#ifdef HAVE_LIBSRTP
#include <srtp2/srtp.h>
#endif

namespace rooms {
namespace {

constexpr std::size_t kContexts = 100;
constexpr std::size_t kHeader = 12;

SrtpMasterKey key_of(std::size_t i) {
  SrtpMasterKey key{};
  key[0] = static_cast<std::uint8_t>(i);
  return key;
}

void write_header(std::uint8_t* p, std::uint32_t sequence) {
  p[0] = 0x80;
  p[1] = 96;
  store_u16(p + 2, sequence);
  store_u32(p + 8, 7);
}

std::vector<SrtpSender> senders() {
  std::vector<SrtpSender> result;
  for (std::size_t i = 0; i < kContexts; ++i) result.emplace_back(key_of(i));
  return result;
}

void protect(benchmark::State& state) {
  auto contexts = senders();
  const std::vector<std::uint8_t> payload(static_cast<std::size_t>(state.range(0)), 0x42);
  std::vector<std::uint8_t> out(kHeader + payload.size() + kSrtpTagSize);
  const PayloadEdit edit{1, 3, {1, 2, 3}};
  std::uint64_t index = 0;
  for (auto _ : state) {
    write_header(out.data(), static_cast<std::uint32_t>(index / kContexts));
    benchmark::DoNotOptimize(contexts[index % kContexts].protect_rtp(
        out, kHeader, payload, edit, static_cast<std::uint32_t>(index / kContexts >> 16)));
    ++index;
  }
}
BENCHMARK(protect)->Arg(100)->Arg(1100);

/// Copying the packet to where it is decrypted is part of the time: some 20 ns.
void unprotect(benchmark::State& state) {
  constexpr std::uint32_t kPackets = 0x8000;
  const std::size_t size = kHeader + static_cast<std::size_t>(state.range(0)) + kSrtpTagSize;
  const std::vector<std::uint8_t> payload(static_cast<std::size_t>(state.range(0)), 0x42);
  std::vector<std::uint8_t> wire(size * kPackets);
  SrtpSender sender(key_of(0));
  for (std::uint32_t i = 0; i < kPackets; ++i) {
    const MutableBytes packet = MutableBytes(wire).subspan(i * size, size);
    write_header(packet.data(), i);
    sender.protect_rtp(packet, kHeader, payload, {}, 0);
  }
  std::vector<std::uint8_t> packet(size);
  auto receiver = std::make_unique<SrtpReceiver>(key_of(0));
  std::uint32_t i = 0;
  for (auto _ : state) {
    if (i == kPackets) {
      state.PauseTiming();
      receiver = std::make_unique<SrtpReceiver>(key_of(0));
      i = 0;
      state.ResumeTiming();
    }
    std::copy_n(wire.begin() + static_cast<std::ptrdiff_t>(i * size), size, packet.begin());
    if (!receiver->unprotect_rtp(packet)) state.SkipWithError("refused");
    ++i;
  }
}
BENCHMARK(unprotect)->Arg(100)->Arg(1100);

void refuse_forged(benchmark::State& state) {
  SrtpReceiver receiver(key_of(0));
  std::vector<std::uint8_t> packet(static_cast<std::size_t>(state.range(0)) + kHeader +
                                   kSrtpTagSize);
  write_header(packet.data(), 1);
  for (auto _ : state) benchmark::DoNotOptimize(receiver.unprotect_rtp(packet));
}
BENCHMARK(refuse_forged)->Arg(1100);

void protect_rtcp(benchmark::State& state) {
  auto contexts = senders();
  std::vector<std::uint8_t> packet(60 + kSrtcpTrailerSize);
  std::uint64_t index = 0;
  for (auto _ : state) {
    packet[0] = 0x80;
    packet[1] = 200;
    benchmark::DoNotOptimize(contexts[index++ % kContexts].protect_rtcp(packet, 60));
  }
}
BENCHMARK(protect_rtcp);

#ifdef HAVE_LIBSRTP
struct FreeSession {
  void operator()(srtp_ctx_t_* session) const { srtp_dealloc(session); }
};
using Session = std::unique_ptr<srtp_ctx_t_, FreeSession>;

Session session_of(std::size_t i) {
  static const bool ready = srtp_init() == srtp_err_status_ok;
  SrtpMasterKey key = key_of(i);
  srtp_policy_t policy{};
  srtp_crypto_policy_set_rtp_default(&policy.rtp);
  srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
  policy.ssrc.type = ssrc_any_outbound;
  policy.key = key.data();
  policy.window_size = 1024;
  srtp_t session = nullptr;
  if (!ready || srtp_create(&session, &policy) != srtp_err_status_ok) return nullptr;
  return Session(session);
}

void libsrtp_protect(benchmark::State& state) {
  std::vector<Session> contexts;
  for (std::size_t i = 0; i < kContexts; ++i) contexts.push_back(session_of(i));
  const std::vector<std::uint8_t> payload(static_cast<std::size_t>(state.range(0)), 0x42);
  std::vector<std::uint8_t> out(kHeader + payload.size() + SRTP_MAX_TRAILER_LEN);
  std::uint64_t index = 0;
  for (auto _ : state) {
    write_header(out.data(), static_cast<std::uint32_t>(index / kContexts));
    std::copy(payload.begin(), payload.end(), out.begin() + kHeader);
    int size = static_cast<int>(kHeader + payload.size());
    if (srtp_protect(contexts[index % kContexts].get(), out.data(), &size) != srtp_err_status_ok) {
      state.SkipWithError("refused");
    }
    ++index;
  }
}
BENCHMARK(libsrtp_protect)->Arg(100)->Arg(1100);
#endif

}  // namespace
}  // namespace rooms
