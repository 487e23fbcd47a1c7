// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/recorded_media.h"

#include <fstream>
#include <iterator>
#include <optional>

#include "gst/core/bytes.h"
#include "gst/core/rtp/rtp_header.h"
#include "tests/load/payload_source.h"

namespace rooms::load {

Result<std::shared_ptr<const RecordedMedia>> RecordedMedia::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"bad-file", "'" + path + "' cannot be read."};
  const std::vector<std::uint8_t> all{std::istreambuf_iterator<char>(file), {}};
  const auto bad = [&](const char* why) {
    return Error{"bad-file", "'" + path + "' " + why +
                                 " Make it with: .. ! rtpvp8pay mtu=1172 ! rtpstreampay ! "
                                 "filesink buffer-mode=unbuffered location=FILE"};
  };
  auto media = std::make_shared<RecordedMedia>();
  std::optional<std::uint32_t> timestamp;
  Bytes rest(all);
  while (rest.size() >= 2) {
    const std::size_t size = load_u16(rest.data());
    if (rest.size() - 2 < size) return bad("ends in the middle of a packet.");
    const auto header = parse_rtp(rest.subspan(2, size));
    if (!header) return bad("has no RTP packets behind their length (RFC 4571).");
    if (header->payload.size() > VideoSource::kMaxPayload)
      return bad("has packets that are too large.");
    if (timestamp != header->timestamp) media->frames_.emplace_back();
    timestamp = header->timestamp;
    media->frames_.back().push_back(
        {{header->payload.begin(), header->payload.end()}, header->marker});
    rest = rest.subspan(2 + size);
  }
  if (media->frames_.empty()) return bad("is empty.");
  return std::shared_ptr<const RecordedMedia>(std::move(media));
}

}  // namespace rooms::load
