// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/sdp_reader.h"

#include <gst/sdp/gstsdpmessage.h>

#include <memory>
#include <string_view>

#include "gst/core/sdp/attributes.h"
#include "gst/core/sdp/tokens.h"

namespace rooms {
namespace {

constexpr std::size_t kLongestText = 256 * 1024;
constexpr std::size_t kLongestLine = 8000;  // GstSDP cuts words at 8192 bytes without a word

struct MessageDeleter {
  void operator()(GstSDPMessage* message) const { gst_sdp_message_free(message); }
};
using Message = std::unique_ptr<GstSDPMessage, MessageDeleter>;

std::string_view text_of(const char* text) { return text ? text : ""; }

Error syntax(std::string message) {
  return {"sdp-syntax",
          std::move(message) + " Send the SDP as RTCPeerConnection.localDescription gives it."};
}

Error at_line(std::size_t number, std::string_view what) {
  return syntax("Line " + std::to_string(number) + " " + std::string(what) + ".");
}

/// RFC 8866 5.14: m=<media> <port>[/<count>] <proto> <fmt> ... GstSDP takes any words and atoi of
/// the port.
const char* fault_of_media_line(std::string_view value) {
  const auto parts = words(trimmed(value));
  if (parts.size() < 4) return "is not 'm=media port protocol format ..'";
  auto port = parts[1];
  if (!to_number<std::uint16_t>(take_until(port, '/'))) return "has no port from 0 to 65535";
  return nullptr;
}

/// GstSDP skips what it does not understand; here it is told to whoever wrote it.
Status check_lines(std::string_view text) {
  std::size_t number = 0;
  std::size_t media = 0;
  bool first = true;
  while (!text.empty()) {
    const auto line = trimmed(take_until(text, '\n'));
    ++number;
    if (line.empty()) continue;
    if (line.size() > kLongestLine) return at_line(number, "is longer than 8000 bytes");
    if (line.size() < 2 || line[1] != '=')
      return at_line(number, "has no '=' after its first letter");
    if (first && line != "v=0") return at_line(number, "should be 'v=0'");
    first = false;
    if (line[0] != 'm') continue;
    if (++media > kMostMedia) return at_line(number, "is the 257th m= line; 256 are allowed");
    if (const char* fault = fault_of_media_line(line.substr(2))) return at_line(number, fault);
  }
  if (first) return syntax("The SDP is empty.");
  return Done{};
}

Result<SdpMedia> read_media(const GstSDPMedia& from, const SessionDefaults& defaults,
                            SessionDescription& session) {
  std::vector<std::string_view> formats;
  for (guint i = 0; i < gst_sdp_media_formats_len(&from); ++i) {
    const auto format = text_of(gst_sdp_media_get_format(&from, i));
    if (!format.empty()) formats.push_back(format);
  }
  const auto port = static_cast<std::uint16_t>(gst_sdp_media_get_port(&from));
  auto media = read_media_line(text_of(gst_sdp_media_get_media(&from)), port,
                               text_of(gst_sdp_media_get_proto(&from)), formats);
  if (!media) return media;
  media->direction = defaults.direction;
  for (guint i = 0; i < gst_sdp_media_attributes_len(&from); ++i) {
    const auto* attribute = gst_sdp_media_get_attribute(&from, i);
    const auto name = text_of(attribute->key);
    const auto value = text_of(attribute->value);
    if (name == "ice-options") read_ice_options(value, session);
    if (auto status = read_media_attribute(name, value, *media); !status) return status.error();
  }
  complete_media(defaults, *media);
  return media;
}

}  // namespace

Result<SessionDescription> read_sdp(const std::string& text) {
  if (text.size() > kLongestText)
    return syntax("The SDP has " + std::to_string(text.size()) +
                  " bytes; at most 262144 are read.");
  if (text.find('\0') != std::string::npos) return syntax("The SDP has a zero byte in it.");
  if (auto status = check_lines(text); !status) return status.error();

  GstSDPMessage* parsed = nullptr;
  gst_sdp_message_new(&parsed);
  const Message message(parsed);
  const auto* data = reinterpret_cast<const guint8*>(text.c_str());
  if (gst_sdp_message_parse_buffer(data, static_cast<guint>(text.size()), parsed) != GST_SDP_OK)
    return syntax("The SDP does not parse.");

  SessionDescription session;
  if (const auto* origin = gst_sdp_message_get_origin(parsed)) {
    session.session_id = to_number<std::uint64_t>(text_of(origin->sess_id)).value_or(0);
    session.version = to_number<std::uint64_t>(text_of(origin->sess_version)).value_or(1);
  }
  SessionDefaults defaults;
  for (guint i = 0; i < gst_sdp_message_attributes_len(parsed); ++i) {
    const auto* attribute = gst_sdp_message_get_attribute(parsed, i);
    auto status = read_session_attribute(text_of(attribute->key), text_of(attribute->value),
                                         session, defaults);
    if (!status) return syntax(status.error().message);
  }
  const guint count = gst_sdp_message_medias_len(parsed);
  for (guint i = 0; i < count; ++i) {
    auto media = read_media(*gst_sdp_message_get_media(parsed, i), defaults, session);
    if (!media)
      return syntax("Section " + std::to_string(i) + " (" + std::to_string(i + 1) + " of " +
                    std::to_string(count) + "): " + media.error().message);
    session.media.push_back(std::move(*media));
  }
  if (auto status = complete_session(session); !status) return syntax(status.error().message);
  return session;
}

std::vector<std::string> candidates_in(const SessionDescription& description) {
  std::vector<std::string> all;
  for (const auto& media : description.media)
    all.insert(all.end(), media.candidates.begin(), media.candidates.end());
  return all;
}

}  // namespace rooms
