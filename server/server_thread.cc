// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/server_thread.h"

#include <glib.h>

namespace rooms::server_thread {
namespace {

using Task = std::function<void()>;

void free_task(gpointer data) { delete static_cast<Task*>(data); }

gboolean run_once(gpointer data) {
  (*static_cast<Task*>(data))();
  return G_SOURCE_REMOVE;
}

gboolean run_again(gpointer data) {
  (*static_cast<Task*>(data))();
  return G_SOURCE_CONTINUE;
}

DelayedCall schedule(Duration delay, GSourceFunc run, Task task) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(delay).count();
  GSource* source = g_timeout_source_new(static_cast<guint>(milliseconds < 0 ? 0 : milliseconds));
  g_source_set_callback(source, run, new Task(std::move(task)), free_task);
  g_source_attach(source, nullptr);
  return DelayedCall(source);
}

}  // namespace

void post(Task task) {
  GSource* source = g_idle_source_new();
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
  g_source_set_callback(source, run_once, new Task(std::move(task)), free_task);
  g_source_attach(source, nullptr);
  g_source_unref(source);
}

DelayedCall call_later(Duration delay, Task task) {
  return schedule(delay, run_once, std::move(task));
}

DelayedCall call_every(Duration interval, Task task) {
  return schedule(interval, run_again, std::move(task));
}

Timestamp now() { return Timestamp(std::chrono::microseconds(g_get_monotonic_time())); }

}  // namespace rooms::server_thread
