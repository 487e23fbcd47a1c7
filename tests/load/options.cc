// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/options.h"

#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>

namespace rooms::load {
namespace {

constexpr unsigned kMostClients = 20000;

Error wrong(std::string message) { return {"bad-option", std::move(message)}; }

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || !(value >= 0) || value > 1e12)
    return std::nullopt;
  return value;
}

/// "300k", "1.5M", "800000"
std::optional<double> scaled(std::string_view text) {
  double factor = 1;
  if (text.ends_with('k') || text.ends_with('K')) factor = 1e3;
  if (text.ends_with('m') || text.ends_with('M')) factor = 1e6;
  if (factor > 1) text.remove_suffix(1);
  const auto value = decimal(text);
  return value ? std::optional(*value * factor) : std::nullopt;
}

using Set = std::function<bool(Options&, const std::string&)>;

/// A number within bounds into `member`.
template <class T>
Set number(T Options::*member, double least, double most) {
  return [=](Options& options, const std::string& text) {
    const auto value = scaled(text);
    if (!value || *value < least || *value > most) return false;
    options.*member = static_cast<T>(*value);
    return true;
  };
}
Set text(std::string Options::*member) {
  return [=](Options& options, const std::string& value) {
    options.*member = value;
    return !value.empty();
  };
}
Set seconds(Duration Options::*member, double least, double most) {
  return [=](Options& options, const std::string& value) {
    const auto read = decimal(value);
    if (!read || *read < least || *read > most) return false;
    options.*member = Duration(static_cast<std::int64_t>(*read * 1e9));
    return true;
  };
}
Set flag(bool Options::*member, bool to = true) {
  return [=](Options& options, const std::string&) {
    options.*member = to;
    return true;
  };
}

bool set_server(Options& options, const std::string& value) {
  if (value == "gst-rooms") options.server = ServerKind::kGstRooms;
  if (value == "whip") options.server = ServerKind::kWhip;
  if (value == "janus") options.server = ServerKind::kJanus;
  if (value == "janus-audiobridge") options.server = ServerKind::kJanusBridge;
  return value == "gst-rooms" || value == "whip" || value == "janus" ||
         value == "janus-audiobridge";
}

bool set_mode(Options& options, const std::string& value) {
  options.mode = value;
  return value == "tracks" || value == "mix" || value == "hybrid";
}

bool set_codec(Options& options, const std::string& value) {
  if (value == "vp8" || value == "VP8") options.codec = Codec::kVp8;
  if (value == "h264" || value == "H264") options.codec = Codec::kH264;
  return value == "vp8" || value == "VP8" || value == "h264" || value == "H264";
}

bool add_pid(Options& options, const std::string& value) {
  const auto pid = decimal(value);
  if (!pid || *pid < 1 || *pid > 4194304) return false;
  options.pids.push_back(static_cast<int>(*pid));
  return true;
}

struct Option {
  std::string_view section;
  std::string_view name;
  std::string_view value;  ///< what it should be; empty: a switch
  std::string_view help;
  Set set;
};

