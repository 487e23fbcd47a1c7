// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/glue/executor.h"

#include <pthread.h>

#include <utility>

namespace rooms {
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

}  // namespace

void DelayedCall::cancel() {
  if (!source_) return;
  g_source_destroy(source_);
  g_source_unref(source_);
  source_ = nullptr;
}

bool DelayedCall::pending() const { return source_ && !g_source_is_destroyed(source_); }

Executor::Executor(const std::string& thread_name)
    : context_(g_main_context_new()), loop_(g_main_loop_new(context_, FALSE)) {
  thread_ = std::thread([this] {
    g_main_context_push_thread_default(context_);
    g_main_loop_run(loop_);
    while (g_main_context_iteration(context_, FALSE)) {
    }
    g_main_context_pop_thread_default(context_);
  });
  pthread_setname_np(thread_.native_handle(), thread_name.substr(0, 15).c_str());
}

void Executor::end() {
  if (!thread_.joinable()) return;
  post([this] { g_main_loop_quit(loop_); });
  thread_.join();
}

Executor::~Executor() {
  end();
  g_main_loop_unref(loop_);
  g_main_context_unref(context_);
}

void Executor::post(Task task) {
  // An idle source and not g_main_context_invoke: the latter may run the task inside the caller.
  GSource* source = g_idle_source_new();
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
  g_source_set_callback(source, run_once, new Task(std::move(task)), free_task);
  g_source_attach(source, context_);
  g_source_unref(source);
}

DelayedCall Executor::schedule(Duration delay, bool repeat, Task task) {
  assert_current();
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(delay).count();
  GSource* source = g_timeout_source_new(static_cast<guint>(milliseconds < 0 ? 0 : milliseconds));
  g_source_set_callback(source, repeat ? run_again : run_once, new Task(std::move(task)),
                        free_task);
  g_source_attach(source, context_);
  return DelayedCall(source);
}

DelayedCall Executor::call_later(Duration delay, Task task) {
  return schedule(delay, false, std::move(task));
}

DelayedCall Executor::call_every(Duration interval, Task task) {
  return schedule(interval, true, std::move(task));
}

bool Executor::is_current() const { return std::this_thread::get_id() == thread_.get_id(); }

void Executor::assert_current() const { g_assert(is_current()); }

}  // namespace rooms
