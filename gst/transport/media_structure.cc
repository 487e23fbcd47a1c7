// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/transport/media_structure.h"

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace rooms {
namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return parts;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class T, class F>
std::string joined(const std::vector<T>& items, F&& text_of) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + text_of(item);
  return text;
}

std::string payloads_text(const std::vector<PayloadMapping>& payloads) {
  return joined(payloads, [](const PayloadMapping& m) {
    return std::to_string(m.local) + ":" + std::to_string(m.canonical);
  });
}

std::string extensions_text(const ExtensionIds& ids) {
  std::string text;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] == 0) continue;
    text += (text.empty() ? "" : ",") + std::to_string(ids[i]) + ":" + std::to_string(i);
  }
  return text;
}

std::string feedback_text(const FeedbackSupport& feedback) {
  std::vector<std::string> words;
  if (feedback.nack) words.emplace_back("nack");
  if (feedback.pli) words.emplace_back("pli");
  if (feedback.fir) words.emplace_back("fir");
  if (feedback.transport_cc) words.emplace_back("transport-cc");
  if (feedback.remb) words.emplace_back("remb");
  return joined(words, [](const std::string& word) { return word; });
}

std::string_view text_in(const GstStructure* structure, const char* field) {
  const char* text = gst_structure_get_string(structure, field);
  return text ? text : "";
}

Error bad(const char* field, const char* should_be) {
  return {"media-structure", "The field '" + std::string(field) + "' must be " + should_be + "."};
}

struct Common {
  std::string mid;
  MediaKind kind = MediaKind::kVideo;
  bool active = true;
  std::vector<PayloadMapping> payloads;
  ExtensionIds extensions{};
  FeedbackSupport feedback;
};

Result<std::vector<std::pair<std::uint32_t, std::uint32_t>>> pairs_in(const GstStructure* structure,
                                                                      const char* field,
                                                                      std::uint32_t local_limit,
                                                                      std::uint32_t limit) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const auto part : split(text_in(structure, field))) {
    const auto colon = part.find(':');
    if (colon == std::string_view::npos) return bad(field, "pairs like \"96:96,97:97\"");
    const auto local = number(part.substr(0, colon));
    const auto canonical = number(part.substr(colon + 1));
    if (!local || !canonical || *local >= local_limit || *canonical >= limit)
      return bad(field, "pairs of numbers in range, like \"96:96,97:97\"");
    pairs.emplace_back(*local, *canonical);
  }
  return pairs;
}

Result<Common> common_in(const GstStructure* structure) {
  Common common;
  common.mid = text_in(structure, "mid");
  const auto kind = text_in(structure, "kind");
  if (kind != "audio" && kind != "video") return bad("kind", "\"audio\" or \"video\"");
  common.kind = kind == "audio" ? MediaKind::kAudio : MediaKind::kVideo;
  gboolean active = TRUE;
  gst_structure_get_boolean(structure, "active", &active);
  common.active = active;
  const auto payloads = pairs_in(structure, "payloads", 128, 128);
  if (!payloads) return payloads.error();
  for (const auto& [local, canonical] : *payloads)
    common.payloads.push_back(
        {static_cast<std::uint8_t>(local), static_cast<std::uint8_t>(canonical)});
  const auto extensions = pairs_in(structure, "extensions", 256, kExtensionCount);
  if (!extensions) return extensions.error();
  for (const auto& [local, canonical] : *extensions)
    common.extensions[canonical] = static_cast<std::uint8_t>(local);
  for (const auto word : split(text_in(structure, "feedback"))) {
    common.feedback.nack |= word == "nack";
    common.feedback.pli |= word == "pli";
    common.feedback.fir |= word == "fir";
    common.feedback.transport_cc |= word == "transport-cc";
    common.feedback.remb |= word == "remb";
  }
  return common;
}

Result<std::vector<std::uint32_t>> numbers_in(const GstStructure* structure, const char* field) {
  std::vector<std::uint32_t> numbers;
  for (const auto part : split(text_in(structure, field))) {
    const auto value = number(part);
    if (!value) return bad(field, "numbers like \"1,2,3\"");
    numbers.push_back(*value);
  }
  return numbers;
}

}  // namespace

