// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/sdp/fragment.h"

#include <algorithm>

#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestText = 64 * 1024;
constexpr std::size_t kMostTrickled = 128;
// RFC 8839 5.4
constexpr std::size_t kShortestUfrag = 4;
constexpr std::size_t kShortestPassword = 22;
constexpr std::size_t kLongestCredential = 256;

Error fragment_error(std::string message) {
  return {"sdp-syntax", std::move(message) +
                            " A PATCH has lines like a=ice-ufrag:.., a=ice-pwd:.., m=.., a=mid:.. "
                            "and a=candidate:.. (RFC 8840)."};
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 127; });
}

bool is_credential(std::string_view text, std::size_t shortest) {
  return text.size() >= shortest && text.size() <= kLongestCredential && is_printable(text) &&
         text.find_first_of(" :") == std::string_view::npos;
}

}  // namespace

Result<SdpFragment> read_fragment(std::string_view text) {
  SdpFragment fragment;
  if (text.size() > kLongestText) return fragment_error("The fragment is longer than 65536 bytes.");
  std::size_t number = 0;
  while (!text.empty()) {
    const auto line = trimmed(take_until(text, '\n'));
    ++number;
    if (line.empty()) continue;
    const auto where = "Line " + std::to_string(number);
    if (line.size() < 2 || line[1] != '=')
      return fragment_error(where + " has no '=' after its first letter.");
    if (!is_printable(line))
      return fragment_error(where + " has characters that are not printable ASCII.");
    auto value = line.substr(2);
    if (line[0] == 'm' && fragment.media.empty()) fragment.media = value;
    if (line[0] != 'a') continue;
    const auto whole = value;
    const auto name = take_until(value, ':');
    if (name == "ice-ufrag" || name == "ice-pwd") {
      const std::size_t shortest = name == "ice-ufrag" ? kShortestUfrag : kShortestPassword;
      if (!is_credential(value, shortest))
        return fragment_error(where + " is not " + std::to_string(shortest) +
                              " to 256 characters of ICE.");
      (name == "ice-ufrag" ? fragment.ufrag : fragment.pwd) = value;
    }
    if (name == "mid" && fragment.mid.empty()) {
      if (!is_token(value)) return fragment_error(where + " is no mid.");
      fragment.mid = value;
    }
    if (name == "end-of-candidates") fragment.end_of_candidates = true;
    if (name == "candidate" && fragment.candidates.size() < kMostTrickled)
      fragment.candidates.emplace_back(whole);
  }
  if (fragment.ufrag.empty() != fragment.pwd.empty())
    return fragment_error("The fragment has one of a=ice-ufrag and a=ice-pwd without the other.");
  return fragment;
}

std::string write_fragment(const SdpFragment& fragment) {
  std::string text = "a=ice-lite\r\na=ice-options:trickle\r\n";
  const auto line = [&](std::string_view name, std::string_view value) {
    text.append(name).append(value).append("\r\n");
  };
  const bool has_media = !fragment.media.empty();
  line("m=", has_media ? std::string_view(fragment.media) : "audio 9 UDP/TLS/RTP/SAVPF 0");
  if (!fragment.mid.empty()) line("a=mid:", fragment.mid);
  if (!fragment.ufrag.empty()) line("a=ice-ufrag:", fragment.ufrag);
  if (!fragment.pwd.empty()) line("a=ice-pwd:", fragment.pwd);
  for (const auto& candidate : fragment.candidates) line("a=", candidate);
  if (fragment.end_of_candidates) line("a=end-of-candidates", "");
  return text;
}

}  // namespace rooms
