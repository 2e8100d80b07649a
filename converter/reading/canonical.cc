#include "converter/reading/canonical.h"

#include <array>

namespace albicilla {

namespace {

// Tell apart equal bytes that mean different things.
enum Seed : std::uint64_t {
  kText = 1,
  kRefusal,
  kImage,
  kOther,
  kName,
  kJson,
  kNoJson,
  kId,
  kNone
};

constexpr std::array<std::string_view, 4> kNotCompared = {"id", "cache_control", "signature",
                                                          "encrypted_content"};

}  // namespace

std::uint64_t id_hash(const RawString& id) {
  return id.body.empty() ? 0 : hash_bytes(id.body, kId).low | 1;
}

std::string_view Canonicalizer::spelled(const RawString& text) {
  if (text.canonical) return text.body;
  scratch_.clear();
  append_respelled(scratch_, text, repairs_);
  return scratch_;
}

Hash128 Canonicalizer::call_hash(Part& call) {
  const Hash128 name = hash_bytes(spelled(call.name), kName);
  std::string_view json = call.arguments;
  bool is_plain_string = false;
  if (call.arguments_kind == ArgumentsKind::json_text ||
      call.arguments_kind == ArgumentsKind::free_text) {
    JsonCursor cursor(call.arguments);
    RawString text;
    cursor.string(text);
    text_.clear();
    append_text(text_, text, repairs_);
    is_plain_string = text.canonical && !text_.empty();
    if (text_.empty()) text_ = "{}";
    json = text_;
  }
  JsonCursor check(json);
  if (call.arguments_kind == ArgumentsKind::free_text || !check.skip() || !check.at_end()) {
    return combine(name, hash_bytes(json, kNoJson));
  }
  scratch_.clear();
  append_canonical_json(scratch_, json, repairs_);
  call.arguments_are_ours = is_plain_string && scratch_ == json;
  return combine(name, hash_bytes(scratch_, kJson));
}

Hash128 Canonicalizer::part_hash(Part& part) {
  switch (part.kind) {
    case PartKind::text:
      return hash_bytes(spelled(part.text), kText);
    case PartKind::refusal:
      return hash_bytes(spelled(part.text), kRefusal);
    case PartKind::image: {
      std::string_view bytes = spelled(part.text);
      const std::size_t comma = bytes.starts_with("data:") ? bytes.find(',') : std::string::npos;
      if (comma != std::string::npos) bytes.remove_prefix(comma + 1);
      if (!bytes.empty()) return hash_bytes(bytes, kImage);
      break;
    }
    case PartKind::call:
      return call_hash(part);
    case PartKind::reasoning:
    case PartKind::media:
    case PartKind::other:
      break;
  }
  scratch_.clear();
  append_canonical_json(scratch_, part.raw, repairs_, kNotCompared);
  return hash_bytes(scratch_, kOther);
}

Hash128 Canonicalizer::text_hash(std::span<const Part> parts) {
  const Part* only = nullptr;
  std::size_t count = 0;
  for (const Part& part : parts) {
    if (part.kind != PartKind::text) continue;
    only = &part;
    ++count;
  }
  if (count == 0) return {};
  if (count == 1) {
    const std::string_view text = strip_trailing_space(spelled(only->text));
    return text.empty() ? Hash128{} : hash_bytes(text, kText);
  }
  text_.clear();
  for (const Part& part : parts) {
    if (part.kind == PartKind::text) append_respelled(text_, part.text, repairs_);
  }
  const std::string_view text = strip_trailing_space(text_);
  return text.empty() ? Hash128{} : hash_bytes(text, kText);
}

ItemKey Canonicalizer::key(const Item& item, std::span<Part> parts, std::vector<CallKey>& calls) {
  ItemKey key;
  key.role = item.role;
  key.result_for = id_hash(item.result_for);
  key.first_call = static_cast<std::uint32_t>(calls.size());
  if (item.role != Role::assistant) {
    static const Hash128 kNobody = hash_bytes({}, kNone);
    const bool is_named = item.role == Role::user && !item.name.body.empty();
    key.text = is_named ? hash_bytes(spelled(item.name), kNone) : kNobody;
    for (Part& part : parts) key.text = combine(key.text, part_hash(part));
    key.has_text = true;
    return key;
  }
  key.text = text_hash(parts);
  key.has_text = key.text != Hash128{};
  for (Part& part : parts) {
    key.has_reasoning = key.has_reasoning || part.kind == PartKind::reasoning;
    if (part.kind == PartKind::text || part.kind == PartKind::reasoning) continue;
    if (part.kind == PartKind::call) {
      calls.push_back({call_hash(part), id_hash(part.id)});
      ++key.call_count;
    } else {
      key.rest = combine(key.rest, part_hash(part));
      key.has_rest = true;
    }
  }
  return key;
}

}  // namespace albicilla
