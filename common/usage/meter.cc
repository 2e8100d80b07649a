#include "common/usage/meter.h"

#include <array>

#include "common/json/walk.h"

namespace albicilla {

namespace {

// Members whose strings are no text for the model, or no text at all.
constexpr std::array<std::string_view, 20> kNoText = {
    "id",           "type",          "role",
    "object",       "model",         "status",
    "signature",    "data",          "url",
    "image_url",    "file_data",     "call_id",
    "format",       "finish_reason", "media_type",
    "tool_call_id", "tool_use_id",   "encrypted_content",
    "obfuscation",  "b64_json"};
// Where the prompt stands in a request, and the answer in a response.
constexpr std::array<std::string_view, 8> kPrompts = {
    "messages", "input", "prompt", "suffix", "system", "instructions", "tools", "functions"};
constexpr std::array<std::string_view, 3> kAnswers = {"choices", "content", "output"};
constexpr std::size_t kBytesPerToken = 4;

template <std::size_t N>
bool is_one_of(std::string_view key, const std::array<std::string_view, N>& keys) {
  for (const std::string_view known : keys) {
    if (key == known) return true;
  }
  return false;
}

// Bytes of the string once its escapes are undone; a pair of surrogate escapes is one character.
std::uint64_t string_bytes(std::string_view inside) {
  if (inside.find('\\') == std::string_view::npos) return inside.size();
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < inside.size(); ++bytes) {
    const bool escape = inside[i] == '\\' && i + 1 < inside.size();
    if (!escape) {
      ++i;
    } else if (inside[i + 1] == 'u') {
      i += 6;
      ++bytes;  // two bytes: between one of ASCII and three of the rest, four of a pair
    } else {
      i += 2;
    }
  }
  return bytes;
}

template <std::size_t N>
std::uint64_t text_bytes_at(std::string_view object, const std::array<std::string_view, N>& keys) {
  std::uint64_t bytes = 0;
  JsonMember member;
  for (JsonMembers all(object); all.next(member);) {
    if (is_one_of(member.key, keys)) bytes += text_bytes(member.value);
  }
  return bytes;
}

std::uint64_t tokens_of(std::uint64_t bytes) {
  return (bytes + kBytesPerToken - 1) / kBytesPerToken;
}

}  // namespace

std::uint64_t text_bytes(std::string_view json) {
  const JsonKind kind = json_kind(json);
  if (kind == JsonKind::string) return string_bytes(json_inside(json));
  std::uint64_t bytes = 0;
  if (kind == JsonKind::array) {
    std::string_view element;
    for (JsonElements all(json); all.next(element);) bytes += text_bytes(element);
  } else if (kind == JsonKind::object) {
    JsonMember member;
    for (JsonMembers all(json); all.next(member);) {
      if (!is_one_of(member.key, kNoText)) bytes += text_bytes(member.value);
    }
  }
  return bytes;
}

Usage meter(const Dialect& dialect, const MeteredTexts& texts, const ResponseFacts& said) {
  Usage usage = said.usage;
  const bool exact = usage.source == Usage::Source::exact;
  // An Anthropic stream starts with the prompt's count and a first guess of the answer's; the real
  // one comes with the stop reason.
  const bool cut = exact && said.stopped_early;
  if ((exact && !cut) || !dialect.generates()) return usage;
  const std::uint64_t written = text_bytes_at(texts.response, kAnswers);
  if (written == 0 && !cut) return usage;
  usage.source = Usage::Source::estimated;
  if (!usage.input_tokens) usage.input_tokens = tokens_of(text_bytes_at(texts.request, kPrompts));
  usage.output_tokens = tokens_of(written);
  usage.total_tokens = *usage.input_tokens + *usage.output_tokens;
  return usage;
}

std::string_view to_string(Usage::Source source) {
  constexpr std::array<std::string_view, 3> kSources = {"unknown", "exact", "estimated"};
  return kSources[static_cast<std::size_t>(source)];
}

}  // namespace albicilla
