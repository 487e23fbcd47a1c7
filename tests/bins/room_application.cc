// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/bins/room_application.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace rooms::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

struct Hook {
  RoomApplication* app;
  std::string signal;
  void (*tell)(RoomApplication*, std::string);
};

/// Marshals any number of texts.
void marshal(GClosure* closure, GValue* /*returned*/, guint count, const GValue* values,
             gpointer /*hint*/, gpointer /*data*/) {
  const auto* hook = static_cast<Hook*>(closure->data);
  std::string said = hook->signal;
  for (guint i = 1; i < count; ++i) {
    const char* text = g_value_get_string(&values[i]);
    if (text && text[0] != '\0') said += std::string(" ") + text;
  }
  hook->tell(hook->app, std::move(said));
}

}  // namespace

RoomApplication::RoomApplication(const std::string& line) {
  GError* problem = nullptr;
  pipeline_ =
      sink(gst_parse_launch_full(line.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &problem));
  const auto error = own(problem);
  EXPECT_TRUE(pipeline_) << (error ? error->message : "");
  if (!GST_IS_PIPELINE(pipeline_.get())) {
    const auto alone = std::move(pipeline_);
    pipeline_ = sink(gst_pipeline_new(nullptr));
    gst_bin_add(GST_BIN(pipeline_.get()), alone.get());
  }
  room_ = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "room"));
  for (const char* signal :
       {"participant-joined", "participant-left", "track-added", "track-removed", "active-speaker",
        "recording-changed", "connection-changed"})
    listen(signal);
}

RoomApplication::~RoomApplication() { stop(); }

void RoomApplication::listen(const char* signal) {
  auto* hook = new Hook{this, signal, [](RoomApplication* app, std::string said) {
                          const std::lock_guard hold(app->mutex_);
                          app->told_.push_back(std::move(said));
                          app->changed_.notify_all();
                        }};
  auto* closure = g_closure_new_simple(sizeof(GClosure), hook);
  g_closure_add_finalize_notifier(
      closure, hook, [](gpointer data, GClosure*) { delete static_cast<Hook*>(data); });
  g_closure_set_marshal(closure, marshal);
  g_signal_connect_closure(room_.get(), signal, closure, FALSE);
}

bool RoomApplication::play() {
  return gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

void RoomApplication::stop() { gst_element_set_state(pipeline_.get(), GST_STATE_NULL); }

void RoomApplication::release(const std::string& name) {
  const auto pad = adopt(gst_element_get_static_pad(room_.get(), name.c_str()));
  ASSERT_TRUE(pad) << name;
  // What is upstream of it stops first, as an application would do it.
  const auto peer = adopt(gst_pad_get_peer(pad.get()));
  gst_pad_add_probe(
      peer.get(), GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo*, gpointer) { return GST_PAD_PROBE_OK; }, nullptr, nullptr);
  gst_pad_unlink(peer.get(), pad.get());
  gst_element_release_request_pad(room_.get(), pad.get());
}

void RoomApplication::link(const std::string& name, const std::string& sink_name) {
  const auto end = sink(gst_element_factory_make("fakesink", sink_name.c_str()));
  g_object_set(end.get(), "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), end.get());
  gst_element_sync_state_with_parent(end.get());
  const auto pad = adopt(gst_element_get_static_pad(room_.get(), name.c_str()));
  const auto sink_pad = adopt(gst_element_get_static_pad(end.get(), "sink"));
  EXPECT_EQ(gst_pad_link(pad.get(), sink_pad.get()), GST_PAD_LINK_OK);
}

bool RoomApplication::ask(const char* signal, const std::string& text) {
  gboolean done = FALSE;
  g_signal_emit_by_name(room_.get(), signal, text.c_str(), &done);
  return done != FALSE;
}

std::string RoomApplication::subscribe(const char* id, const std::string& offer) {
  gchar* answer = nullptr;
  g_signal_emit_by_name(room_.get(), "subscribe", id, offer.c_str(), nullptr, &answer);
  const auto owned = own(answer);
  return answer ? answer : "";
}

std::string RoomApplication::record(const char* kind) {
  const auto options = own(gst_structure_new("options", "kind", G_TYPE_STRING, kind, "name",
                                             G_TYPE_STRING, "test", nullptr));
  gchar* id = nullptr;
  g_signal_emit_by_name(room_.get(), "start-recording", options.get(), &id);
  const auto owned = own(id);
  return id ? id : "";
}

std::string RoomApplication::text_of(const char* property) const {
  gchar* text = nullptr;
  g_object_get(room_.get(), property, &text, nullptr);
  const auto owned = own(text);
  return text ? text : "";
}

std::string RoomApplication::error_word() const {
  const auto text = last_error();
  return text.substr(0, text.find(':'));
}

std::string RoomApplication::stats() const {
  GstStructure* stats = nullptr;
  g_object_get(room_.get(), "stats", &stats, nullptr);
  const auto owned = own(stats);
  const char* json = gst_structure_get_string(stats, "room");
  return json ? json : "";
}

guint RoomApplication::port() const {
  guint port = 0;
  g_object_get(room_.get(), "udp-port", &port, nullptr);
  return port;
}

bool RoomApplication::told(const std::string& signal) {
  std::unique_lock hold(mutex_);
  const bool came = changed_.wait_for(hold, kPatience, [&] {
    return std::any_of(told_.begin(), told_.end(),
                       [&](const auto& one) { return one.starts_with(signal); });
  });
  if (!came)
    for (const auto& one : told_) ADD_FAILURE() << "told: " << one;
  return came;
}

bool RoomApplication::flows(const std::string& name) {
  const auto end = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name.c_str()));
  if (!end) return false;
  const auto pad = adopt(gst_element_get_static_pad(end.get(), "sink"));
  std::atomic<int> buffers = 0;
  const auto probe = gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo*, gpointer count) {
        ++*static_cast<std::atomic<int>*>(count);
        return GST_PAD_PROBE_OK;
      },
      &buffers, nullptr);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (buffers < 10 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  gst_pad_remove_probe(pad.get(), probe);
  return buffers >= 10;
}

std::string RoomApplication::caps_at(const std::string& name) const {
  const auto end = adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name.c_str()));
  const auto pad = adopt(gst_element_get_static_pad(end.get(), "sink"));
  const auto caps = adopt(gst_pad_get_current_caps(pad.get()));
  return caps ? gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)) : "";
}

std::string RoomApplication::error() const {
  const auto bus = adopt(gst_element_get_bus(pipeline_.get()));
  while (const auto message = adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR))) {
    GError* raw = nullptr;
    gst_message_parse_error(message.get(), &raw, nullptr);
    const auto owned = own(raw);
    if (error_.empty()) error_ = owned->message;
  }
  return error_;
}

}  // namespace rooms::test
