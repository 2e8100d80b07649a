// A conversation's calls as formats write them: with an id, a name and arguments of the wanted
// kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/format/row_writer.h"
#include "converter/reading/conversation.h"

namespace albicilla {

// The calls among a turn's parts, in their order.
std::vector<const Part*> calls_of(const Turn& turn);
// The call that a tool turn answers.
const Part* answered_call(const Conversation& conversation, const Turn& turn);

// A call's own id, or one made from its place when it has none. Inside of a JSON string.
std::string call_id(const Conversation& conversation, std::uint32_t turn, std::uint32_t call);
// Exactly nine letters and digits, made from the call's place in the conversation.
std::string nine_letter_id(std::uint32_t turn, std::uint32_t call);

// Arguments as one JSON value in plain text; what is no JSON becomes {"input": text}.
std::string arguments_json(const Part& call);
// The same as the inside of a JSON string, where it can be copied from what was sent.
std::optional<RawString> arguments_string(const Part& call);
// True when that is an object.
bool are_object(std::string_view arguments);

}  // namespace albicilla
