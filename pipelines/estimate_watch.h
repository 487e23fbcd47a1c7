// SPDX-License-Identifier: LGPL-2.1-or-later
// Hears from a `sfusend` that its line has become narrower. It tells on a network worker, which may
// be in the middle of it when the listener goes: from the destructor on nothing is called.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <memory>

#include "gst/core/units.h"
#include "gst/glue/ref.h"

namespace rooms {

class EstimateWatch {
 public:
  /// `fell` runs on a network worker and must only hand over; once until `taken`.
  EstimateWatch(GstElement* sender, std::function<void()> fell);
  ~EstimateWatch();
  EstimateWatch(const EstimateWatch&) = delete;
  EstimateWatch& operator=(const EstimateWatch&) = delete;

  /// What has been acted on: a fall is one below it.
  void taken(DataRate estimate);

 private:
  struct State;
  Ref<GstElement> sender_;
  std::shared_ptr<State> state_;
  gulong handler_ = 0;
};

}  // namespace rooms
