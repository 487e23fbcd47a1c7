// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/mix_feed.h"

#include <algorithm>

namespace rooms {
namespace {

/// After the first error; twice as long after each further one.
constexpr Duration kFirstRest = std::chrono::milliseconds(500);
constexpr unsigned kMostDoublings = 6;
/// A decoder that has lasted so long makes up for the failures before it.
constexpr Duration kProven = std::chrono::minutes(1);

}  // namespace

MixFeed::MixFeed(RoomContext& room, GstElement* mixer)
    : room_(room), mixer_(mixer), pad_(adopt(gst_element_request_pad_simple(mixer, "sink_%u"))) {}

MixFeed::~MixFeed() {
  tap_.reset();
  gst_element_release_request_pad(mixer_, pad_.get());
}

bool MixFeed::follow(const std::string& track, Codec codec, Timestamp now) {
  if (tap_ && (tap_->track() != track || tap_->codec() != codec)) {
    tap_.reset();
    retry_at_.reset();
  }
  if (tap_ || (retry_at_ && now < *retry_at_)) return false;
  auto made = MixTap::create(room_, track, codec, pad_);
  if (!made) {
    g_log(G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "mix: %s is left out: %s", track.c_str(),
          made.error().message.c_str());
    fail(now);
    return false;
  }
  tap_ = std::move(*made);
  since_ = now;
  return true;
}

bool MixFeed::take_error(GstObject* source, Timestamp now) {
  if (!tap_ || !tap_->contains(source)) return false;
  tap_.reset();
  fail(now);
  return true;
}

void MixFeed::fail(Timestamp now) {
  if (now - since_ > kProven) doublings_ = 0;
  retry_at_ = now + kFirstRest * (1 << doublings_);
  doublings_ = std::min(doublings_ + 1, kMostDoublings);
  ++failures_;
}

std::string MixFeed::pad_name() const {
  const auto name = own(gst_pad_get_name(pad_.get()));
  return name.get();
}

}  // namespace rooms
