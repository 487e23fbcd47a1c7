// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/tap/tap_description.h"

#include <algorithm>
#include <optional>

namespace rooms {
namespace {

constexpr const char* kFilter = "capsfilter";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Names of elements, of their factories and of their properties.
bool is_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_pad_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '%';
  });
}

/// "t." or "t.src_0": the element of that name.
bool is_reference(std::string_view word) {
  const auto dot = word.find('.');
  return dot != std::string_view::npos && is_name(word.substr(0, dot)) &&
         is_pad_name(word.substr(dot + 1));
}

bool is_filter(std::string_view word) {
  const auto slash = word.find('/');
  return slash != std::string_view::npos && is_name(word.substr(0, slash)) &&
         word.find("//") == std::string_view::npos && word.find('=') > slash;
}

std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

Error syntax(std::string_view word, const std::string& why) {
  return {"tap-syntax", "At '" + std::string(word.substr(0, 64)) + "': " + why};
}

struct Word {
  std::string_view raw;  // as it stands there
  std::string text;      // without quotes
};

/// The next word of `rest`, which it is taken off. nullopt: a quote has no end.
std::optional<Word> next_word(std::string_view& rest) {
  Word word;
  std::size_t at = 0;
  bool in_quotes = false;
  for (; at < rest.size() && (in_quotes || !is_space(rest[at])); ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) {
      word.text += rest[++at];
    } else if (rest[at] == '"') {
      in_quotes = !in_quotes;
    } else {
      word.text += rest[at];
    }
  }
  if (in_quotes) return std::nullopt;
  word.raw = rest.substr(0, at);
  rest.remove_prefix(at);
  return word;
}

class Reader {
 public:
  Status take(const Word& word) {
    if (word.raw == "!") return link();
    if (is_name(word.raw)) return begin_element(std::string(word.raw));
    if (is_reference(word.raw)) return refer(word);
    if (is_filter(word.text)) return filter(word);
    const auto equals = word.raw.find('=');
    if (equals != std::string_view::npos && is_name(word.raw.substr(0, equals)))
      return set(word, word.raw.substr(0, equals));
    return syntax(word.raw,
                  "it is no element, property=value, filter, 'name.' or '!'. Bins in parentheses, "
                  "addresses, presets and properties of children are not understood here.");
  }

  Result<TapDescription> finish() {
    if (description_.elements.empty())
      return Error{"tap-empty", "A tap needs a description such as 'queue ! filesink location=x'."};
    if (linking_) return syntax("!", "nothing follows it.");
    return std::move(description_);
  }

 private:
  Status link() {
    if (!may_link_) return syntax("!", "nothing stands before it.");
    description_.line += " !";
    may_link_ = takes_properties_ = false;
    linking_ = true;
    return Done{};
  }

  Status begin_element(std::string factory) {
    if (description_.elements.size() >= TapDescription::kMostElements)
      return Error{"tap-too-long", "A tap has at most 64 elements."};
    description_.line += " " + factory;
    description_.elements.push_back({std::move(factory), {}});
    may_link_ = takes_properties_ = true;
    linking_ = false;
    return Done{};
  }

  Status refer(const Word& word) {
    description_.line += " " + std::string(word.raw);
    may_link_ = true;
    takes_properties_ = linking_ = false;
    return Done{};
  }

  Status filter(const Word& word) {
    if (!linking_) return syntax(word.raw, "a filter stands behind a '!'.");
    if (auto begun = begin_element(kFilter); !begun) return begun;
    add_property("caps", word.text);
    takes_properties_ = false;
    return Done{};
  }

  Status set(const Word& word, std::string_view name) {
    if (!takes_properties_) return syntax(word.raw, "there is no element whose property it is.");
    auto value = word.text.substr(name.size() + 1);
    if (name == "name" && (!is_name(value) || value == TapDescription::kFrames))
      return syntax(word.raw, "nothing may have that name.");
    add_property(std::string(name), std::move(value));
    return Done{};
  }

  void add_property(std::string name, std::string value) {
    description_.line += " " + name + "=" + quoted(value);
    description_.elements.back().properties.emplace_back(std::move(name), std::move(value));
  }

  TapDescription description_;
  bool may_link_ = false;
  bool linking_ = false;
  bool takes_properties_ = false;
};

}  // namespace

Result<TapDescription> read_tap_description(std::string_view text) {
  if (text.size() > TapDescription::kLongest)
    return Error{"tap-too-long", "A description of a tap has at most 4096 bytes."};
  if (const auto at = text.find('\0'); at != std::string_view::npos)
    return syntax(text.substr(0, at), "a zero byte follows.");
  Reader reader;
  for (auto rest = text; !rest.empty();) {
    if (is_space(rest.front())) {
      rest.remove_prefix(1);
      continue;
    }
    const auto from = rest;
    const auto word = next_word(rest);
    if (!word) return syntax(from, "a quotation mark has no second one.");
    if (auto taken = reader.take(*word); !taken) return taken.error();
  }
  return reader.finish();
}

Status check_tap_elements(const TapDescription& description,
                          const std::vector<std::string>& allowed) {
  for (const auto& element : description.elements) {
    if (element.factory == kFilter) continue;
    if (std::find(allowed.begin(), allowed.end(), element.factory) != allowed.end()) continue;
    return Error{"tap-element", "The element '" + element.factory.substr(0, 64) +
                                    "' is not among those that taps may use here (tap-elements)."};
  }
  return Done{};
}

}  // namespace rooms
