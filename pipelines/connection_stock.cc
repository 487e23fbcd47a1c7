// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/connection_stock.h"

#include <future>
#include <utility>

namespace rooms {
namespace {

/// What has just been taken first becomes a connection, undisturbed.
constexpr Duration kPause = std::chrono::milliseconds(30);

}  // namespace

ConnectionStock::ConnectionStock(Network& network, std::size_t size)
    : network_(network),
      size_(size),
      pipeline_(sink(gst_pipeline_new("waiting"))),
      executor_(std::make_unique<Executor>("connections")) {
  // Nobody listens to its bus; what piled up there would hold those who have left.
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  const GstBusSyncHandler drop = [](GstBus*, GstMessage* message, gpointer) {
    [[maybe_unused]] const auto dropped = adopt(message);
    return GST_BUS_DROP;
  };
  gst_bus_set_sync_handler(bus.get(), drop, nullptr, nullptr);
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

ConnectionStock::~ConnectionStock() {
  executor_->post([this] {
    closing_ = true;
    refill_.cancel();
  });
  executor_->end();
  kinds_ = {};
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Status ConnectionStock::prepare() {
  std::promise<Status> done;
  executor_->post([&] {
    const auto first = ConnectionStart::create(network_, GST_BIN(pipeline_.get()), "first", false);
    done.set_value(first ? refill() : Status(first.error()));
  });
  return done.get_future().get();
}

std::size_t ConnectionStock::waiting() {
  std::lock_guard hold(mutex_);
  return kinds_[0].size() + kinds_[1].size();
}

bool ConnectionStock::lacks(bool data) {
  std::lock_guard hold(mutex_);
  return kinds_[data].size() < size_;
}

Status ConnectionStock::refill() {
  while (lacks(true) || lacks(false)) {
    for (const bool data : {true, false}) {
      if (!lacks(data)) continue;
      auto connection = ConnectionStart::create(network_, GST_BIN(pipeline_.get()), {}, data);
      if (!connection) return connection.error();  // whoever needs one next is told too
      std::lock_guard hold(mutex_);
      kinds_[data].push_back(std::move(*connection));
    }
  }
  return Done{};
}

Result<std::unique_ptr<ConnectionStart>> ConnectionStock::take(GstBin* pipeline,
                                                               const std::string& name, bool data) {
  std::unique_ptr<ConnectionStart> taken;
  {
    std::lock_guard hold(mutex_);
    auto& kind = kinds_[data];
    if (!kind.empty()) {
      taken = std::move(kind.front());
      kind.pop_front();
    }
  }
  if (size_ > 0) {
    executor_->post([this] {
      if (closing_ || refill_.pending()) return;
      refill_ = executor_->call_later(
          kPause, [this] { [[maybe_unused]] const auto told_to_whoever_needs_one = refill(); });
    });
  }
  if (!taken) return ConnectionStart::create(network_, pipeline, name, data);
  taken->move_to(pipeline, name);
  return taken;
}

}  // namespace rooms
