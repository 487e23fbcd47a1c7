// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/config_option.h"

#include <gio/gio.h>

#include <algorithm>
#include <array>
#include <limits>

#include "server/config_lists.h"
#include "server/nearest_name.h"
#include "server/option_value.h"
#include "server/rtsp_option.h"

namespace rooms {
namespace {

template <class Number>
Status set_number(Number& field, const std::string& text, unsigned least, unsigned most) {
  const auto number = whole_number(text, least, most);
  if (!number) {
    return should_be("a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
  }
  field = static_cast<Number>(*number);
  return Done{};
}

OptionValues one_or_none(const std::string& value) {
  return value.empty() ? OptionValues{} : OptionValues{value};
}

Status set_listen(Config& config, const OptionValues& values) {
  return set_host_and_port(config.listen_host, config.listen_port, values.back());
}

OptionValues get_listen(const Config& config) {
  return host_and_port(config.listen_host, config.listen_port);
}

Status set_srt_listen(Config& config, const OptionValues& values) {
  if (values.back() != "off")
    return set_host_and_port(config.srt.host, config.srt.port, values.back());
  config.srt.host.clear();
  return Done{};
}

OptionValues get_srt_listen(const Config& config) {
  if (config.srt.host.empty()) return one(std::string("off"));
  return host_and_port(config.srt.host, config.srt.port);
}

Status set_srt_passphrase(Config& config, const OptionValues& values) {
  if (values.back().size() < 10 || values.back().size() > 79)
    return should_be("10 to 79 characters long");
  config.srt.passphrase = values.back();
  return Done{};
}

Status set_srt_latency(Config& config, const OptionValues& values) {
  unsigned latency = 0;
  auto set = set_number(latency, values.back(), 20, 8000);
  if (set) config.srt.latency = std::chrono::milliseconds(latency);
  return set;
}

unsigned milliseconds_of(Duration time) {
  return static_cast<unsigned>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

OptionValues get_srt_latency(const Config& config) {
  return one(milliseconds_of(config.srt.latency));
}

Status set_gather(Config& config, const OptionValues& values) {
  unsigned time = 0;
  auto set = set_number(time, values.back(), 0, 20);
  if (set) config.media.gather = std::chrono::milliseconds(time);
  return set;
}

Status set_rtmp_pull_base(Config& config, const OptionValues& values) {
  auto base = values.back();
  while (base.ends_with('/')) base.pop_back();
  const auto uri = read_source_uri(base, {"rtmp", "rtmps"});
  const auto host = base.substr(std::min(base.find("://") + 3, base.size()));
  if (!uri || host.find_first_of("/?#") != std::string::npos)
    return should_be("the address of an RTMP server, for example rtmp://127.0.0.1:1935");
  config.rtmp_hook.pull_base = base;
  return Done{};
}

Status set_port_range(Config& config, const OptionValues& values) {
  const std::string_view text = values.back();
  const auto dash = std::min(text.find('-'), text.size());
  const unsigned least = whole_number(text.substr(0, dash), 1, 65535).value_or(0);
  const unsigned most =
      whole_number(text.substr(std::min(dash + 1, text.size())), 1, 65535).value_or(0);
  if (least == 0 || most < least) {
    return should_be("MIN-MAX with 1 <= MIN <= MAX <= 65535, for example 50000-50999");
  }
  config.media.port_min = static_cast<std::uint16_t>(least);
  config.media.port_max = static_cast<std::uint16_t>(most);
  return Done{};
}

OptionValues get_port_range(const Config& config) {
  if (config.media.port_max == 0) return {};
  return one(std::to_string(config.media.port_min) + "-" + std::to_string(config.media.port_max));
}

Status set_announce_ips(Config& config, const OptionValues& values) {
  const auto reaches_somebody = [](const std::string& value) {
    return is_address(value) && value != "0.0.0.0" && value != "::";
  };
  if (!std::all_of(values.begin(), values.end(), reaches_somebody)) {
    return should_be("an IPv4 or IPv6 address that clients can reach, for example 203.0.113.7");
  }
  config.media.announce_ips = values;
  return Done{};
}

Status set_ice(Config& config, const OptionValues& values) {
  if (values.back() != "native" && values.back() != "libnice") {
    return should_be("'native' or 'libnice'");
  }
  config.media.libnice = values.back() == "libnice";
  return Done{};
}

Status set_topology(Config& config, const OptionValues& values) {
  const auto topology = topology_named(values.back());
  if (!topology) return should_be("auto, sfu, mesh or mcu");
  config.rooms.topology = *topology;
  return Done{};
}

Status set_room_control(Config& config, const OptionValues& values) {
  if (values.back() != "api" && values.back() != "members") return should_be("'api' or 'members'");
  config.members_control = values.back() == "members";
  return Done{};
}

Status set_ice_servers(std::vector<std::string>& field, std::string_view scheme,
                       const OptionValues& values) {
  for (const auto& url : values) {
    if (auto checked = check_ice_server(scheme, url); !checked) {
      const auto& message = checked.error().message;
      return Error{"bad-value", message.substr(message.find("should be"))};
    }
  }
  field = values;
  return Done{};
}

Status set_number_or_all(std::optional<unsigned>& field, const std::string& text, unsigned most) {
  if (text == "all") {
    field.reset();
    return Done{};
  }
  unsigned number = 0;
  if (!set_number(number, text, 0, most))
    return should_be("a number from 0 to " + std::to_string(most) + ", or all");
  field = number;
  return Done{};
}

OptionValues one_or_all(const std::optional<unsigned>& field) {
  return {field ? std::to_string(*field) : "all"};
}

Status set_turn_lifetime(Config& config, const OptionValues& values) {
  unsigned seconds = 0;
  auto set = set_number(seconds, values.back(), 60, 365 * 24 * 3600);
  if (set) config.ice_servers.turn_lifetime = std::chrono::seconds(seconds);
  return set;
}

Status set_path(std::string& field, const OptionValues& values, GFileTest kind, const char* what) {
  if (!g_file_test(values.back().c_str(), kind))
    return should_be(std::string(what) + " that exists");
  field = values.back();
  return Done{};
}

Status set_text(std::string& field, const OptionValues& values) {
  if (values.back().empty()) return should_be("something");
  field = values.back();
  return Done{};
}

Status set_recordings(Config& config, const OptionValues& values) {
  if (values.back().empty()) return should_be("a folder, or off");
  config.rooms.recordings = values.back() == "off" ? std::string() : values.back();
  return Done{};
}

/// "any", "off", or hosts.
Status set_push(Config& config, const OptionValues& values) {
  PushAllowance allowance{false, {}};
  for (const auto& value : values) {
    if (value.empty() || value.find_first_of("/@ ") != std::string::npos)
      return should_be("any, off, or HOST, HOST:PORT or *.DOMAIN");
    if ((value == "any" || value == "off") && values.size() > 1)
      return should_be("any or off alone, or hosts");
    if (value == "any") allowance.anywhere = true;
    if (value != "any" && value != "off") allowance.hosts.push_back(value);
  }
  config.rooms.push = std::move(allowance);
  return Done{};
}

OptionValues get_push(const Config& config) {
  const auto& allowance = config.rooms.push;
  if (allowance.anywhere) return one(std::string("any"));
  return allowance.hosts.empty() ? one(std::string("off")) : allowance.hosts;
}

Status set_on_off(bool& field, const OptionValues& values) {
  if (values.back() != "on" && values.back() != "off") return should_be("'on' or 'off'");
  field = values.back() == "on";
  return Done{};
}

Status set_seconds(Duration& field, const std::string& text, unsigned least, unsigned most) {
  unsigned seconds = 0;
  auto set = set_number(seconds, text, least, most);
  if (set) field = std::chrono::seconds(seconds);
  return set;
}

unsigned seconds_of(Duration time) {
  return static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::string off_or(const std::string& text) { return text.empty() ? "off" : text; }

constexpr std::array<std::string_view, 4> kLevels{"error", "warning", "info", "debug"};

Status set_log_level(Config& config, const OptionValues& values) {
  const auto level = std::find(kLevels.begin(), kLevels.end(), values.back());
  if (level == kLevels.end()) return should_be("error, warning, info or debug");
  config.log_level = static_cast<LogLevel>(level - kLevels.begin());
  return Done{};
}

using C = Config;
using V = OptionValues;
constexpr ConfigOption kOptions[] = {
    {"server", "listen", "HOST:PORT",
     "where browsers connect: web page, /ws, WHIP, WHEP (0.0.0.0:8080)", false, set_listen,
     get_listen},
    {"server", "tls-cert", "FILE",
     "certificate chain (PEM): serve https and wss, as phones want it", false,
     [](C& c, const V& v) { return set_path(c.tls_cert, v, G_FILE_TEST_IS_REGULAR, "a file"); },
     [](const C& c) { return one_or_none(c.tls_cert); }},
    {"server", "tls-key", "FILE", "its private key (PEM)", false,
     [](C& c, const V& v) { return set_path(c.tls_key, v, G_FILE_TEST_IS_REGULAR, "a file"); },
     [](const C& c) { return one_or_none(c.tls_key); }},
    {"server", "web-root", "DIR", "serve the files of DIR instead of the built-in web page", false,
     [](C& c, const V& v) { return set_path(c.web_root, v, G_FILE_TEST_IS_DIR, "a directory"); },
     [](const C& c) { return one_or_none(c.web_root); }},
    {"server", "log-level", "LEVEL", "error, warning, info or debug (info)", false, set_log_level,
     [](const C& c) { return one(std::string(kLevels[static_cast<std::size_t>(c.log_level)])); }},
    {"rooms", "topology", "WORD",
     "the way media takes: auto (two who can go direct, all others through the server), sfu, mesh, "
     "mcu (auto)",
     false, set_topology, [](const C& c) { return one(std::string(name_of(c.rooms.topology))); }},
    {"rooms", "room-control", "WHO",
     "who may change running rooms: api (only /api), or members (on /ws) as well (api)", false,
     set_room_control,
     [](const C& c) { return one(std::string(c.members_control ? "members" : "api")); }},
    {"media", "udp-port", "PORT", "the one port of all media, UDP and TCP (8443); 0: any free one",
     false, [](C& c, const V& v) { return set_number(c.media.udp_port, v.back(), 0, 65535); },
     [](const C& c) { return one(c.media.udp_port); }},
    {"media", "ice-tcp", "WORD",
     "on: media also over TCP, on the same port number, for networks that block UDP; off (on)",
     false, [](C& c, const V& v) { return set_on_off(c.media.tcp, v); },
     [](const C& c) { return one(std::string(c.media.tcp ? "on" : "off")); }},
    {"media", "announce-ip", "IP",
     "write this address into candidates instead of those of the interfaces: behind 1:1 NAT, in "
     "containers",
     true, set_announce_ips, [](const C& c) { return c.media.announce_ips; }},
    {"media", "workers", "N", "threads that carry media; 0: one per core (0)", false,
     [](C& c, const V& v) { return set_number(c.media.workers, v.back(), 0, 256); },
     [](const C& c) { return one(c.media.workers); }},
    {"media", "gather", "MS",
     "a thread that is busy lets datagrams gather for so long before it looks again (2); 0: never",
     false, set_gather, [](const C& c) { return one(milliseconds_of(c.media.gather)); }},
    {"media", "ice", "AGENT", "native (one port) or libnice (a port per connection) (native)",
     false, set_ice,
     [](const C& c) { return one(std::string(c.media.libnice ? "libnice" : "native")); }},
    {"media", "udp-port-range", "MIN-MAX", "the ports libnice may use; only with --ice libnice",
     false, set_port_range, get_port_range},
    {"turn", "turn", "URI", "TURN server that clients are told of: turn:host:port?transport=udp",
     true, [](C& c, const V& v) { return set_ice_servers(c.ice_servers.turn, "turn", v); },
     [](const C& c) { return c.ice_servers.turn; }},
    {"turn", "turn-user", "NAME", "its user, the same for everybody ..", false,
     [](C& c, const V& v) { return set_text(c.ice_servers.turn_user, v); },
     [](const C& c) { return one_or_none(c.ice_servers.turn_user); }},
    {"turn", "turn-password", "WORD", ".. and that user's password", false,
     [](C& c, const V& v) { return set_text(c.ice_servers.turn_password, v); },
     [](const C& c) { return one_or_none(c.ice_servers.turn_password); }},
    {"turn", "turn-secret", "WORD",
     "or: credentials that expire, made from coturn's static-auth-secret (use-auth-secret)", false,
     [](C& c, const V& v) { return set_text(c.ice_servers.turn_secret, v); },
     [](const C& c) { return one_or_none(c.ice_servers.turn_secret); }},
    {"turn", "turn-lifetime", "SECONDS", "how long those are good (86400)", false,
     set_turn_lifetime,
     [](const C& c) { return one(static_cast<unsigned>(c.ice_servers.turn_lifetime.count())); }},
    {"turn", "stun", "URI", "STUN server that clients are told of: stun:host:port", true,
     [](C& c, const V& v) { return set_ice_servers(c.ice_servers.stun, "stun", v); },
     [](const C& c) { return c.ice_servers.stun; }},
    {"recording", "recordings", "DIR",
     "folder that recordings are written to, made with the first one; off (recordings)", false,
     set_recordings, [](const C& c) { return one(off_or(c.rooms.recordings)); }},
    {"recording", "replay-seconds", "N",
     "keep so much of every track in memory, for recordings of what was; 0: nothing (0)", false,
     [](C& c, const V& v) { return set_seconds(c.rooms.replay, v.back(), 0, 600); },
     [](const C& c) { return one(seconds_of(c.rooms.replay)); }},
    {"recording", "replay-mix", "WORD",
     "on: of the mix as well, which is made and encoded for that; off: of it while it is made "
     "(off)",
     false, [](C& c, const V& v) { return set_on_off(c.rooms.replay_mix, v); },
     [](const C& c) { return one(std::string(c.rooms.replay_mix ? "on" : "off")); }},
    {"hls", "hls", "WORD",
     "on: /hls/ROOM/index.m3u8 plays the mix of a room, made while somebody watches; off (on)",
     false, [](C& c, const V& v) { return set_on_off(c.rooms.hls.enabled, v); },
     [](const C& c) { return one(std::string(c.rooms.hls.enabled ? "on" : "off")); }},
    {"hls", "hls-renditions", "LIST",
     "heights of further pictures for slower viewers, smaller than the mix, with commas; off (360)",
     false, [](C& c, const V& v) { return set_heights(c.rooms.hls.heights, v.back()); },
     [](const C& c) { return one(heights_or_off(c.rooms.hls.heights)); }},
    {"hls", "hls-segment-seconds", "N", "length of its segments (2)", false,
     [](C& c, const V& v) { return set_seconds(c.rooms.hls.settings.segment, v.back(), 1, 10); },
     [](const C& c) { return one(seconds_of(c.rooms.hls.settings.segment)); }},
    {"hls", "hls-window", "SECONDS", "how far back it can be seen; held in memory (60)", false,
     [](C& c, const V& v) { return set_seconds(c.rooms.hls.settings.window, v.back(), 10, 3600); },
     [](const C& c) { return one(seconds_of(c.rooms.hls.settings.window)); }},
    {"hls", "hls-low-latency", "WORD", "on: partial segments, some 2 s behind; off: plain HLS (on)",
     false, [](C& c, const V& v) { return set_on_off(c.rooms.hls.settings.low_latency, v); },
     [](const C& c) { return one(std::string(c.rooms.hls.settings.low_latency ? "on" : "off")); }},
    {"hls", "hls-linger", "SECONDS", "it is made for so long after the last request (30)", false,
     [](C& c, const V& v) { return set_seconds(c.rooms.hls.linger, v.back(), 1, 3600); },
     [](const C& c) { return one(seconds_of(c.rooms.hls.linger)); }},
    {"push", "push", "HOST",
     "server that rooms may be pushed to by RTMP or SRT: HOST, HOST:PORT, *.DOMAIN; any; off (any)",
     true, set_push, get_push},
    {"rtsp", "rtsp", "HOST:PORT",
     "rooms are played at rtsp://HOST:PORT/ROOM and .../ROOM/PARTICIPANT; :8554; off (off)", false,
     set_rtsp, get_rtsp},
    {"rtsp", "rtsp-user", "NAME:PASSWORD", "only this player may (digest authentication)", true,
     set_rtsp_users, get_rtsp_users},
    {"sources", "source-schemes", "LIST",
     "kinds of addresses that rooms take streams from: of rtsp, rtsps, rtmp, rtmps, srt, http, "
     "https, "
     "and file, which reads the server's disk; none (all but file)",
     false, [](C& c, const V& v) { return set_source_schemes(c.rooms.source_schemes, v.back()); },
     [](const C& c) { return one(joined_or(c.rooms.source_schemes, "none")); }},
    {"sources", "srt-listen", "HOST:PORT",
     "UDP port that OBS, ffmpeg and others call with SRT: the stream id is room or room/name; off "
     "(off)",
     false, set_srt_listen, get_srt_listen},
    {"sources", "srt-passphrase", "WORD",
     "10 to 79 characters that SRT callers have to know; what they send is encrypted", false,
     set_srt_passphrase, [](const C& c) { return one_or_none(c.srt.passphrase); }},
    {"sources", "srt-latency", "MS",
     "time for SRT to repeat what was lost, from 20 to 8000 ms; a caller may want more (120)",
     false, set_srt_latency, get_srt_latency},
    {"sources", "rtmp-pull-base", "URI",
     "RTMP server whose hooks may tell us to fetch streams from it: rtmp://127.0.0.1:1935", false,
     set_rtmp_pull_base, [](const C& c) { return one_or_none(c.rtmp_hook.pull_base); }},
    {"sources", "rtmp-hook-secret", "WORD", "what its hooks know: POST /api/hooks/rtmp?secret=WORD",
     false, [](C& c, const V& v) { return set_text(c.rtmp_hook.secret, v); },
     [](const C& c) { return one_or_none(c.rtmp_hook.secret); }},
    {"taps", "tap-elements", "LIST",
     "elements that the pipelines of taps may be made of, with commas; whoever may POST taps may "
     "do "
     "what these can, as filesink writes files; off (off)",
     false, [](C& c, const V& v) { return set_tap_elements(c.rooms.tap_elements, v.back()); },
     [](const C& c) { return one(joined_or(c.rooms.tap_elements, "off")); }},
    {"limits", "max-rooms", "N", "rooms at a time (1000)", false,
     [](C& c, const V& v) { return set_number(c.max_rooms, v.back(), 1, 1000000); },
     [](const C& c) { return one(c.max_rooms); }},
    {"limits", "max-participants", "N", "participants and players of one room (200)", false,
     [](C& c, const V& v) { return set_number(c.max_participants, v.back(), 1, 100000); },
     [](const C& c) { return one(c.max_participants); }},
    {"limits", "last-n", "N", "video tracks each member is sent, who spoke last first; or all (25)",
     false, [](C& c, const V& v) { return set_number_or_all(c.rooms.last_n, v.back(), 1000); },
     [](const C& c) { return one_or_all(c.rooms.last_n); }},
    {"limits", "loudest", "N", "audio tracks sent besides the speaker's, the loudest; or all (3)",
     false, [](C& c, const V& v) { return set_number_or_all(c.rooms.loudest, v.back(), 1000); },
     [](const C& c) { return one_or_all(c.rooms.loudest); }},
    {"limits", "mix-loudest", "N",
     "audio tracks decoded for a mix besides the speaker's, the loudest; or all (8)", false,
     [](C& c, const V& v) { return set_number_or_all(c.rooms.mix_loudest, v.back(), 1000); },
     [](const C& c) { return one_or_all(c.rooms.mix_loudest); }},
    {"limits", "max-sources", "N", "streams that one room takes in at a time (16)", false,
     [](C& c, const V& v) { return set_number(c.rooms.max_sources, v.back(), 0, 1000); },
     [](const C& c) { return one(c.rooms.max_sources); }},
    {"limits", "max-sockets", "N", "open HTTP and WebSocket connections (4096)", false,
     [](C& c, const V& v) { return set_number(c.max_sockets, v.back(), 8, 1000000); },
     [](const C& c) { return one(c.max_sockets); }},
};

}  // namespace

std::span<const ConfigOption> config_options() { return kOptions; }

const ConfigOption* config_option(std::string_view name) {
  const auto* found = std::find_if(std::begin(kOptions), std::end(kOptions),
                                   [&](const ConfigOption& option) { return option.name == name; });
  return found == std::end(kOptions) ? nullptr : found;
}

std::string meant_option(std::string_view typed, std::string_view prefix) {
  std::vector<std::string_view> names{"config", "help", "version", "print-config"};
  for (const auto& option : kOptions) names.push_back(option.name);
  const auto meant = nearest_name(typed, names);
  return meant ? "; did you mean " + std::string(prefix) + std::string(*meant) + "?" : "";
}

Status check_together(const Config& config) {
  const auto& ice = config.ice_servers;
  const auto wrong = [](const char* message) { return Error{"bad-config", message}; };
  if (config.media.port_max != 0 && !config.media.libnice) {
    return wrong(
        "udp-port-range is only for 'ice libnice': the native agent needs one port, set by "
        "udp-port");
  }
  const bool one_port = config.listen_port == config.media.udp_port && config.listen_port != 0;
  if (one_port && config.media.tcp && !config.media.libnice) {
    return wrong(
        "listen and udp-port have the same number, and both are listened on as TCP: choose another "
        "one for udp-port, or do without media over TCP (ice-tcp off)");
  }
  if (config.media.rtsp.host.empty() && !config.media.rtsp.users.empty()) {
    return wrong("there is an rtsp-user, but no RTSP server: add rtsp, for example rtsp :8554");
  }
  if (config.tls_cert.empty() != config.tls_key.empty()) {
    return wrong("tls-cert and tls-key belong together: one of them is missing");
  }
  if (!config.srt.host.empty() && config.srt.port != 0 &&
      config.srt.port == config.media.udp_port && !config.media.libnice) {
    return wrong("srt-listen and udp-port have the same number, and both are UDP: choose another");
  }
  if (config.rtmp_hook.pull_base.empty() != config.rtmp_hook.secret.empty()) {
    return wrong("rtmp-pull-base and rtmp-hook-secret belong together: one of them is missing");
  }
  if (ice.turn_user.empty() != ice.turn_password.empty()) {
    return wrong("turn-user and turn-password belong together: one of them is missing");
  }
  const bool has_user = !ice.turn_user.empty();
  const bool has_secret = !ice.turn_secret.empty();
  if (has_user && has_secret) {
    return wrong("either turn-user and turn-password or turn-secret, not both");
  }
  if (!ice.turn.empty() && !has_user && !has_secret) {
    return wrong("turn needs credentials: turn-secret, or turn-user and turn-password");
  }
  if (ice.turn.empty() && (has_user || has_secret)) {
    return wrong("there are TURN credentials, but no server: add turn");
  }
  return Done{};
}

}  // namespace rooms
