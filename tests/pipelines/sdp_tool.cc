// SPDX-License-Identifier: LGPL-2.1-or-later
// The negotiation as a command, so that a real client can be asked what it makes of our SDP:
//   sdp-tool publish [codec ..] < offer > answer      sdp-tool play < offer > answer
//   sdp-tool offer BLOCKS > offer                     sdp-tool accept BLOCKS < answer
#include <cstdio>
#include <iostream>
#include <iterator>

#include "gst/core/sdp/negotiation.h"
#include "gst/glue/sdp_reader.h"
#include "tests/pipelines/sdp_files.h"

namespace {

using namespace rooms;

int fail(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", error.code.c_str(), error.message.c_str());
  return 1;
}

int write(SessionDescription description) {
  set_transport(description, recorded_transport(), recorded_candidates());
  std::fputs(write_sdp(description).c_str(), stdout);
  return 0;
}

CodecPolicy policy_of(int count, char** names) {
  CodecPolicy policy;
  for (int i = 0; i < count; ++i) {
    const auto codec = codec_named(names[i]);
    if (const auto* row = profile_of(codec))
      (row->kind == MediaKind::kAudio ? policy.audio : policy.video).push_back(codec);
  }
  return policy;
}

int accept(std::size_t blocks, const SessionDescription& answer) {
  const auto slots = accept_slots(recorded_plan(blocks), answer);
  if (!slots) return fail(slots.error());
  std::size_t active = 0;
  for (const auto& slot : *slots) active += slot.active ? 1 : 0;
  std::printf("%zu of %zu slots\n", active, slots->size());
  return active == slots->size() ? 0 : 1;
}

std::uint32_t count_up(void* state) { return ++*static_cast<std::uint32_t*>(state); }

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const std::size_t blocks = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
  if (mode == "offer") return write(offer_slots(recorded_plan(blocks)));
  const auto session = read_sdp({std::istreambuf_iterator<char>(std::cin), {}});
  if (!session) return fail(session.error());
  if (mode == "accept") return accept(blocks, *session);
  if (mode == "publish") {
    const auto answer = answer_publish(*session, policy_of(argc - 2, argv + 2));
    return answer ? write(answer->answer) : fail(answer.error());
  }
  if (mode == "play") {
    std::uint32_t ssrc = 5000;
    const auto answer = answer_play(*session, "gst-rooms", count_up, &ssrc);
    return answer ? write(answer->answer) : fail(answer.error());
  }
  std::fputs("usage: sdp-tool publish|play|offer|accept ..\n", stderr);
  return 2;
}
