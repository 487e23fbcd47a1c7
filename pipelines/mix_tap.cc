// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_tap.h"

#include <utility>

#include "pipelines/mix_codecs.h"

namespace rooms {

Result<std::unique_ptr<MixTap>> MixTap::create(RoomContext& room, const std::string& track,
                                               Codec codec, Ref<GstPad> into) {
  const auto line = decoder_line(codec);
  if (!line)
    return Error{"codec-unsupported",
                 "Nothing here decodes " + std::string(name_of(codec)) + " for a mix."};
  auto part = MixPart::create(room, "mix-tap-" + std::to_string(room.mix_parts++), *line);
  if (!part) return part.error();
  return std::unique_ptr<MixTap>(new MixTap(room, track, codec, std::move(*part), std::move(into)));
}

MixTap::MixTap(RoomContext& room, std::string track, Codec codec, std::unique_ptr<MixPart> part,
               Ref<GstPad> into)
    : room_(room),
      track_(std::move(track)),
      codec_(codec),
      part_(std::move(part)),
      into_(std::move(into)),
      output_(adopt(gst_element_request_pad_simple(room_.router, "src_%u"))) {
  g_object_set(output_.get(), "paused", TRUE, "track", track_.c_str(), nullptr);
  gst_pad_link(part_->pad("src").get(), into_.get());
  gst_pad_link(output_.get(), part_->pad("sink").get());
  part_->start();
}

MixTap::~MixTap() {
  // First nothing comes any more, then the decoder goes.
  gst_pad_unlink(output_.get(), part_->pad("sink").get());
  gst_element_release_request_pad(room_.router, output_.get());
  gst_pad_unlink(part_->pad("src").get(), into_.get());
}

void MixTap::pause(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  g_object_set(output_.get(), "paused", gboolean{paused}, nullptr);
}

void MixTap::limit(int max_spatial) {
  if (max_spatial == max_spatial_) return;
  max_spatial_ = max_spatial;
  g_object_set(output_.get(), "max-spatial", max_spatial, nullptr);
}

Owned<GstStructure> MixTap::stats() const {
  GstStructure* stats = nullptr;
  g_object_get(output_.get(), "stats", &stats, nullptr);
  return own(stats);
}

}  // namespace rooms
