// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/ice/candidate.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace rooms {

namespace {

constexpr std::string_view kPrefix = "candidate:";

/// RFC 8445 5.1.2.1; TCP below UDP of the same kind (RFC 6544 4.2).
std::uint32_t type_preference(CandidateType type, bool udp) {
  switch (type) {
    case CandidateType::kHost:
      return udp ? 126 : 90;
    case CandidateType::kPeerReflexive:
      return udp ? 110 : 80;
    case CandidateType::kServerReflexive:
      return udp ? 100 : 70;
    case CandidateType::kRelayed:
      return 0;
  }
  return 0;
}

/// RFC 6544 4.2
std::uint32_t direction_preference(CandidateType type, CandidateTransport transport) {
  const bool reflexive =
      type == CandidateType::kServerReflexive || type == CandidateType::kPeerReflexive;
  switch (transport) {
    case CandidateTransport::kTcpActive:
      return reflexive ? 4 : 6;
    case CandidateTransport::kTcpPassive:
      return reflexive ? 2 : 4;
    case CandidateTransport::kTcpSimultaneousOpen:
      return reflexive ? 6 : 2;
    case CandidateTransport::kUdp:
      break;
  }
  return 0;
}

std::string_view name_of(CandidateType type) {
  switch (type) {
    case CandidateType::kHost:
      return "host";
    case CandidateType::kServerReflexive:
      return "srflx";
    case CandidateType::kPeerReflexive:
      return "prflx";
    case CandidateType::kRelayed:
      return "relay";
  }
  return "";
}

std::string_view tcp_name_of(CandidateTransport transport) {
  switch (transport) {
    case CandidateTransport::kTcpActive:
      return "active";
    case CandidateTransport::kTcpPassive:
      return "passive";
    case CandidateTransport::kTcpSimultaneousOpen:
      return "so";
    case CandidateTransport::kUdp:
      break;
  }
  return "";
}

/// Enum values of one kind, tried by name.
template <class T, std::size_t kSize>
std::optional<T> named(std::string_view name, const T (&values)[kSize],
                       std::string_view (*name_of_value)(T)) {
  for (T value : values) {
    if (name_of_value(value) == name) return value;
  }
  return std::nullopt;
}

constexpr CandidateType kTypes[] = {CandidateType::kHost, CandidateType::kServerReflexive,
                                    CandidateType::kPeerReflexive, CandidateType::kRelayed};
constexpr CandidateTransport kTcpTransports[] = {CandidateTransport::kTcpActive,
                                                 CandidateTransport::kTcpPassive,
                                                 CandidateTransport::kTcpSimultaneousOpen};

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

/// RFC 8839 5.1: ice-char
bool is_ice_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  });
}

bool is_local_name(std::string_view host) {
  constexpr std::string_view kSuffix = ".local";
  return host.size() > kSuffix.size() && host.size() <= 255 && host.ends_with(kSuffix) &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return is_ice_text({&c, 1}) || c == '-' || c == '.';
         });
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

class Words {
 public:
  explicit Words(std::string_view rest) : rest_(rest) {}
  /// Empty at the end.
  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \r\n"), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \r\n"));
    rest_.remove_prefix(word.size());
    return word;
  }

 private:
  std::string_view rest_;
};

Error malformed(std::string_view what, std::string_view value) {
  constexpr std::size_t kShown = 64;
  std::string message = "candidate line: ";
  message.append(what).append(", not \"").append(value.substr(0, kShown)).append("\"");
  return {"candidate-malformed", std::move(message)};
}

/// The extension attributes behind the type; only tcptype means something here.
std::string_view find_tcp_type(Words& words) {
  for (;;) {
    const std::string_view key = words.next();
    if (key.empty()) return {};
    const std::string_view value = words.next();
    if (key == "tcptype") return value;
  }
}

std::string foundation_of(const SocketAddress& address, bool udp, std::uint64_t seed) {
  std::uint64_t value = seed ^ (udp ? 1U : 2U);
  for (std::uint8_t byte : address.address()) value = (value ^ byte) * 0x100000001B3U;
  value = (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9U;
  return std::to_string(value >> 32);
}

}  // namespace

