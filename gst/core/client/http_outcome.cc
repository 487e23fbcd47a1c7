// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/client/http_outcome.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestDetail = 300;

std::string readable(std::string_view detail) {
  std::string text;
  for (const char c : detail.substr(0, kLongestDetail))
    text += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  return text;
}

struct Row {
  unsigned status;
  const char* code;
  const char* what;
  bool permanent;
};

constexpr Row kRows[] = {
    {400, "offer-refused", "The server does not accept our offer", true},
    {401, "unauthorized", "The server wants a token: set property 'token'", true},
    {403, "forbidden", "The server refuses this token or this room", true},
    {404, "not-found", "There is nothing at this address: check the path of property 'uri'", true},
    {405, "not-whip", "The address takes no POST, so it is no WHIP or WHEP endpoint", true},
    {406, "not-acceptable", "The server does not answer with application/sdp", true},
    {409, "offer-refused", "The server cannot take us at the moment", false},
    {410, "gone", "What was at this address is gone", true},
    {415, "unsupported-media-type",
     "The server takes no application/sdp, so it is no WHIP or WHEP endpoint", true},
    {422, "offer-refused", "The server finds our offer unusable", true},
    {429, "too-many-requests", "The server has had too many requests", false},
};

}  // namespace

Refusal refusal_of(unsigned status, std::string_view uri, std::string_view detail) {
  const auto refusal = [&](const char* code, std::string what, bool permanent) {
    std::string message = std::move(what) + " (" + std::string(uri);
    if (status != 0) message += ", status " + std::to_string(status);
    message += ").";
    if (!detail.empty()) message += " " + readable(detail);
    return Refusal{{code, std::move(message)}, permanent};
  };
  for (const auto& row : kRows)
    if (row.status == status) return refusal(row.code, row.what, row.permanent);
  if (status == 0) return refusal("no-answer", "The server does not answer", false);
  if (status >= 500) return refusal("server-error", "The server failed", false);
  if (status >= 300 && status < 400)
    return refusal("redirect", "The server sends us elsewhere in a way that WHIP does not know",
                   true);
  return refusal("unexpected-status", "The answer is not the 201 that WHIP and WHEP promise", true);
}

}  // namespace rooms
