// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/config.h"

#include <algorithm>
#include <map>

#include "server/config_file.h"
#include "server/config_option.h"

namespace rooms {
namespace {

struct CommandLine {
  Action action = Action::kServe;
  std::string config_file;
  std::map<const ConfigOption*, OptionValues> values;
};

Error wrong_flag(std::string message) {
  return {"bad-flag", std::move(message) + "\n(--help lists the flags)"};
}

/// Words that take no value. Nothing: it is another flag.
std::optional<Action> action_of(std::string_view flag) {
  if (flag == "help" || flag == "h") return Action::kShowHelp;
  if (flag == "version") return Action::kShowVersion;
  if (flag == "print-config") return Action::kShowConfig;
  return std::nullopt;
}

struct Flag {
  std::string name;
  std::optional<std::string> value;
};

Result<Flag> split_flag(const std::string& argument) {
  if (argument == "-h") return Flag{"help", {}};
  if (!argument.starts_with("--") || argument.size() == 2) {
    return wrong_flag("'" + argument + "' is not a flag: flags look like --listen 127.0.0.1:8080");
  }
  const auto equals = argument.find('=');
  if (equals == std::string::npos) return Flag{argument.substr(2), {}};
  return Flag{argument.substr(2, equals - 2), argument.substr(equals + 1)};
}

Result<CommandLine> read_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto flag = split_flag(arguments[i]);
    if (!flag) return flag.error();
    if (const auto action = action_of(flag->name)) {
      // The first one wins: `--help --version` is a question about the former.
      if (line.action == Action::kServe) line.action = *action;
      continue;
    }
    const ConfigOption* option = config_option(flag->name);
    if (!option && flag->name != "config") {
      return wrong_flag("There is no flag --" + flag->name + meant_option(flag->name, "--"));
    }
    if (!flag->value) {
      const bool last = i + 1 == arguments.size();
      if (last || arguments[i + 1].starts_with("--")) {
        const std::string value(option ? option->value : "FILE");
        return wrong_flag("--" + flag->name + " wants a value: --" + flag->name + " " + value);
      }
      flag->value = arguments[++i];
    }
    if (option) {
      line.values[option].push_back(*flag->value);
    } else {
      line.config_file = *flag->value;
    }
  }
  return line;
}

}  // namespace

Result<Invocation> read_invocation(const std::vector<std::string>& arguments) {
  auto line = read_command_line(arguments);
  if (!line) return line.error();
  Invocation invocation{line->action, {}};
  if (line->action == Action::kShowHelp || line->action == Action::kShowVersion) return invocation;
  if (!line->config_file.empty()) {
    if (auto read = read_config_file(line->config_file, invocation.config); !read) {
      return read.error();
    }
  }
  for (const auto& [option, values] : line->values) {
    if (auto set = option->set(invocation.config, values); !set) {
      return wrong_flag("--" + std::string(option->name) + " " + values.back() + ": the value " +
                        set.error().message);
    }
  }
  if (auto checked = check_together(invocation.config); !checked) return checked.error();
  return invocation;
}

std::string config_text(const Config& config) {
  std::string text;
  std::string_view section;
  for (const auto& option : config_options()) {
    if (option.section != section) {
      section = option.section;
      text += (text.empty() ? "[" : "\n[") + std::string(section) + "]\n";
    }
    const auto values = option.get(config);
    text += "# " + std::string(option.help) + "\n";
    if (values.empty()) text += "# ";
    text += std::string(option.name) + " =";
    for (const auto& value : values) text += (&value == values.data() ? " " : ";") + value;
    text += "\n";
  }
  return text;
}

std::string help_text() {
  static const std::map<std::string_view, std::string_view> kTitles{
      {"server", "Web server"},
      {"rooms", "Rooms"},
      {"media", "Media"},
      {"turn", "STUN and TURN servers for clients"},
      {"recording", "Recordings"},
      {"push", "Rooms pushed to other servers"},
      {"hls", "HTTP Live Streaming"},
      {"rtsp", "RTSP out of rooms"},
      {"sources", "Streams into rooms"},
      {"taps", "Pipelines on tracks"},
      {"limits", "Limits"}};
  std::string text =
      "gst-rooms-server: conference rooms for browsers, WHIP and WHEP\n\n"
      "Usage: gst-rooms-server [flags]\n";
  std::string_view section;
  const auto add = [&](const std::string& flag, std::string_view help) {
    text += "  " + flag + std::string(flag.size() < 26 ? 26 - flag.size() : 1, ' ') +
            std::string(help) + "\n";
  };
  for (const auto& option : config_options()) {
    if (option.section != section) {
      section = option.section;
      text += "\n" + std::string(kTitles.at(section)) + "\n";
    }
    add("--" + std::string(option.name) + " " + std::string(option.value),
        std::string(option.help) + (option.repeatable ? "; may be repeated" : ""));
  }
  text += "\nGeneral\n";
  add("--config FILE", "read these settings from FILE first; flags win over it");
  add("--print-config", "print the settings as such a FILE and end");
  add("--help, --version", "what you expect");
  text +=
      "\nExamples\n"
      "  gst-rooms-server\n"
      "      rooms for this machine and its network: http://localhost:8080/?room=demo\n"
      "  gst-rooms-server --listen :443 --tls-cert chain.pem --tls-key key.pem\n"
      "      for phones, which give camera and microphone to https pages only\n"
      "  gst-rooms-server --announce-ip 203.0.113.7 --udp-port 3478\n"
      "      behind 1:1 NAT or in a container: open 8080/tcp and 3478/udp\n"
      "  gst-rooms-server --turn turn:turn.example.org:3478?transport=udp --turn-secret s3cret\n"
      "      with a coturn that runs with use-auth-secret and static-auth-secret=s3cret\n"
      "  gst-rooms-server --print-config > rooms.conf; gst-rooms-server --config rooms.conf\n";
  return text;
}

}  // namespace rooms
