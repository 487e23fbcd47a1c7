// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/push/push_cause.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace rooms {
namespace {

struct Hint {
  std::string_view text;  ///< in small letters
  PushCause cause;
};

/// The first that is in the text counts: what is more particular stands before what quotes it.
constexpr std::array kHints = {
    Hint{"badsecret", PushCause::kCredentials},
    Hint{"bad secret", PushCause::kCredentials},
    Hint{"incorrect passphrase", PushCause::kCredentials},
    Hint{"unsecure", PushCause::kCredentials},
    Hint{"password", PushCause::kCredentials},
    Hint{"authenticat", PushCause::kCredentials},
    Hint{"authoriz", PushCause::kCredentials},
    Hint{"certificate", PushCause::kTls},
    Hint{"tls", PushCause::kTls},
    Hint{"connection refused", PushCause::kRefused},
    Hint{"closed remotely", PushCause::kDenied},
    Hint{"reset by peer", PushCause::kDenied},
    Hint{"denied", PushCause::kDenied},
    Hint{"rejected", PushCause::kDenied},
    Hint{"badname", PushCause::kDenied},
    Hint{"already", PushCause::kDenied},
    Hint{"unreachable", PushCause::kUnreachable},
    Hint{"no route", PushCause::kUnreachable},
    Hint{"resolv", PushCause::kUnreachable},
    Hint{"not known", PushCause::kUnreachable},
    Hint{"timed out", PushCause::kUnreachable},
    Hint{"timeout", PushCause::kUnreachable},
    Hint{"could not connect", PushCause::kUnreachable},
    Hint{"failed to connect", PushCause::kUnreachable},
};

/// What srtsink says of a peer that never answered, and of one that said no.
constexpr std::string_view kSrtWithoutPeer = "connection does not exist";
/// libsrt waits three seconds for an answer.
constexpr Duration kSrtPatience = std::chrono::milliseconds(2500);

constexpr std::array<std::string_view, 7> kCodes = {
    "push-unreachable", "push-refused", "push-denied", "push-credentials",
    "push-tls",         "push-lost",    "push-broken"};

std::string_view sentence_of(PushCause cause) {
  switch (cause) {
    case PushCause::kUnreachable:
      return "cannot be reached";
    case PushCause::kRefused:
      return "refuses the connection: nothing listens there";
    case PushCause::kDenied:
      return "answers, and does not want this stream; look at the stream key and the passphrase, "
             "and "
             "whether somebody else sends to it";
    case PushCause::kCredentials:
      return "does not accept the user, password or passphrase";
    case PushCause::kTls:
      return "has a certificate that is not trusted here, or speaks no TLS";
    case PushCause::kLost:
      return "was connected, and the connection was lost";
    case PushCause::kBroken:
      return "cannot be sent to";
  }
  return "cannot be sent to";
}

}  // namespace

PushCause push_cause_of(std::string_view text, bool was_live, Duration took) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (was_live) return PushCause::kLost;
  if (lower.find(kSrtWithoutPeer) != std::string::npos)
    return took < kSrtPatience ? PushCause::kDenied : PushCause::kUnreachable;
  for (const auto& hint : kHints)
    if (lower.find(hint.text) != std::string::npos) return hint.cause;
  return PushCause::kUnreachable;
}

Error push_error(PushCause cause, const std::string& where, const std::string& detail) {
  std::string message = where + " " + std::string(sentence_of(cause)) + ".";
  if (!detail.empty()) message += " (" + detail + ")";
  return {std::string(kCodes[static_cast<std::size_t>(cause)]), std::move(message)};
}

}  // namespace rooms
