// What the user asked for: flags in, a value or an exit code out.
#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "converter/format/albicilla.h"

namespace albicilla {

enum class ByDay {
  dirs,  // output/2026-01-13/conversations.jsonl
  flat,  // output/2026-01-13.jsonl
};

struct ConvertOptions {
  std::filesystem::path logs = "proxy_logs";
  std::filesystem::path output = "output";
  std::filesystem::path rejects;  // where refused lines are listed; empty: nowhere
  bool single_file = false;
  ByDay by_day = ByDay::dirs;
  CallStyle calls = CallStyle::json_tool_call;
  bool verbose = false;
};

// Exit codes of albicilla-conv.
inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInput = 3;
inline constexpr int kExitOutput = 4;

// The options, or the exit code after --help, --version (text on stdout) or wrong use (usage and
// the reason on stderr).
std::variant<ConvertOptions, int> parse_options(int argc, const char* const* argv);

}  // namespace albicilla
