// SPDX-License-Identifier: LGPL-2.1-or-later
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/server/server_process.h"
#include "tests/server/test_clients.h"

namespace rooms {
namespace {

TEST(StaticFiles, ServeThePageThatIsCompiledIn) {
  const ServerProcess server;
  const HttpReply page = http("GET", server.http("/?room=demo"));
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("cache-control"), "no-cache");
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  const HttpReply script = http("GET", server.http("/rooms-client.js"));
  EXPECT_EQ(script.status, 200u);
  EXPECT_EQ(script.header("content-type"), "text/javascript; charset=utf-8");

  const HttpReply head = http("HEAD", server.http("/"));
  EXPECT_EQ(head.status, 200u);
  EXPECT_EQ(head.header("content-length"), std::to_string(page.body.size()));
  EXPECT_EQ(head.body, "");
  const HttpReply unchanged =
      http("GET", server.http("/"), {{"If-None-Match", page.header("etag")}});
  EXPECT_EQ(unchanged.status, 304u);
  EXPECT_EQ(unchanged.body, "");
}

TEST(StaticFiles, ServeADirectoryAndNothingBesideIt) {
  char name[] = "/tmp/rooms-web-XXXXXX";
  const std::filesystem::path base = mkdtemp(name);
  std::filesystem::create_directories(base / "root" / "sub");
  std::ofstream(base / "secret.txt") << "top secret";
  std::ofstream(base / "root" / "index.html") << "front";
  std::ofstream(base / "root" / "sub" / "index.html") << "sub";
  std::ofstream(base / "root" / ".hidden") << "hidden";
  std::ofstream(base / "root" / "a b.css") << "style";
  std::filesystem::create_symlink(base / "secret.txt", base / "root" / "link.txt");
  {
    const ServerProcess server({"--web-root", (base / "root").string()});
    EXPECT_EQ(http("GET", server.http("/")).body, "front");
    EXPECT_EQ(http("GET", server.http("/sub/")).body, "sub");
    EXPECT_EQ(http("GET", server.http("/a%20b.css")).header("content-type"),
              "text/css; charset=utf-8");
    for (const char* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/sub/..%2f..%2fsecret.txt",
                             "//etc/passwd", "/sub/../../secret.txt", "/link.txt", "/.hidden",
                             "/nothing", "/sub", "/..%5csecret.txt"}) {
      const HttpReply reply = http("GET", server.http(path));
      // libsoup refuses an escaped slash by itself.
      EXPECT_TRUE(reply.status == 404 || reply.status == 400) << path << " " << reply.status;
      EXPECT_EQ(reply.body.find("top secret"), std::string::npos) << path;
    }
  }
  std::filesystem::remove_all(base);
}

}  // namespace
}  // namespace rooms
