// SPDX-License-Identifier: LGPL-2.1-or-later
// A value that can only be touched while its mutex is held. Nothing may call out from inside `with`.
#pragma once

#include <mutex>
#include <utility>

namespace rooms {

template <class T>
class Guarded {
 public:
  template <class... Args>
  explicit Guarded(Args&&... args) : value_{std::forward<Args>(args)...} {}

  template <class F>
  decltype(auto) with(F&& f) {
    std::lock_guard hold(mutex_);
    return std::forward<F>(f)(value_);
  }
  template <class F>
  decltype(auto) with(F&& f) const {
    std::lock_guard hold(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace rooms
