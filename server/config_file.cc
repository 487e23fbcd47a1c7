// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server/config_file.h"

#include <glib.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "server/config_option.h"
#include "server/nearest_name.h"

namespace rooms {
namespace {

struct KeyFileFree {
  void operator()(GKeyFile* file) const { g_key_file_free(file); }
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// GKeyFile reads the values but does not tell lines; this pass looks at nothing else than who
/// stands where.
class LineCheck {
 public:
  explicit LineCheck(const std::string& path) : path_(path) {}

  Status check(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
      ++number_;
      const auto content = trimmed(line);
      if (content.empty() || content.front() == '#') continue;
      auto checked = content.front() == '[' ? check_section(content) : check_key(content);
      if (!checked) return checked;
    }
    return Done{};
  }

  [[nodiscard]] Error error_at(std::string_view key, std::string message) const {
    const auto line = lines_.find(key);
    return at(line == lines_.end() ? 0 : line->second, std::move(message));
  }

 private:
  [[nodiscard]] Error at(int line, std::string message) const {
    return {"bad-config", path_ + ", line " + std::to_string(line) + ": " + std::move(message)};
  }

  Status check_section(std::string_view content) {
    if (content.back() != ']') return at(number_, "the section has no closing ']'");
    section_ = content.substr(1, content.size() - 2);
    std::vector<std::string_view> known;
    for (const auto& option : config_options()) {
      if (known.empty() || known.back() != option.section) known.push_back(option.section);
    }
    if (std::find(known.begin(), known.end(), section_) != known.end()) return Done{};
    std::string message = "there is no section [" + section_ + "]";
    if (const auto meant = nearest_name(section_, known)) {
      message += "; did you mean [" + std::string(*meant) + "]?";
    } else {
      message += "; there are [server], [media], [turn] and [limits]";
    }
    return at(number_, std::move(message));
  }

  Status check_key(std::string_view content) {
    const auto equals = content.find('=');
    if (equals == std::string_view::npos) {
      return at(number_, "'" + std::string(content) +
                             "' is neither a [section], a '# comment' nor 'key = value'");
    }
    const std::string key(trimmed(content.substr(0, equals)));
    const ConfigOption* option = config_option(key);
    if (!option) return at(number_, "there is no setting '" + key + "'" + meant_option(key, ""));
    if (option->section != section_) {
      return at(number_,
                "'" + key + "' belongs to section [" + std::string(option->section) + "], not " +
                    (section_.empty() ? "before the first section" : "[" + section_ + "]"));
    }
    const auto [earlier, fresh] = lines_.emplace(key, number_);
    if (!fresh) {
      return at(number_, "'" + key + "' is set on line " + std::to_string(earlier->second) +
                             " already" +
                             (option->repeatable ? "; put several values in one line: a;b" : ""));
    }
    return Done{};
  }

  std::string path_;
  std::string section_;
  int number_ = 0;
  std::map<std::string, int, std::less<>> lines_;
};

Result<std::string> read_text(const std::string& path) {
  char* contents = nullptr;
  gsize length = 0;
  GError* problem = nullptr;
  if (!g_file_get_contents(path.c_str(), &contents, &length, &problem)) {
    std::string message = problem->message;
    g_error_free(problem);
    return Error{"bad-config", std::move(message)};
  }
  std::string text(contents, length);
  g_free(contents);
  return text;
}

OptionValues values_of(GKeyFile* file, const ConfigOption& option) {
  const std::string section(option.section);
  const std::string name(option.name);
  OptionValues values;
  if (!option.repeatable) {
    char* value = g_key_file_get_string(file, section.c_str(), name.c_str(), nullptr);
    if (value) values.emplace_back(trimmed(value));
    g_free(value);
    return values;
  }
  char** list = g_key_file_get_string_list(file, section.c_str(), name.c_str(), nullptr, nullptr);
  for (char** value = list; value && *value; ++value) values.emplace_back(trimmed(*value));
  g_strfreev(list);
  return values;
}

}  // namespace

Status read_config_file(const std::string& path, Config& config) {
  auto text = read_text(path);
  if (!text) return text.error();
  LineCheck lines(path);
  if (auto checked = lines.check(*text); !checked) return checked;

  const std::unique_ptr<GKeyFile, KeyFileFree> file(g_key_file_new());
  GError* problem = nullptr;
  if (!g_key_file_load_from_data(file.get(), text->c_str(), text->size(), G_KEY_FILE_NONE,
                                 &problem)) {
    std::string message = path + ": " + problem->message;
    g_error_free(problem);
    return Error{"bad-config", std::move(message)};
  }
  for (const auto& option : config_options()) {
    const std::string name(option.name);
    if (!g_key_file_has_key(file.get(), std::string(option.section).c_str(), name.c_str(),
                            nullptr)) {
      continue;
    }
    const auto values = values_of(file.get(), option);
    if (values.empty()) return lines.error_at(name, "'" + name + "' has no value");
    if (auto set = option.set(config, values); !set) {
      return lines.error_at(name, "'" + name + "' " + set.error().message);
    }
  }
  return Done{};
}

}  // namespace rooms
