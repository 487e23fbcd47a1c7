// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string>
#include <vector>

#include "elements/mix_engine.h"

namespace rooms {
namespace {

/// As it was at one moment; structures are made of it when nobody waits for the lock any more.
struct StreamFacts {
  unsigned number = 0;
  bool has_input = false;
  bool live = false;
  bool missing = false;
  std::uint64_t refused = 0;
  std::int64_t shift = 0;
  AlignedInput::Counters in;
  PushPool::State out;
  std::uint64_t own = 0;
  std::uint64_t shared = 0;
  std::uint64_t silent = 0;
};

Owned<GstStructure> output_of(const StreamFacts& facts) {
  return own(gst_structure_new(
      "application/x-mixminus-src-stats",                                                        //
      "buffers", G_TYPE_UINT64, guint64{facts.out.pushed},                                       //
      "dropped", G_TYPE_UINT64, guint64{facts.out.dropped},                                      //
      "own", G_TYPE_UINT64, guint64{facts.own}, "shared", G_TYPE_UINT64, guint64{facts.shared},  //
      "silent", G_TYPE_UINT64, guint64{facts.silent},                                            //
      "last-flow", G_TYPE_STRING, gst_flow_get_name(facts.out.flow), nullptr));
}

Owned<GstStructure> input_of(const StreamFacts& facts) {
  const auto& in = facts.in;
  const auto shift = facts.shift * static_cast<gint64>(GST_SECOND) / kMixRate;
  return own(gst_structure_new(
      "application/x-mixminus-sink-stats", "live", G_TYPE_BOOLEAN, gboolean{facts.live},  //
      "missing", G_TYPE_BOOLEAN, gboolean{facts.missing},                                 //
      "frames", G_TYPE_UINT64, guint64{in.written}, "late", G_TYPE_UINT64, guint64{in.late},
      "overlapped", G_TYPE_UINT64, guint64{in.overlapped},                        //
      "overflowed", G_TYPE_UINT64, guint64{in.overflowed},                        //
      "inserted", G_TYPE_UINT64, guint64{in.inserted}, "removed", G_TYPE_UINT64,  //
      guint64{in.removed}, "jumps", G_TYPE_UINT64, guint64{in.jumps}, "shift", G_TYPE_INT64, shift,
      "refused", G_TYPE_UINT64, guint64{facts.refused}, nullptr));
}

}  // namespace

Owned<GstStructure> MixEngine::stats() {
  std::vector<StreamFacts> facts;
  Owned<GstStructure> stats;
  const auto threads = static_cast<guint>(pool_.threads());
  {
    const Lock hold(mutex_);
    stats = own(gst_structure_new("application/x-mixminus-stats", "live", G_TYPE_BOOLEAN,
                                  gboolean{is_live()},                                      //
                                  "blocks", G_TYPE_UINT64, guint64{blocks_},                //
                                  "silent-blocks", G_TYPE_UINT64, guint64{silent_blocks_},  //
                                  "skipped-blocks", G_TYPE_UINT64, guint64{skipped_blocks_},
                                  "push-threads", G_TYPE_UINT, threads, nullptr));
    each_output([&](const MixStream& stream) {
      StreamFacts one;
      one.number = stream.number;
      one.has_input = stream.sink != nullptr;
      one.out = pool_.state(*stream.output);
      one.own = stream.own_mixes;
      one.shared = stream.shared_mixes;
      one.silent = stream.silences;
      one.live = stream.live;
      one.missing = stream.missing;
      one.refused = stream.refused;
      if (const auto* input = one.has_input ? mixer_.find(stream.number) : nullptr) {
        one.in = input->counters();
        one.shift = input->shift();
      }
      facts.push_back(one);
    });
  }
  const auto add = [&](const std::string& name, const Owned<GstStructure>& one) {
    gst_structure_set(stats.get(), name.c_str(), GST_TYPE_STRUCTURE, one.get(), nullptr);
  };
  for (const auto& one : facts) {
    const auto suffix = one.has_input ? "_" + std::to_string(one.number) : std::string();
    add("src" + suffix, output_of(one));
    if (one.has_input) add("sink" + suffix, input_of(one));
  }
  return stats;
}

}  // namespace rooms
