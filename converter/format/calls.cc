#include "converter/format/calls.h"

#include "converter/reading/hash128.h"

namespace albicilla {

std::vector<const Part*> calls_of(const Turn& turn) {
  std::vector<const Part*> calls;
  for (const Part& part : turn.parts) {
    if (part.kind == PartKind::call) calls.push_back(&part);
  }
  return calls;
}

const Part* answered_call(const Conversation& conversation, const Turn& turn) {
  if (turn.call_turn >= conversation.turns.size()) return nullptr;
  std::uint32_t place = 0;
  for (const Part& part : conversation.turns[turn.call_turn].parts) {
    if (part.kind == PartKind::call && place++ == turn.call) return &part;
  }
  return nullptr;
}

std::string call_id(const Conversation& conversation, std::uint32_t turn, std::uint32_t call) {
  const auto calls = calls_of(conversation.turns[turn]);
  if (call < calls.size() && !calls[call]->id.body.empty()) {
    std::string id;
    TextRepairs repairs;
    append_respelled(id, calls[call]->id, repairs);
    return id;
  }
  return "call_" + std::to_string(turn) + "_" + std::to_string(call);
}

std::string nine_letter_id(std::uint32_t turn, std::uint32_t call) {
  constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const std::string place = std::to_string(turn) + "/" + std::to_string(call);
  std::uint64_t bits = hash_bytes(place).low;
  std::string id;
  for (int i = 0; i < 9; ++i, bits /= kLetters.size())
    id.push_back(kLetters[bits % kLetters.size()]);
  return id;
}

std::string arguments_json(const Part& call) {
  TextRepairs repairs;
  std::string json;
  if (call.arguments_kind == ArgumentsKind::json) {
    append_compact_json(json, call.arguments, repairs);
    return json;
  }
  std::string text;
  JsonCursor cursor(call.arguments);
  RawString raw;
  if (call.arguments_kind != ArgumentsKind::none && cursor.string(raw)) {
    append_text(text, raw, repairs);
  }
  if (call.arguments_are_ours) return text;
  if (text.empty() && call.arguments_kind != ArgumentsKind::free_text) return "{}";
  JsonCursor check(text);
  if (call.arguments_kind == ArgumentsKind::json_text && check.skip() && check.at_end()) {
    append_compact_json(json, text, repairs);
    return json;
  }
  json = "{\"input\":\"";
  append_escaped(json, text);
  return json + "\"}";
}

std::optional<RawString> arguments_string(const Part& call) {
  if (!call.arguments_are_ours) return std::nullopt;
  return RawString{call.arguments.substr(1, call.arguments.size() - 2), true, true};
}

bool are_object(std::string_view arguments) { return arguments.starts_with('{'); }

}  // namespace albicilla