std::uint32_t candidate_priority(CandidateType type, CandidateTransport transport,
                                 std::uint32_t local_preference, std::uint32_t component) {
  const bool udp = transport == CandidateTransport::kUdp;
  const std::uint32_t local = udp ? std::min<std::uint32_t>(local_preference, 0xFFFF)
                                  : (direction_preference(type, transport) << 13) |
                                        std::min<std::uint32_t>(local_preference, 0x1FFF);
  return (type_preference(type, udp) << 24) | (local << 8) |
         (256 - std::clamp(component, 1U, 256U));
}

std::string write_candidate(const Candidate& candidate) {
  const bool udp = candidate.transport == CandidateTransport::kUdp;
  std::string line(kPrefix);
  line.append(candidate.foundation).append(" ").append(std::to_string(candidate.component));
  line.append(udp ? " udp " : " tcp ").append(std::to_string(candidate.priority)).append(" ");
  line.append(candidate.address.valid() ? candidate.address.host() : candidate.host);
  line.append(" ").append(std::to_string(candidate.port));
  line.append(" typ ").append(name_of(candidate.type));
  if (!udp) line.append(" tcptype ").append(tcp_name_of(candidate.transport));
  return line;
}

Result<Candidate> parse_candidate(std::string_view line) {
  if (line.starts_with("a=")) line.remove_prefix(2);
  if (!line.starts_with(kPrefix)) return malformed("begins with \"candidate:\"", line);
  Words words(line.substr(kPrefix.size()));
  Candidate candidate;

  candidate.foundation = words.next();
  if (candidate.foundation.empty() || candidate.foundation.size() > 32 ||
      !is_ice_text(candidate.foundation)) {
    return malformed("the foundation has 1 to 32 letters and digits", candidate.foundation);
  }
  std::string_view word = words.next();
  const auto component = number(word, 256);
  if (!component || *component == 0) return malformed("the component is 1 to 256", word);
  candidate.component = *component;

  const std::string_view transport = words.next();
  const bool udp = equal_ignoring_case(transport, "udp");
  if (!udp && !equal_ignoring_case(transport, "tcp")) {
    return malformed("the transport is udp or tcp", transport);
  }
  word = words.next();
  const auto priority = number(word, UINT32_MAX);
  if (!priority) return malformed("the priority is a number of 32 bits", word);
  candidate.priority = *priority;

  const std::string_view host = words.next();
  word = words.next();
  const auto port = number(word, 65535);
  if (!port) return malformed("the port is 0 to 65535", word);
  candidate.port = static_cast<std::uint16_t>(*port);
  const auto address = SocketAddress::parse(host, candidate.port);
  if (!address && !is_local_name(host)) {
    return malformed("the address is IPv4, IPv6 or a name in .local", host);
  }
  candidate.address = address.value_or(SocketAddress{});
  candidate.host = host;

  if (words.next() != "typ") return malformed("\"typ\" follows the port", line);
  word = words.next();
  const auto type = named(word, kTypes, name_of);
  if (!type) return malformed("the type is host, srflx, prflx or relay", word);
  candidate.type = *type;

  if (!udp) {
    word = find_tcp_type(words);
    const auto tcp = named(word, kTcpTransports, tcp_name_of);
    if (!tcp) return malformed("the tcptype is active, passive or so", word);
    candidate.transport = *tcp;
  }
  return candidate;
}

std::vector<Candidate> host_candidates(std::span<const SocketAddress> udp,
                                       std::span<const SocketAddress> tcp, std::uint64_t seed) {
  std::vector<Candidate> candidates;
  const auto add = [&](std::span<const SocketAddress> addresses, CandidateTransport transport,
                       std::uint32_t local_preference) {
    for (const SocketAddress& address : addresses) {
      if (!address.valid() || address.port() == 0) continue;
      Candidate candidate;
      candidate.foundation = foundation_of(address, transport == CandidateTransport::kUdp, seed);
      candidate.transport = transport;
      candidate.priority = candidate_priority(CandidateType::kHost, transport, local_preference);
      candidate.address = address;
      candidate.host = address.host();
      candidate.port = address.port();
      candidates.push_back(std::move(candidate));
      if (local_preference > 0) --local_preference;
    }
  };
  add(udp, CandidateTransport::kUdp, 0xFFFF);
  add(tcp, CandidateTransport::kTcpPassive, 0x1FFF);
  return candidates;
}

}  // namespace rooms
