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
    "Reads every *.jsonl (also .zst and .gz) below --logs: our own log lines and those of the "
    "older\n"
    "Albicilla. By default it writes one record per log file, its longest successful conversation\n"
    "with its tools. Every other --format rebuilds the conversations of each session over all its\n"
    "files: retries, edits, sub-agents and parallel requests become trees, and --view says what "
    "is\n"
    "made of them.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-conv --logs ./proxy_logs --output ./output\n"
    "      output/2026-01-13/conversations.jsonl, calls as <tool_call> text\n"
    "  albicilla-conv -l ./proxy_logs -o ./output --single-file --no-json-tool-calls\n"
    "      output/conversations.jsonl, calls as the API has them\n"
    "  albicilla-conv -l ./proxy_logs -o ./output --by-day flat -v\n"
    "      output/2026-01-13.jsonl, with a line per log file on stderr\n\n"
    "  albicilla-conv -l ./proxy_logs -o ./train --format openai --single-file\n"
    "      train/conversations.jsonl for fine-tuning, train/conversations.meta.jsonl says where\n"
    "      each row comes from, train/rejects.jsonl what was left out and why\n\n"
    "Exit codes: 0 done (also when there was nothing to convert), 1 rejects with --strict,\n"
    "2 wrong use, 3 input unreadable, 4 output not writable.";

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
  std::string format;
  std::string view;
  std::string compress;
  std::string meta;
  bool json_tool_calls = true;
};

void declare_places(CLI::App& app, ConvertOptions& options, Flags& flags) {
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
  app.add_option("--compress", flags.compress, "Write .zst or .gz files")
      ->check(one_of({"zst", "gz"}))
      ->type_name("zst|gz");
  app.add_option("--rejects", flags.rejects,
                 "List what could not be read or written in FILE (file, line, reason)")
      ->type_name("FILE")
      ->default_str("OUTPUT/rejects.jsonl (albicilla: none)");
}

void declare_content(CLI::App& app, ConvertOptions& options, Flags& flags) {
  app.add_option("-f,--format", flags.format, "What to write; see the list below")
      ->type_name("NAME")
      ->default_str("albicilla");
  app.add_flag("-j,--json-tool-calls,!-J,!--no-json-tool-calls", flags.json_tool_calls,
               "albicilla: write calls and results as <tool_call> and <tool_result> text\n"
               "(default); -J keeps them as the API has them")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("--view", flags.view,
                 "trajectory: each conversation once; call: each exchange as it was sent;\n"
                 "turn: each answer with what was before it")
      ->check(one_of({"trajectory", "call", "turn"}))
      ->type_name("VIEW")
      ->default_str("trajectory");
  app.add_option("--meta", flags.meta,
                 "Where each row comes from: sidecar writes a .meta.jsonl beside each file")
      ->check(one_of({"sidecar", "none"}))
      ->type_name("sidecar|none")
      ->default_str("sidecar (albicilla: none)");
  app.add_flag("--include-poisoned", options.include_poisoned,
               "Also convert sessions whose log has lost or altered lines");
}

void declare_run(CLI::App& app, ConvertOptions& options) {
  app.add_option("--jobs", options.jobs, "Sessions to work on side by side (also -j N)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256}))
      ->type_name("N")
      ->default_str("1");
  app.add_flag("!--no-check-chain", options.check_chain,
               "Do not follow the hash chain of the log files");
  app.add_flag("--strict", options.strict, "Exit with 1 when anything was rejected");
  app.add_flag("-v,--verbose", options.verbose, "Progress and warnings per file on stderr");
}

std::string format_list() {
  std::string list = "Formats:\n";
  for (const DatasetFormat* format : dataset_formats()) {
    std::string name(format->name());
    name.resize(24, ' ');
    list += "  " + name + std::string(format->summary()) + "\n";
  }
  return list + "\n";
}

// Takes the format; empty, or what is wrong.
std::string apply_format(const Flags& flags, ConvertOptions& options) {
  if (!flags.format.empty()) options.format = find_format(flags.format);
  if (options.format == nullptr) {
    std::vector<std::string> names;
    for (const DatasetFormat* format : dataset_formats()) names.emplace_back(format->name());
    return "--format: there is no format '" + flags.format + "'" +
           did_you_mean(flags.format, names);
  }
  if (options.per_file() && !flags.view.empty()) {
    return "--view: the albicilla format has only one; choose another --format";
  }
  if (options.per_file() && flags.meta == "sidecar") return "--meta: the albicilla format has none";
  if (flags.view == "call") options.view = View::call;
  if (flags.view == "turn") options.view = View::turn;
  const bool sidecar = !options.per_file() && flags.meta != "none";
  options.meta = sidecar ? MetaPlace::sidecar : MetaPlace::none;
  options.calls = flags.json_tool_calls ? CallStyle::json_tool_call : CallStyle::native;
  return "";
}

// Takes the places; empty, or what is wrong.
std::string apply_places(const Flags& flags, ConvertOptions& options) {
  if (!flags.logs.empty()) options.logs = expand_home(flags.logs);
  if (!flags.output.empty()) options.output = expand_home(flags.output);
  if (flags.compress == "zst") options.compression = Compression::zstd;
  if (flags.compress == "gz") options.compression = Compression::gzip;
  if (!flags.rejects.empty()) {
    options.rejects = expand_home(flags.rejects);
  } else if (!options.per_file()) {
    options.rejects = options.output / "rejects.jsonl";
  }
  std::error_code ignored;
  if (std::filesystem::exists(options.logs, ignored)) return "";
  return "--logs: no such directory: " + options.logs.string();
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "-j 4" and "-j4" are --jobs; "-j" alone is the predecessor's flag.
std::vector<std::string> spelled_out(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "-j" && i + 1 < argc && is_number(argv[i + 1])) {
      arguments.push_back(std::string("--jobs=") + argv[++i]);
    } else if (argument.starts_with("-j") && is_number(argument.substr(2))) {
      arguments.push_back("--jobs=" + std::string(argument.substr(2)));
    } else {
      arguments.emplace_back(argument);
    }
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  return arguments;
}

}  // namespace

std::variant<ConvertOptions, int> parse_options(int argc, const char* const* argv) {
  ConvertOptions options;
  Flags flags;
  CLI::App app(kAbout, "albicilla-conv");
  app.footer(format_list() + kExamples);
  app.allow_extras();
  try {
    declare_places(app, options, flags);
    declare_content(app, options, flags);
    declare_run(app, options);
    app.set_version_flag("--version", std::string("albicilla-conv ") + kVersion);
    app.parse(spelled_out(argc, argv));
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
  if (const auto wrong = apply_format(flags, options); !wrong.empty()) return refuse(app, wrong);
  if (const auto wrong = apply_places(flags, options); !wrong.empty()) return refuse(app, wrong);
  return options;
}

}  // namespace albicilla
