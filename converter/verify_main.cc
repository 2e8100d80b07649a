// albicilla-verify: is this log what the sink wrote? Offline, reads only.
#include <unistd.h>

#include <array>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/base/version.h"
#include "converter/verify/log_check.h"

namespace albicilla {
namespace {

constexpr int kWrongUse = 64;

constexpr const char* kAbout =
    "Checks a log root: every line's hash chain, every file against the signed checkpoints of its\n"
    "day, every record against the ledger. One line for each fault: kind, file:line, what is "
    "wrong.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-verify ./proxy_logs\n"
    "  albicilla-verify ./proxy_logs --day 2026-01-13\n"
    "  albicilla-verify /logs/sink-1 /logs/sink-2\n"
    "  albicilla-verify ./proxy_logs --pub public_key --anchor checkpoints-seen-elsewhere\n\n"
    "Without --pub the log's first key is believed: that shows damage, not a log that was made "
    "anew.\n"
    "Kinds: edit, delete, insert, reorder, truncate, missing, extra, bad signature, duplicate; "
    "gap.\n"
    "Exit codes: 0 sound, 1 tampered, 2 sound with lines that no checkpoint covers yet, 3 sound\n"
    "with gaps that the sink names itself, 64 wrong use or unreadable; of several roots the worst.";

struct Arguments {
  std::vector<std::string> roots;
  std::vector<std::string> days;
  std::vector<std::string> keys;     // one for each root, or none
  std::vector<std::string> anchors;  // the same
  bool quiet = false;
};

// The key itself in hex, or a file that holds it.
Result<PublicKey> read_key(const std::string& argument) {
  std::string text = argument;
  if (std::ifstream file(argument); file) std::getline(file, text);
  const auto key = public_key_from_hex(text);
  if (!key)
    return client_error("--pub must be 64 hex digits or a file of them, got '" + argument + "'");
  return *key;
}

// Redrawn a hundred times in all, on a terminal only.
class ProgressBar {
 public:
  explicit ProgressBar(bool shown) : shown_(shown) {}
  void show(const LogCheckProgress& progress) {
    if (!shown_ || progress.total_bytes == 0) return;
    const std::uint64_t percent = std::min<std::uint64_t>(
        100, progress.bytes * 100 / std::max<std::uint64_t>(1, progress.total_bytes));
    if (percent == percent_) return;
    percent_ = percent;
    const auto filled = static_cast<std::size_t>(percent / 2);
    std::cerr << "\r[" << std::string(filled, '#') << std::string(50 - filled, ' ') << "] "
              << percent << " %" << std::flush;
  }
  void clear() {
    if (shown_ && percent_ != kNothing) std::cerr << "\r" << std::string(60, ' ') << "\r";
    percent_ = kNothing;
  }

 private:
  static constexpr std::uint64_t kNothing = 1000;
  bool shown_;
  std::uint64_t percent_ = kNothing;
};

int run_one(const LogCheckRequest& request, const std::string& shown_root, bool quiet) {
  ProgressBar bar(!quiet && ::isatty(STDERR_FILENO) == 1);
  const auto outcome = check_log(
      request,
      [&](const LogFault& fault) {
        bar.clear();
        std::cout << to_string(fault.kind) << " "
                  << (fault.file.empty() ? "-" : shown_root + fault.file);
        if (fault.line > 0) std::cout << ":" << fault.line;
        std::cout << " " << fault.detail << "\n";
      },
      [&](const LogCheckProgress& progress) { bar.show(progress); });
  bar.clear();
  if (!outcome) {
    std::cerr << "albicilla-verify: " << outcome.error().message << "\n";
    return kWrongUse;
  }
  std::cout << outcome->ledger.text() << outcome->files << " files, " << outcome->lines
            << " lines, " << outcome->checkpoints << " checkpoints: " << outcome->faults
            << " faults, " << outcome->gaps << " gaps, " << outcome->unsigned_lines
            << " lines not covered by a checkpoint\n";
  if (const Ledger::Ended ended = outcome->ledger.ended(); ended.producers > 0) {
    std::cout << ended.producers << " producers have ended, they opened " << ended.opened
              << " exchanges and closed " << ended.closed << "\n";
  }
  if (const std::uint64_t erased = outcome->ledger.erased(); erased > 0) {
    std::cout << erased << " lines erased, signed tombstones stand for them\n";
  }
  if (outcome->removed_days > 0) {
    std::cout << outcome->removed_days << " days with " << outcome->removed_lines
              << " lines let go, signed statements say so\n";
  }
  return outcome->exit_code();
}

// What weighs more: unreadable, tampered, gaps, a tail, nothing.
int worse(int a, int b) {
  constexpr std::array kFromBad{kWrongUse, 1, 3, 2};
  for (const int code : kFromBad) {
    if (a == code || b == code) return code;
  }
  return 0;
}

int run(const Arguments& arguments) {
  const std::size_t roots = arguments.roots.size();
  for (const auto* each : {&arguments.keys, &arguments.anchors}) {
    if (each->empty() || each->size() == roots) continue;
    std::cerr << "albicilla-verify: --pub and --anchor are given once for each LOG_ROOT\n";
    return kWrongUse;
  }
  int worst = 0;
  for (std::size_t i = 0; i < roots; ++i) {
    LogCheckRequest request;
    request.root = arguments.roots[i];
    request.days = arguments.days;
    if (!arguments.anchors.empty()) request.anchors = arguments.anchors[i];
    if (!arguments.keys.empty()) {
      const auto key = read_key(arguments.keys[i]);
      if (!key) {
        std::cerr << "albicilla-verify: " << key.error().message << "\n";
        return kWrongUse;
      }
      request.pinned = *key;
    }
    if (roots > 1) std::cout << "# " << arguments.roots[i] << "\n";
    worst =
        worse(worst, run_one(request, roots > 1 ? arguments.roots[i] + "/" : "", arguments.quiet));
  }
  return worst;
}

int parse_and_run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(kAbout, "albicilla-verify");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("albicilla-verify ") + kVersion);
  app.add_option("LOG_ROOT", arguments.roots, "directories of the logs, one for each sink")
      ->required();
  app.add_option("--day", arguments.days, "only this day, 2026-01-13; repeatable")
      ->expected(1)
      ->allow_extra_args(false)
      ->type_name("DAY");
  app.add_option("--pub", arguments.keys,
                 "public key of the sink, or a file with it; once for each LOG_ROOT")
      ->expected(1)
      ->allow_extra_args(false)
      ->type_name("KEY");
  app.add_option("--anchor", arguments.anchors,
                 "checkpoints seen elsewhere, 'number hash' a line; once for each LOG_ROOT")
      ->expected(1)
      ->allow_extra_args(false)
      ->type_name("FILE");
  app.add_flag("--quiet,-q", arguments.quiet, "no progress bar");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion&) {
    std::cout << app.version() << "\n";
    return 0;
  } catch (const CLI::ParseError& error) {
    std::string message = error.what();
    const std::vector<std::string> unknown = app.remaining();
    if (!unknown.empty()) {
      const std::vector<std::string> known = {"--day",   "--pub",  "--anchor",
                                              "--quiet", "--help", "--version"};
      message = "unknown argument " + unknown.front() + did_you_mean(unknown.front(), known);
    }
    std::cerr << "albicilla-verify: " << message << "; --help lists the flags\n";
    return kWrongUse;
  }
  return run(arguments);
}

}  // namespace
}  // namespace albicilla

int main(int argc, char** argv) { return albicilla::parse_and_run(argc, argv); }
