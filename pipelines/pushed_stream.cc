// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/pushed_stream.h"

#include <gst/app/gstappsrc.h>

namespace rooms {
namespace {

constexpr std::size_t kMostBytes = 4 << 20;

}  // namespace

void PushedStream::push(Bytes packet) {
  auto buffer = adopt(gst_buffer_new_memdup(packet.data(), packet.size()));
  const std::lock_guard hold(mutex_);
  if (!wanted_ || ended_) return;
  const auto waiting =
      entry_ ? gst_app_src_get_current_level_bytes(GST_APP_SRC(entry_.get())) : beginning_bytes_;
  if (waiting + packet.size() > kMostBytes) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  if (keeps_beginning_) {
    beginning_bytes_ += packet.size();
    // The appsrc writes the time into its own.
    beginning_.push_back(entry_ ? adopt(gst_buffer_copy(buffer.get())) : share(buffer.get()));
    if (beginning_bytes_ > kMostBytes) clear_beginning();
  }
  if (entry_) gst_app_src_push_buffer(GST_APP_SRC(entry_.get()), buffer.release());
}

void PushedStream::clear_beginning() {
  keeps_beginning_ = false;
  beginning_.clear();
  beginning_bytes_ = 0;
}

void PushedStream::end() {
  const std::lock_guard hold(mutex_);
  ended_ = true;
  if (entry_) gst_app_src_end_of_stream(GST_APP_SRC(entry_.get()));
}

Ref<GstElement> PushedStream::open() {
  auto entry = sink(gst_element_factory_make("appsrc", nullptr));
  if (!entry) return nullptr;
  const auto caps = adopt(gst_caps_from_string(caps_.c_str()));
  // Its own limit is for those who would wait; what is too much is dropped here.
  g_object_set(entry.get(), "caps", caps.get(), "is-live", TRUE, "do-timestamp", TRUE, "format",
               GST_FORMAT_TIME, "max-bytes", guint64{0}, nullptr);
  const std::lock_guard hold(mutex_);
  entry_ = entry;
  if (!std::exchange(rewound_, false)) clear_beginning();
  for (const auto& buffer : beginning_)
    gst_app_src_push_buffer(GST_APP_SRC(entry.get()), gst_buffer_copy(buffer.get()));
  if (ended_) gst_app_src_end_of_stream(GST_APP_SRC(entry.get()));
  return entry;
}

void PushedStream::rewind() {
  const std::lock_guard hold(mutex_);
  rewound_ = true;
}

void PushedStream::forget_beginning() {
  const std::lock_guard hold(mutex_);
  clear_beginning();
}

void PushedStream::hang_up() {
  const std::lock_guard hold(mutex_);
  wanted_ = false;
  entry_ = nullptr;
  clear_beginning();
}

}  // namespace rooms
