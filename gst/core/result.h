// SPDX-License-Identifier: LGPL-2.1-or-later
// A value, or an error that names the cause and the cure.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace rooms {

/// `code` is a stable kebab-case word a program may act on; `message` is a sentence for a person.
struct Error {
  std::string code;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() { return *get_if_ok(); }
  const T& value() const { return *const_cast<Result*>(this)->get_if_ok(); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] const Error& error() const {
    const auto* error = std::get_if<1>(&state_);
    assert(error);
    return *error;
  }

 private:
  T* get_if_ok() {
    auto* value = std::get_if<0>(&state_);
    assert(value);
    return value;
  }
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

}  // namespace rooms
