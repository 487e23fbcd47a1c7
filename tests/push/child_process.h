// SPDX-License-Identifier: LGPL-2.1-or-later
// A program that is not ours, as long as the test needs it.
#pragma once

#include <gio/gio.h>

#include <string>
#include <vector>

#include "gst/glue/ref.h"

namespace rooms::test {

class ChildProcess {
 public:
  /// Fails the test if it does not start. What it says goes nowhere.
  explicit ChildProcess(const std::vector<std::string>& command);
  ~ChildProcess();  ///< as stop(SIGKILL)
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Waits until it has ended.
  void stop(int signal);
  /// Waits for its own end; false: it did not come in time.
  bool ends(double seconds);

 private:
  Ref<GSubprocess> process_;
};

/// A port that nothing listens on now.
unsigned short free_port(int type);

}  // namespace rooms::test