const std::vector<Option>& options_table() {
  using O = Options;
  static const std::vector<Option> kTable = {
      {"Who", "server", "KIND",
       "gst-rooms, whip (any WHIP/WHEP server), janus or janus-audiobridge (gst-rooms)",
       set_server},
      {"Who", "publishers", "P",
       "broadcast: this many send .. (1); 0: what others send is played (--play-path)",
       number(&O::publishers, 0, 1000)},
      {"Who", "subscribers", "S", ".. and each of so many plays them all (10)",
       number(&O::subscribers, 0, kMostClients)},
      {"Who", "rooms", "R", "instead: so many rooms ..", number(&O::rooms, 1, 1000)},
      {"Who", "size", "N", ".. of N participants who all send and all see each other",
       number(&O::size, 2, 200)},
      {"Who", "last-n", "N",
       ".. each of whom is sent N pictures, and the sound that comes with them",
       number(&O::last_n, 1, 1000)},
      {"Who", "mode", "MODE",
       "tracks, mix (picture and sound of the room) or hybrid (pictures, mixed sound) (tracks)",
       set_mode},
      {"Who", "room", "NAME", "name of the room, or what names of rooms begin with (load-PID)",
       text(&O::room)},
      {"Who", "publish-path", "PATH", "with whip: where to publish (/whip/{room}/{name})",
       text(&O::publish_path)},
      {"Who", "play-path", "PATH", "with whip: where to play (/whep/{room}/{shown})",
       text(&O::play_path)},
      {"Who", "token", "WORD", "send it as Authorization: Bearer", text(&O::token)},
      {"Who", "insecure", "", "take any TLS certificate of the web server", flag(&O::insecure)},
      {"Media", "codec", "NAME", "vp8 or h264 (vp8)", set_codec},
      {"Media", "bitrate", "BITS", "of each video, bit/s: 800k, 1.5M (1M)",
       number(&O::bitrate, 10e3, 100e6)},
      {"Media", "fps", "N", "frames a second (30)", number(&O::fps, 1, 240)},
      {"Media", "simulcast", "", "three layers: q, h and f at 1/10, 1/3 and all of the bit rate",
       flag(&O::simulcast)},
      {"Media", "opus-files", "FILE,..",
       "sound for servers that decode: RTP packets behind their length (RFC 4571), in a loop; "
       "publishers take turns",
       text(&O::opus_files)},
      {"Media", "video-files", "FILE,..",
       "pictures likewise, one file a layer, lowest first; --fps is theirs", text(&O::video_files)},
      {"Media", "no-audio", "", "video only", flag(&O::audio, false)},
      {"Media", "no-video", "", "Opus only", flag(&O::video, false)},
      {"Course", "ramp", "N", "joins a second (50)", number(&O::ramp, 0.1, 10000)},
      {"Course", "warmup", "SECONDS", "from the last join until measuring begins (2)",
       seconds(&O::warmup, 0, 3600)},
      {"Course", "duration", "SECONDS", "measured (10)", seconds(&O::duration, 0.5, 86400)},
      {"Course", "find-limit", "",
       "search the largest S with little loss: doubling, then halving the gap",
       flag(&O::find_limit)},
      {"Course", "limit-loss", "PERCENT", "how much is little (0.5)",
       number(&O::limit_loss, 0, 100)},
      {"Course", "limit-max", "S", "search no further than this (5000)",
       number(&O::limit_max, 2, kMostClients)},
      {"Course", "max-loss", "PERCENT", "more loss than this makes the exit status 3",
       number(&O::max_loss, 0, 100)},
      {"Measuring", "pid", "PID", "the server: its CPU, memory, threads; may be repeated", add_pid},
      {"Measuring", "spin", "",
       "poll without sleeping: then the server pays for no wake-ups of ours", flag(&O::spin)},
      {"Measuring", "cpu", "N", "run on this core only", number(&O::cpu, 0, 1023)},
      {"Measuring", "verify", "N",
       "decrypt and check 1 of N received packets; latency comes from those (20)",
       number(&O::verify, 1, 1e6)},
      {"Output", "json", "", "one JSON object instead of the table", flag(&O::json)},
      {"Output", "quiet", "", "no progress on stderr", flag(&O::quiet)},
      {"Output", "help", "", "this", flag(&O::help)},
      {"Output", "version", "", "", flag(&O::version)},
  };
  return kTable;
}

const Option* option_named(std::string_view name) {
  for (const auto& option : options_table())
    if (option.name == name) return &option;
  return nullptr;
}

