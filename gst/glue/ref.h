// SPDX-License-Identifier: LGPL-2.1-or-later
// The two owning pointers. The transfer is spelled at the C call: adopt(p) takes over a reference
// that a function gave away (transfer full), share(p) takes one more (transfer none), sink(p) takes
// a floating one; `get` lends, `release` gives away.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <memory>
#include <utility>

namespace rooms {

template <class T>
struct RefTraits {
  static void ref(T* object) { g_object_ref(object); }
  static void unref(T* object) { g_object_unref(object); }
};
template <class T>
struct MiniObjectTraits {
  static void ref(T* object) { gst_mini_object_ref(GST_MINI_OBJECT_CAST(object)); }
  static void unref(T* object) { gst_mini_object_unref(GST_MINI_OBJECT_CAST(object)); }
};
template <>
struct RefTraits<GstMiniObject> : MiniObjectTraits<GstMiniObject> {};
template <>
struct RefTraits<GstBuffer> : MiniObjectTraits<GstBuffer> {};
template <>
struct RefTraits<GstBufferList> : MiniObjectTraits<GstBufferList> {};
template <>
struct RefTraits<GstCaps> : MiniObjectTraits<GstCaps> {};
template <>
struct RefTraits<GstEvent> : MiniObjectTraits<GstEvent> {};
template <>
struct RefTraits<GstQuery> : MiniObjectTraits<GstQuery> {};
template <>
struct RefTraits<GstMessage> : MiniObjectTraits<GstMessage> {};
template <>
struct RefTraits<GstMemory> : MiniObjectTraits<GstMemory> {};
template <>
struct RefTraits<GstSample> : MiniObjectTraits<GstSample> {};
template <>
struct RefTraits<GstPromise> : MiniObjectTraits<GstPromise> {};
template <>
struct RefTraits<GMainContext> {
  static void ref(GMainContext* object) { g_main_context_ref(object); }
  static void unref(GMainContext* object) { g_main_context_unref(object); }
};
template <>
struct RefTraits<GMainLoop> {
  static void ref(GMainLoop* object) { g_main_loop_ref(object); }
  static void unref(GMainLoop* object) { g_main_loop_unref(object); }
};
template <>
struct RefTraits<GSource> {
  static void ref(GSource* object) { g_source_ref(object); }
  static void unref(GSource* object) { g_source_unref(object); }
};
template <>
struct RefTraits<GBytes> {
  static void ref(GBytes* object) { g_bytes_ref(object); }
  static void unref(GBytes* object) { g_bytes_unref(object); }
};

/// Anything ref-counted. No implicit construction from a raw pointer.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  Ref(const Ref& other) : object_(other.object_) {
    if (object_) RefTraits<T>::ref(object_);
  }
  Ref(Ref&& other) noexcept : object_(other.release()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_) RefTraits<T>::unref(object_);
  }

  [[nodiscard]] T* get() const { return object_; }
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

 private:
  explicit Ref(T* adopted) : object_(adopted) {}
  template <class U>
  friend Ref<U> adopt(U* object);

  T* object_ = nullptr;
};

template <class T>
[[nodiscard]] Ref<T> adopt(T* object) {
  return Ref<T>(object);
}
template <class T>
[[nodiscard]] Ref<T> share(T* object) {
  if (object) RefTraits<T>::ref(object);
  return adopt(object);
}
/// For GObjects with a floating first reference; one that has been sunk before gets one more
/// reference.
template <class T>
[[nodiscard]] Ref<T> sink(T* object) {
  if (object) g_object_ref_sink(object);
  return adopt(object);
}

template <class T>
struct OwnedDeleter;
template <>
struct OwnedDeleter<char> {
  void operator()(char* p) const { g_free(p); }
};
template <>
struct OwnedDeleter<GError> {
  void operator()(GError* p) const { g_error_free(p); }
};
template <>
struct OwnedDeleter<GstStructure> {
  void operator()(GstStructure* p) const { gst_structure_free(p); }
};
template <>
struct OwnedDeleter<GstIterator> {
  void operator()(GstIterator* p) const { gst_iterator_free(p); }
};

/// Anything with one owner. `own(p)` takes over.
template <class T>
using Owned = std::unique_ptr<T, OwnedDeleter<T>>;
template <class T>
[[nodiscard]] Owned<T> own(T* p) {
  return Owned<T>(p);
}

}  // namespace rooms
