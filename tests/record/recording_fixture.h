// SPDX-License-Identifier: LGPL-2.1-or-later
// A real server that records, and what its tests ask of it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/record/beating_publisher.h"
#include "tests/record/media_probe.h"
#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {

namespace fs = std::filesystem;
using test::BeatingPublisher;
using test::BeatingSettings;
using test::probe;

inline void wait(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    char pattern[] = "/tmp/gst-rooms-recordings-XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~Folder() {
    std::error_code ignored;
    if (!std::getenv("GST_ROOMS_KEEP")) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What gst-rooms-verify says of a file. A mix pauses, and its encoders begin apart, where a
/// machine is busy: `gap_ms` and `offset_ms` allow it.
inline int verify(const std::string& path, unsigned gap_ms = 250, unsigned offset_ms = 80) {
  const char* program = std::getenv("GST_ROOMS_VERIFY");
  const auto command = std::string(program ? program : "gst-rooms-verify") + " --gap " +
                       std::to_string(gap_ms) + " --offset " + std::to_string(offset_ms) + " " +
                       path;
  const int status = std::system((command + " > " + path + ".verified").c_str());
  if (status != 0) std::printf("%s\n", text_of(path + ".verified").c_str());
  return WEXITSTATUS(status);
}

class RecordingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  explicit RecordingTest(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> all = {"--announce-ip", "127.0.0.1", "--recordings",
                                    folder_.path() + "/all"};
    all.insert(all.end(), flags.begin(), flags.end());
    server_ = std::make_unique<ServerProcess>(all);
  }

  HttpReply ask(const std::string& method, const std::string& below = {},
                const std::string& body = {}) {
    return http(method, server_->http("/api/rooms/demo/recordings" + below),
                {{"Content-Type", "application/json"}}, body);
  }
  /// Its id; fails the test when it does not start.
  std::string start(const std::string& body = "{}") {
    const auto reply = ask("POST", {}, body);
    EXPECT_EQ(reply.status, 201U) << reply.body;
    EXPECT_EQ(reply.header("location"), "/api/rooms/demo/recordings/" + reply.field("id"));
    return reply.field("id");
  }
  Message stop(const std::string& id) {
    const auto reply = ask("DELETE", "/" + id);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return Message(reply.body);
  }
  [[nodiscard]] std::string path_of(const std::string& id, const std::string& file) const {
    return folder_.path() + "/all/demo/" + id + "/" + file;
  }
  std::unique_ptr<BeatingPublisher> publish(const BeatingSettings& settings = {},
                                            const std::string& name = "ada") {
    return std::make_unique<BeatingPublisher>(server_->http(), "demo", name, settings);
  }

  Folder folder_;
  std::unique_ptr<ServerProcess> server_;
};

/// The files of a stopped recording, by name.
inline std::set<std::string> files_of(const Message& recording) {
  std::set<std::string> names;
  for (unsigned i = 0;; ++i) {
    const auto name = recording.at("files." + std::to_string(i) + ".file");
    if (name.empty()) return names;
    names.insert(name);
  }
}

}  // namespace rooms