Status check_together(const Options& options) {
  if (options.help || options.version) return Done{};
  if (options.url.empty()) return wrong("Which server? Name its URL, as http://127.0.0.1:8080.");
  if ((options.rooms > 0) != (options.size > 0))
    return wrong("--rooms and --size belong together: --rooms 4 --size 5");
  if (!options.audio && !options.video) return wrong("--no-audio and --no-video leave nothing.");
  if (options.meeting() && options.find_limit)
    return wrong("--find-limit searches subscribers of a broadcast; leave out --rooms and --size.");
  if (options.last_n > 0 && (!options.meeting() || options.server != ServerKind::kGstRooms))
    return wrong("--last-n is of rooms of gst-rooms: it wants --rooms and --size.");
  if (options.mode != "tracks" && (!options.meeting() || options.server != ServerKind::kGstRooms))
    return wrong("--mode is of rooms of gst-rooms: it wants --rooms and --size.");
  if (options.server == ServerKind::kJanusBridge && (!options.meeting() || options.video))
    return wrong("janus-audiobridge has rooms and no pictures: --rooms 1 --size 20 --no-video");
  if (options.meeting() && options.rooms * options.size > kMostClients)
    return wrong("--rooms times --size is more than 20000.");
  return Done{};
}

}  // namespace

Result<Options> read_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("-")) {
      if (!options.url.empty())
        return wrong("Two URLs: '" + options.url + "' and '" + argument + "'.");
      if (!argument.starts_with("http://") && !argument.starts_with("https://"))
        return wrong("'" + argument + "' is not a URL that begins with http:// or https://.");
      options.url = argument;
      while (options.url.ends_with('/')) options.url.pop_back();
      continue;
    }
    std::string name =
        argument == "-h" ? "help" : argument.substr(argument.starts_with("--") ? 2 : 1);
    std::optional<std::string> value;
    if (const auto equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const auto* option = option_named(name);
    if (!option || !(argument.starts_with("--") || argument == "-h"))
      return wrong("There is no option " + argument + ".");
    if (option->value.empty() && value) return wrong("--" + name + " takes no value.");
    if (!option->value.empty() && !value) {
      if (i + 1 == arguments.size())
        return wrong("--" + name + " wants a value: --" + name + " " + std::string(option->value));
      value = arguments[++i];
    }
    if (!option->set(options, value.value_or(""))) {
      return wrong("--" + name + " " + *value + ": not a valid " + std::string(option->value) +
                   ". It is: " + std::string(option->help) + ".");
    }
  }
  if (auto status = check_together(options); !status) return status.error();
  return options;
}

std::string help_text() {
  std::string text =
      "gst-rooms-load: how many users does a WebRTC server carry, and what do they cost it?\n\n"
      "Usage: gst-rooms-load [options] URL\n";
  std::string_view section;
  for (const auto& option : options_table()) {
    if (option.section != section) {
      section = option.section;
      text += "\n" + std::string(section) + "\n";
    }
    std::string head = "  --" + std::string(option.name);
    if (!option.value.empty()) head += " " + std::string(option.value);
    head.resize(std::max<std::size_t>(head.size() + 1, 25), ' ');
    text += head + std::string(option.help) + "\n";
  }
  text +=
      "\nExamples\n"
      "  gst-rooms-load http://127.0.0.1:8080\n"
      "      one publisher, ten subscribers, ten seconds\n"
      "  taskset -c 0 gst-rooms-server & \n"
      "  gst-rooms-load --subscribers 100 --cpu 1 --spin --pid $! http://127.0.0.1:8080\n"
      "      what a forwarded packet costs a server on a core of its own\n"
      "  gst-rooms-load --rooms 4 --size 5 --json http://127.0.0.1:8080\n"
      "      four meetings of five through /ws\n"
      "  gst-rooms-load --find-limit --duration 3 --pid PID http://127.0.0.1:8080\n"
      "      the largest audience with at most 0.5 % loss\n"
      "  gst-rooms-load --server janus --subscribers 50 http://10.99.0.1:8088/janus\n"
      "  gst-rooms-load --server whip --publish-path '/rtc/v1/whip/?app=live&stream={name}' \\\n"
      "      --play-path '/rtc/v1/whep/?app=live&stream={shown}' http://127.0.0.1:1985\n"
      "\nExit status: 0 all clients got everything they should; 1 some did not, or the server is\n"
      "not there; 2 wrong options; 3 more loss than --max-loss; 130 interrupted.\n";
  return text;
}

}  // namespace rooms::load
