#include "converter/options.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/base/version.h"

namespace albicilla {

namespace {

constexpr const char* kAbout =
    "Turns what the proxy logged into datasets.\n\n"
    "Reads every *.jsonl below --logs (our own log lines and those of the older Albicilla) and\n"
    "writes one record per log file: its longest successful conversation with its tools.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-conv --logs ./proxy_logs --output ./output\n"
    "      output/2026-01-13/conversations.jsonl, calls as <tool_call> text\n"
    "  albicilla-conv -l ./proxy_logs -o ./output --single-file --no-json-tool-calls\n"
    "      output/conversations.jsonl, calls as the API has them\n"
    "  albicilla-conv -l ./proxy_logs -o ./output --by-day flat -v\n"
    "      output/2026-01-13.jsonl, with a line per log file on stderr\n\n"
    "Exit codes: 0 done (also when there was nothing to convert), 2 wrong use,\n"
    "3 input unreadable, 4 output not writable.";

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

int refuse(const CLI::App& app, const std::string& reason) {
  std::cerr << app.help() << "\nalbicilla-conv: " << reason << '\n';
  return kExitUsage;
}

std::filesystem::path expand_home(const std::filesystem::path& path) {
  const std::string text = path.string();
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): before any thread
  if (home == nullptr || (text != "~" && !text.starts_with("~/"))) return path;
  return home + text.substr(1);
}

// Refuses any other word; unlike CLI::IsMember it does not repeat the words in --help.
CLI::Validator one_of(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& word) {
        if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
        return "must be one of " + CLI::detail::join(words, ", ") + ", got '" + word + "'";
      },
      "");
}

struct Flags {
  std::string logs;
  std::string output;
  std::string rejects;
  bool json_tool_calls = true;
};

void declare(CLI::App& app, ConvertOptions& options, Flags& flags) {
  app.set_version_flag("--version", std::string("albicilla-conv ") + kVersion);
  app.add_option("-l,--logs", flags.logs, "Log root of the proxy, or one log file")
      ->type_name("DIR")
      ->default_str("./proxy_logs");
  app.add_option("-o,--output", flags.output, "Where the dataset goes; made when missing")
      ->type_name("DIR")
      ->default_str("./output");
  app.add_flag("-s,--single-file", options.single_file,
               "One conversations.jsonl instead of one file per day");
  app.add_option_function<std::string>(
         "--by-day",
         [&options](const std::string& word) {
           options.by_day = word == "flat" ? ByDay::flat : ByDay::dirs;
         },
         "Without --single-file: 'dirs' writes DAY/conversations.jsonl, 'flat' DAY.jsonl")
      ->check(one_of({"dirs", "flat"}))
      ->type_name("dirs|flat")
      ->default_str("dirs");
  app.add_flag("-j,--json-tool-calls,!-J,!--no-json-tool-calls", flags.json_tool_calls,
               "Write calls and results as <tool_call> and <tool_result> text (default);\n"
               "-J keeps them as the API has them")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--rejects", flags.rejects,
                 "List lines that could not be read in FILE (file, line, reason)")
      ->type_name("FILE");
  app.add_flag("-v,--verbose", options.verbose, "Progress and warnings per file on stderr");
}

}  // namespace

std::variant<ConvertOptions, int> parse_options(int argc, const char* const* argv) {
  ConvertOptions options;
  Flags flags;
  CLI::App app(kAbout, "albicilla-conv");
  app.footer(kExamples);
  app.allow_extras();
  try {
    declare(app, options, flags);
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::Error& error) {
    return refuse(app, error.what());
  }
  if (const auto extras = app.remaining(); !extras.empty()) {
    const std::string wanted = extras.front().substr(0, extras.front().find('='));
    return refuse(
        app, "unknown argument '" + extras.front() + "'" + did_you_mean(wanted, flag_names(app)));
  }
  options.calls = flags.json_tool_calls ? CallStyle::json_tool_call : CallStyle::native;
  if (!flags.logs.empty()) options.logs = expand_home(flags.logs);
  if (!flags.output.empty()) options.output = expand_home(flags.output);
  if (!flags.rejects.empty()) options.rejects = expand_home(flags.rejects);
  std::error_code ignored;
  if (!std::filesystem::exists(options.logs, ignored)) {
    return refuse(app, "--logs: no such directory: " + options.logs.string());
  }
  return options;
}

}  // namespace albicilla
