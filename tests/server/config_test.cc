// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/config.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

namespace rooms {
namespace {

using Arguments = std::vector<std::string>;

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    char* name = nullptr;
    const int descriptor = g_file_open_tmp("rooms-XXXXXX.conf", &name, nullptr);
    close(descriptor);
    path_ = name;
    g_free(name);
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { g_unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Config config_of(const Arguments& arguments) {
  const auto invocation = read_invocation(arguments);
  if (invocation) return invocation->config;
  ADD_FAILURE() << invocation.error().message;
  return {};
}

std::string error_of(const Arguments& arguments) {
  const auto invocation = read_invocation(arguments);
  return invocation ? "" : invocation.error().message;
}

std::string error_of_file(const std::string& text) {
  const ConfigFile file(text);
  std::string message = error_of({"--config", file.path()});
  const auto path = message.find(file.path());
  if (path != std::string::npos) message.replace(path, file.path().size(), "FILE");
  return message;
}

TEST(Config, NeedsNothingToBeGiven) {
  const Config config = config_of({});
  EXPECT_EQ(config.listen_host, "0.0.0.0");
  EXPECT_EQ(config.listen_port, 8080);
  EXPECT_EQ(config.media.udp_port, 8443);
  EXPECT_FALSE(config.media.libnice);
}

TEST(Config, TakesAValueAfterASpaceAndAfterAnEqualsSign) {
  EXPECT_EQ(config_of({"--udp-port", "9000"}).media.udp_port, 9000);
  EXPECT_TRUE(config_of({}).media.tcp);
  EXPECT_FALSE(config_of({"--ice-tcp", "off"}).media.tcp);
  EXPECT_FALSE(config_of({"--listen", ":8443", "--ice-tcp", "off"}).media.tcp);
  EXPECT_EQ(config_of({"--udp-port=9000"}).media.udp_port, 9000);
  EXPECT_TRUE(config_of({}).rooms.tap_elements.empty());
  EXPECT_EQ(config_of({"--tap-elements", "queue,fakesink"}).rooms.tap_elements,
            (std::vector<std::string>{"queue", "fakesink"}));
  EXPECT_EQ(config_of({}).rooms.hls.heights, std::vector<int>{360});
  EXPECT_EQ(config_of({"--hls-renditions", "720,360"}).rooms.hls.heights,
            (std::vector<int>{720, 360}));
  EXPECT_TRUE(config_of({"--hls-renditions", "off"}).rooms.hls.heights.empty());
  EXPECT_TRUE(config_of({"--source-schemes", "none"}).rooms.source_schemes.empty());
}

TEST(Config, ReadsEveryFormOfAnAddressToListenOn) {
  struct Row {
    const char* text;
    const char* host;
    int port;
  };
  for (const Row& row : {Row{"127.0.0.1:80", "127.0.0.1", 80}, Row{":8081", "0.0.0.0", 8081},
                         Row{"[::]:8080", "::", 8080}, Row{"[::1]:0", "::1", 0},
                         Row{"localhost:1", "localhost", 1}}) {
    const Config config = config_of({"--listen", row.text});
    EXPECT_EQ(config.listen_host, row.host) << row.text;
    EXPECT_EQ(config.listen_port, row.port) << row.text;
  }
  for (const char* wrong : {"8080", "host", "host:", "host:65536", "::1:8080", "[::1:80", "[x]:80",
                            "host:8o", "host:-1", "host: 80", ""}) {
    EXPECT_NE(error_of({"--listen", wrong}).find("should be HOST:PORT"), std::string::npos)
        << wrong;
  }
}

TEST(Config, CollectsARepeatedFlagAndLetsTheLastOfASingleOneWin) {
  EXPECT_EQ(
      config_of({"--announce-ip", "192.0.2.1", "--announce-ip=2001:db8::1"}).media.announce_ips,
      (std::vector<std::string>{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(config_of({"--workers", "1", "--workers", "2"}).media.workers, 2u);
}

TEST(Config, RtspIsOffUnlessItIsToldWhereToListen) {
  EXPECT_EQ(config_of({}).media.rtsp.host, "");
  EXPECT_EQ(config_of({"--rtsp", ":8554", "--rtsp", "off"}).media.rtsp.host, "");
  const auto rtsp =
      config_of({"--rtsp", "[::1]:554", "--rtsp-user", "ada:a:b", "--rtsp-user", "bob:c"})
          .media.rtsp;
  EXPECT_EQ(rtsp.host, "::1");
  EXPECT_EQ(rtsp.port, 554);
  ASSERT_EQ(rtsp.users.size(), 2u);
  EXPECT_EQ(rtsp.users[0].name, "ada");
  EXPECT_EQ(rtsp.users[0].password, "a:b");
}

TEST(Config, SaysWhichFlagIsWrongAndWhatWouldBeRight) {
  struct Row {
    Arguments arguments;
    const char* part;
  };
  const std::vector<Row> rows{
      {{"--lisen", ":80"}, "did you mean --listen?"},
      {{"--udp", "1"}, "did you mean --udp-port?"},
      {{"--xyzzy"}, "There is no flag --xyzzy\n"},
      {{"serve"}, "'serve' is not a flag"},
      {{"--"}, "'--' is not a flag"},
      {{"--listen"}, "--listen wants a value: --listen HOST:PORT"},
      {{"--listen", "--help"}, "--listen wants a value"},
      {{"--rtsp", "8554"}, "should be HOST:PORT, :PORT"},
      {{"--rtsp", ":8554", "--rtsp-user", "ada"}, "NAME:PASSWORD"},
      {{"--rtsp-user", "ada:s3cret"}, "no RTSP server"},
      {{"--udp-port", "70000"}, "a whole number from 0 to 65535"},
      {{"--udp-port", "1x"}, "a whole number"},
      {{"--announce-ip", "example.org"}, "an IPv4 or IPv6 address"},
      {{"--announce-ip", "0.0.0.0"}, "that clients can reach"},
      {{"--ice", "lite"}, "'native' or 'libnice'"},
      {{"--ice", "libnice", "--udp-port-range", "9-5"}, "MIN-MAX"},
      {{"--udp-port-range", "5-9"}, "only for 'ice libnice'"},
      {{"--ice-tcp", "maybe"}, "'on' or 'off'"},
      {{"--listen", ":8443"}, "listen and udp-port have the same number"},
      {{"--listen", ":99", "--udp-port", "99"}, "ice-tcp off"},
      {{"--turn", "turn.example.org"}, "should be an address like turn:host:port"},
      {{"--turn", "turn:h:1"}, "turn needs credentials"},
      {{"--turn-secret", "s"}, "add turn"},
      {{"--turn", "turn:h:1", "--turn-user", "u"}, "belong together"},
      {{"--turn", "turn:h:1", "--turn-user", "u", "--turn-password", "p", "--turn-secret", "s"},
       "not both"},
      {{"--stun", "turn:h:1"}, "stun:host:port"},
      {{"--tls-cert", "/dev/null/no"}, "a file that exists"},
      {{"--web-root", "/no/such/dir"}, "a directory that exists"},
      {{"--last-n", "1001"}, "a number from 0 to 1000, or all"},
      {{"--last-n", "-1"}, "a number from 0 to 1000, or all"},
      {{"--loudest", "none"}, "a number from 0 to 1000, or all"},
      {{"--log-level", "loud"}, "error, warning, info or debug"},
      {{"--tap-elements", ""}, "names of elements"},
      {{"--tap-elements", "queue, fakesink"}, "names of elements"},
      {{"--source-schemes", "rtsp,"}, "none, or some of these"},
      {{"--hls-renditions", "360,720"}, "the largest first"},
      {{"--hls-renditions", "361"}, "even heights"},
      {{"--hls-renditions", ""}, "even heights"},
      {{"--srt-listen", "8890"}, "HOST:PORT"},
      {{"--srt-listen", ":8443"}, "choose another"},
      {{"--srt-passphrase", "short"}, "10 to 79 characters"},
      {{"--srt-latency", "0"}, "from 20 to 8000"},
      {{"--rtmp-pull-base", "http://127.0.0.1:1935"}, "the address of an RTMP server"},
      {{"--rtmp-pull-base", "rtmp://127.0.0.1/live", "--rtmp-hook-secret", "s"}, "RTMP server"},
      {{"--rtmp-pull-base", "rtmp://127.0.0.1:1935"}, "belong together"},
      {{"--config", "/no/such/file.conf"}, "/no/such/file.conf"},
  };
  for (const Row& row : rows) {
    const std::string message = error_of(row.arguments);
    EXPECT_NE(message.find(row.part), std::string::npos)
        << row.arguments.front() << ": " << message;
  }
}

TEST(Config, LimitsWhatAMemberIsSentOrNot) {
  EXPECT_EQ(config_of({}).rooms.last_n, 25u);
  EXPECT_EQ(config_of({}).rooms.loudest, 3u);
  const Config some = config_of({"--last-n", "9", "--loudest=0"});
  EXPECT_EQ(some.rooms.last_n, 9u);
  EXPECT_EQ(some.rooms.loudest, 0u);
  const ConfigFile file("[limits]\nlast-n = all\nloudest = all\n");
  const Config all = config_of({"--config", file.path()});
  EXPECT_EQ(all.rooms.last_n, std::nullopt);
  EXPECT_EQ(all.rooms.loudest, std::nullopt);
}

TEST(Config, AnswersHelpBeforeItLooksAtAnythingElse) {
  EXPECT_EQ(read_invocation({"--help", "--tls-cert", "/no"})->action, Action::kShowHelp);
  EXPECT_EQ(read_invocation({"-h"})->action, Action::kShowHelp);
  EXPECT_EQ(read_invocation({"--version"})->action, Action::kShowVersion);
}

TEST(Config, ReadsAFileAndLetsFlagsWin) {
  const ConfigFile file(
      "# a comment\n\n[server]\nlisten = 127.0.0.1:9090\nlog-level=debug\n"
      "[media]\nannounce-ip = 192.0.2.1; 192.0.2.2\nudp-port = 1234\n");
  const Config config = config_of({"--udp-port", "4321", "--config", file.path()});
  EXPECT_EQ(config.listen_port, 9090);
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.media.announce_ips, (std::vector<std::string>{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(config.media.udp_port, 4321);
}

TEST(Config, SaysWhichLineOfTheFileIsWrong) {
  struct Row {
    const char* text;
    const char* message;
  };
  const std::vector<Row> rows{
      {"[server]\nlisten = 80\n", "FILE, line 2: 'listen' should be HOST:PORT"},
      {"[server]\n\nlisen = :80\n",
       "FILE, line 3: there is no setting 'lisen'; did you mean listen?"},
      {"[sever]\n", "FILE, line 1: there is no section [sever]; did you mean [server]?"},
      {"[zzzzzzzzz]\n", "FILE, line 1: there is no section [zzzzzzzzz]; there are [server]"},
      {"[server\nlisten = :80\n", "FILE, line 1: the section has no closing ']'"},
      {"[media]\nlisten = :80\n",
       "FILE, line 2: 'listen' belongs to section [server], not [media]"},
      {"listen = :80\n", "FILE, line 1: 'listen' belongs to section [server]"},
      {"[server]\nwhat is this\n", "FILE, line 2: 'what is this' is neither"},
      {"[media]\nudp-port = 1\n# x\nudp-port = 2\n",
       "FILE, line 4: 'udp-port' is set on line 2 already"},
      {"[media]\nannounce-ip =\n", "FILE, line 2: 'announce-ip' has no value"},
      {"[media]\nudp-port = \n", "FILE, line 2: 'udp-port' should be a whole number"},
  };
  for (const Row& row : rows) {
    const std::string message = error_of_file(row.text);
    EXPECT_EQ(message.substr(0, std::string(row.message).size()), row.message) << message;
  }
}

TEST(Config, SurvivesAFileOfBytes) {
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 37);
  EXPECT_NE(error_of_file(bytes), "");
  EXPECT_NE(error_of_file(std::string("[server]\nlisten = \xff\xfe\n")), "");
}

TEST(Config, PrintsAFileThatReadsBackTheSame) {
  const Config config = config_of({"--listen",
                                   "[::1]:99",
                                   "--announce-ip",
                                   "192.0.2.1",
                                   "--announce-ip",
                                   "192.0.2.2",
                                   "--turn",
                                   "turn:h:1?transport=tcp",
                                   "--turn-secret",
                                   "x y",
                                   "--ice",
                                   "libnice",
                                   "--udp-port-range",
                                   "10-20",
                                   "--log-level",
                                   "error",
                                   "--max-rooms",
                                   "7",
                                   "--last-n",
                                   "all",
                                   "--loudest",
                                   "5",
                                   "--srt-listen",
                                   "[::]:8890",
                                   "--srt-passphrase",
                                   "0123456789",
                                   "--srt-latency",
                                   "200",
                                   "--rtmp-pull-base",
                                   "rtmp://127.0.0.1:1935/",
                                   "--rtmp-hook-secret",
                                   "x"});
  const std::string text = config_text(config);
  const ConfigFile file(text);
  EXPECT_EQ(config_text(config_of({"--config", file.path()})), text);
}

TEST(Config, HelpNamesEveryFlag) {
  const std::string help = help_text();
  for (const char* flag : {"--listen",           "--udp-port",       "--ice-tcp",
                           "--udp-port-range",   "--announce-ip",    "--ice",
                           "--workers",          "--turn",           "--turn-user",
                           "--turn-password",    "--turn-secret",    "--stun",
                           "--web-root",         "--config",         "--log-level",
                           "--tls-cert",         "--tls-key",        "--max-rooms",
                           "--max-participants", "--help",           "--last-n",
                           "--loudest",          "--version",        "--srt-listen",
                           "--srt-passphrase",   "--rtmp-pull-base", "--rtmp-hook-secret"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace rooms
