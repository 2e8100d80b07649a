// The one rule that turns a session id, which is foreign text, into a safe file name.
#pragma once

#include <string>
#include <string_view>

namespace albicilla {

// [A-Za-z0-9_-] stay, every other character becomes '_'. When that changed anything, or the result
// is longer than 128 bytes, '~' and 8 hex digits of the id's hash follow (the whole stays within
// 128), so two ids never share a file. Without the ".jsonl".
std::string session_file_name(std::string_view session_id);

}  // namespace albicilla
