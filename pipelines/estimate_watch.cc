// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/estimate_watch.h"

#include <utility>

#include "gst/core/guarded.h"

namespace rooms {
namespace {

/// Less of a fall can wait for the next look.
constexpr double kFall = 0.95;

}  // namespace

struct EstimateWatch::State {
  struct Now {
    std::function<void()> fell;
    DataRate taken = DataRate::unlimited();
    bool told = false;
  };
  Guarded<Now> now;

  static void on_notify(GObject* sender, GParamSpec* /*spec*/, gpointer data) {
    guint bits = 0;
    g_object_get(sender, "estimated-bitrate", &bits, nullptr);
    static_cast<std::shared_ptr<State>*>(data)->get()->now.with([&](Now& now) {
      const bool falls = DataRate::bits_per_second(bits) < now.taken * kFall;
      if (falls && now.fell && !std::exchange(now.told, true)) now.fell();
    });
  }
};

EstimateWatch::EstimateWatch(GstElement* sender, std::function<void()> fell)
    : sender_(share(sender)), state_(std::make_shared<State>()) {
  state_->now.with([&](State::Now& now) { now.fell = std::move(fell); });
  handler_ = g_signal_connect_data(
      sender, "notify::estimated-bitrate", G_CALLBACK(State::on_notify),
      new std::shared_ptr<State>(state_),
      [](gpointer data, GClosure*) { delete static_cast<std::shared_ptr<State>*>(data); },
      GConnectFlags(0));
}

EstimateWatch::~EstimateWatch() {
  g_signal_handler_disconnect(sender_.get(), handler_);
  state_->now.with([](State::Now& now) { now.fell = {}; });
}

void EstimateWatch::taken(DataRate estimate) {
  state_->now.with([&](State::Now& now) {
    now.taken = estimate;
    now.told = false;
  });
}

}  // namespace rooms