Owned<GstStructure> to_structure(const ReceivedMedia& media) {
  const auto numbers = [](const std::vector<std::uint32_t>& list) {
    return joined(list, [](std::uint32_t v) { return std::to_string(v); });
  };
  const auto rids = joined(media.rids, [](const std::string& rid) { return rid; });
  return own(gst_structure_new(
      "application/x-sfu-media", "mid", G_TYPE_STRING, media.mid.c_str(), "kind", G_TYPE_STRING,
      std::string(name_of(media.kind)).c_str(), "active", G_TYPE_BOOLEAN, media.active, "payload",
      G_TYPE_UINT, guint{media.payload_type}, "payloads", G_TYPE_STRING,
      payloads_text(media.payloads).c_str(), "extensions", G_TYPE_STRING,
      extensions_text(media.extension_ids).c_str(), "feedback", G_TYPE_STRING,
      feedback_text(media.feedback).c_str(), "rids", G_TYPE_STRING, rids.c_str(), "ssrcs",
      G_TYPE_STRING, numbers(media.ssrcs).c_str(), "rtx-ssrcs", G_TYPE_STRING,
      numbers(media.rtx_ssrcs).c_str(), nullptr));
}

Owned<GstStructure> to_structure(const SendSlot& slot) {
  return own(gst_structure_new(
      "application/x-sfu-slot", "mid", G_TYPE_STRING, slot.mid.c_str(), "kind", G_TYPE_STRING,
      std::string(name_of(slot.kind)).c_str(), "active", G_TYPE_BOOLEAN, slot.active, "ssrc",
      G_TYPE_UINT, slot.ssrc, "rtx-ssrc", G_TYPE_UINT, slot.rtx_ssrc, "payloads", G_TYPE_STRING,
      payloads_text(slot.payloads).c_str(), "extensions", G_TYPE_STRING,
      extensions_text(slot.extension_ids).c_str(), "feedback", G_TYPE_STRING,
      feedback_text(slot.feedback).c_str(), nullptr));
}

Result<ReceivedMedia> received_media_in(const GstStructure* structure) {
  auto common = common_in(structure);
  if (!common) return common.error();
  ReceivedMedia media;
  media.mid = common->mid;
  media.kind = common->kind;
  media.active = common->active;
  media.payloads = std::move(common->payloads);
  media.extension_ids = common->extensions;
  media.feedback = common->feedback;
  guint payload = 0;
  gst_structure_get_uint(structure, "payload", &payload);
  const auto* profile = profile_of(static_cast<std::uint8_t>(payload));
  if (!profile || profile->kind != media.kind)
    return bad("payload", "a canonical payload type of that kind");
  media.payload_type = profile->payload_type;
  media.codec = profile->codec;
  for (const auto rid : split(text_in(structure, "rids"))) media.rids.emplace_back(rid);
  if (media.rids.empty()) media.rids.emplace_back();
  auto ssrcs = numbers_in(structure, "ssrcs");
  if (!ssrcs) return ssrcs.error();
  media.ssrcs = std::move(*ssrcs);
  auto rtx = numbers_in(structure, "rtx-ssrcs");
  if (!rtx) return rtx.error();
  media.rtx_ssrcs = std::move(*rtx);
  return media;
}

Result<SendSlot> send_slot_in(const GstStructure* structure) {
  auto common = common_in(structure);
  if (!common) return common.error();
  SendSlot slot;
  slot.mid = common->mid;
  slot.kind = common->kind;
  slot.active = common->active;
  slot.payloads = std::move(common->payloads);
  slot.extension_ids = common->extensions;
  slot.feedback = common->feedback;
  gst_structure_get_uint(structure, "ssrc", &slot.ssrc);
  gst_structure_get_uint(structure, "rtx-ssrc", &slot.rtx_ssrc);
  return slot;
}

}  // namespace rooms
