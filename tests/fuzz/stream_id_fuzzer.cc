// SPDX-License-Identifier: LGPL-2.1-or-later
// Any stream id of an SRT caller, any form of an RTMP server's hook: what is taken names a room and
// leads nowhere but to the server of the configuration.
#include <string>

#include "gst/core/source/publish_call.h"
#include "gst/core/source/stream_place.h"
#include "tests/fuzz/input.h"

using namespace rooms;

namespace {

void check(const StreamPlace& place) {
  require(!place.room.empty() && place.room.size() <= 64 && place.name.size() <= 64);
  for (const unsigned char c : place.room + place.name) require(c >= 0x20 && c != 0x7F);
}

void read_id(std::string_view text) {
  const auto id = read_stream_id(text);
  if (!id) return require(id.error().code == "stream-id" || id.error().code == "stream-mode");
  check(*id);
  // What is taken in the long form means the same in the short one.
  const auto again = read_stream_id(id->name.empty() ? id->room : id->room + "/" + id->name);
  const bool fits = id->room.find('/') == std::string::npos && !id->room.starts_with("#!:");
  require(!fits || (again.ok() && again->room == id->room && again->name == id->name));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  read_id(text);
  read_id("#!::" + std::string(text));
  const auto call = read_publish_call(text);
  if (!call) return 0;
  check(call->place);
  const std::string base = "rtmp://127.0.0.1:1935";
  const auto uri = pull_uri(base, *call);
  require(uri.starts_with(base + "/" + call->app + "/"));
  const auto path = uri.substr(base.size() + 2 + call->app.size());
  require(path.find_first_of("/?#@ ") == std::string::npos);
  return 0;
}
