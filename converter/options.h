// What the user asked for: flags in, a value or an exit code out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>

#include "converter/format/albicilla.h"
#include "converter/format/registry.h"
#include "converter/output_file.h"

namespace albicilla {

enum class ByDay : std::uint8_t {
  dirs,  // output/2026-01-13/conversations.jsonl
  flat,  // output/2026-01-13.jsonl
};

// Where a row's provenance goes.
enum class MetaPlace : std::uint8_t { none, sidecar };

struct ConvertOptions {
  std::filesystem::path logs = "proxy_logs";
  std::filesystem::path output = "output";
  const DatasetFormat* format = &albicilla_format();
  View view = View::trajectory;
  std::filesystem::path rejects;  // where refused lines and rows are listed; empty: nowhere
  bool single_file = false;
  ByDay by_day = ByDay::dirs;
  Compression compression = Compression::none;
  MetaPlace meta = MetaPlace::none;
  CallStyle calls = CallStyle::json_tool_call;
  bool check_chain = true;
  bool include_poisoned = false;
  bool strict = false;
  bool verbose = false;
  std::size_t jobs = 1;

  // The compatibility format makes one record of each log file.
  bool per_file() const { return format == &albicilla_format(); }
};

// Exit codes of albicilla-conv.
inline constexpr int kExitOk = 0;
inline constexpr int kExitRejects = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInput = 3;
inline constexpr int kExitOutput = 4;

// The options, or the exit code after --help, --version (text on stdout) or wrong use (usage and
// the reason on stderr).
std::variant<ConvertOptions, int> parse_options(int argc, const char* const* argv);

}  // namespace albicilla
