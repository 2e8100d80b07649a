// What the user asked for: flags in, a value or an exit code out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "converter/dedupe.h"
#include "converter/format/albicilla.h"
#include "converter/format/registry.h"
#include "converter/output_file.h"
#include "converter/progress.h"
#include "converter/redaction.h"
#include "converter/row_filter.h"
#include "converter/split.h"
#include "converter/tokenizer.h"

namespace albicilla {

enum class ByDay : std::uint8_t {
  dirs,  // output/2026-01-13/conversations.jsonl
  flat,  // output/2026-01-13.jsonl
};

// Where a row's provenance goes.
enum class MetaPlace : std::uint8_t { none, sidecar, inside };

struct ConvertOptions {
  std::filesystem::path logs = "proxy_logs";
  std::vector<std::filesystem::path> more_logs;  // of further sinks
  std::filesystem::path output = "output";
  const DatasetFormat* format = &albicilla_format();
  View view = View::trajectory;
  std::filesystem::path rejects;  // where refused lines and rows are listed; empty: nowhere
  bool single_file = false;
  ByDay by_day = ByDay::dirs;
  Compression compression = Compression::none;
  MetaPlace meta = MetaPlace::none;
  CallStyle calls = CallStyle::json_tool_call;
  RowFilter filter;
  bool drop_helpers = false;
  Dedupe dedupe = Dedupe::none;
  Split split;
  std::shared_ptr<const Redaction> redaction;
  bool redact_check = false;
  bool tokens = false;
  std::shared_ptr<const Tokenizer> tokenizer;  // none: tokens are estimated
  std::filesystem::path state;                 // empty: nothing is remembered
  bool report = false;
  bool manifest = false;
  bool dry_run = false;
  ProgressStyle progress = ProgressStyle::none;
  bool check_chain = true;
  bool include_poisoned = false;
  bool strict = false;
  bool verbose = false;
  std::size_t jobs = 1;

  std::vector<std::filesystem::path> log_roots() const {
    std::vector<std::filesystem::path> roots = more_logs;
    roots.insert(roots.begin(), logs);
    return roots;
  }
  // The compatibility format makes one record of each log file.
  bool per_file() const { return format == &albicilla_format(); }
  // What the user typed of all that the bytes of a row depend on, with the content of the files
  // that it names.
  std::string fingerprint;
};

// Exit codes of albicilla-conv.
inline constexpr int kExitOk = 0;
inline constexpr int kExitRejects = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInput = 3;
inline constexpr int kExitOutput = 4;
inline constexpr int kExitInterrupted = 130;

// The options, or the exit code after --help, --version (text on stdout) or wrong use (usage and
// the reason on stderr).
std::variant<ConvertOptions, int> parse_options(int argc, const char* const* argv);

}  // namespace albicilla
