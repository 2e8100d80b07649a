#include "converter/options.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/base/version.h"
#include "converter/flags.h"
#include "converter/reading/hash128.h"
#include "converter/reading/log_entry.h"

namespace albicilla {

namespace {

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
  if (options.per_file() && (flags.meta == "sidecar" || flags.meta == "inline")) {
    return "--meta: the albicilla format has none";
  }
  const bool lines = options.format->container() == Container::lines;
  if (flags.meta == "inline" && !lines) {
    return "--meta: rows of this format have no place for metadata";
  }
  if (flags.view == "call") options.view = View::call;
  if (flags.view == "turn") options.view = View::turn;
  const bool sidecar = !options.per_file() && flags.meta != "none";
  options.meta = sidecar ? MetaPlace::sidecar : MetaPlace::none;
  if (flags.meta == "inline") options.meta = MetaPlace::inside;
  options.calls = flags.json_tool_calls ? CallStyle::json_tool_call : CallStyle::native;
  return "";
}

// Takes the places; empty, or what is wrong.
std::string apply_places(const Flags& flags, ConvertOptions& options) {
  if (!flags.logs.empty()) options.logs = expand_home(flags.logs.front());
  for (std::size_t i = 1; i < flags.logs.size(); ++i) {
    options.more_logs.push_back(expand_home(flags.logs[i]));
  }
  if (!flags.output.empty()) options.output = expand_home(flags.output);
  if (flags.compress == "zst") options.compression = Compression::zstd;
  if (flags.compress == "gz") options.compression = Compression::gzip;
  if (!flags.rejects.empty()) {
    options.rejects = expand_home(flags.rejects);
  } else if (!options.per_file()) {
    options.rejects = options.output / "rejects.jsonl";
  }
  std::error_code ignored;
  for (const std::filesystem::path& root : options.log_roots()) {
    if (!std::filesystem::exists(root, ignored)) {
      return "--logs: no such directory: " + root.string();
    }
  }
  return "";
}

// Empty, or what is wrong.
std::string apply_time(const std::string& text, std::string_view name,
                       std::optional<WallTime>& time) {
  if (text.empty()) return "";
  time = parse_iso8601(text.size() == 10 ? text + "T00:00:00" : text);
  if (time) return "";
  return std::string(name) + ": must be a date or time like 2026-01-13T10:00:00, got '" + text +
         "'";
}

std::string apply_filters(const Flags& flags, ConvertOptions& options) {
  if (auto wrong = apply_time(flags.since, "--since", options.filter.since); !wrong.empty()) {
    return wrong;
  }
  if (auto wrong = apply_time(flags.until, "--until", options.filter.until); !wrong.empty()) {
    return wrong;
  }
  for (const std::string& text : flags.where) {
    auto condition = parse_condition(text);
    if (!condition) return "--where: " + condition.error().message;
    options.filter.where.push_back(std::move(*condition));
  }
  return "";
}

// What an option's file holds is part of what the rows depend on.
void add_file(std::string& fingerprint, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  fingerprint += " " + hex_text(hash_bytes(content));
}

std::string apply_steps(const Flags& flags, ConvertOptions& options) {
  if (flags.dedupe == "exact") options.dedupe = Dedupe::exact;
  if (flags.dedupe == "prefix") options.dedupe = Dedupe::prefix;
  if (flags.dedupe == "near") options.dedupe = Dedupe::near;
  if (!flags.split.empty()) {
    auto split = parse_split(flags.split);
    if (!split) return "--split: " + split.error().message;
    options.split = std::move(*split);
  }
  if (!flags.redact.empty()) {
    auto redaction = Redaction::load(expand_home(flags.redact));
    if (!redaction) return "--redact: " + redaction.error().message;
    options.redaction = std::move(*redaction);
    add_file(options.fingerprint, expand_home(flags.redact).string());
  }
  if (!flags.tokenizer.empty()) {
    auto tokenizer = Tokenizer::load(expand_home(flags.tokenizer));
    if (!tokenizer) return "--tokenizer: " + tokenizer.error().message;
    options.tokenizer = std::move(*tokenizer);
    options.tokens = true;
    add_file(options.fingerprint, expand_home(flags.tokenizer).string());
  }
  const bool for_trees = options.drop_helpers || options.dedupe != Dedupe::none ||
                         options.redaction || options.tokens || !options.split.empty();
  if (options.per_file() && for_trees) {
    return "the albicilla format takes files as they are; choose another --format for "
           "--drop-helpers, --dedupe, --redact, --tokens and --split";
  }
  if (!flags.state.empty()) options.state = expand_home(flags.state);
  const bool on_terminal = flags.progress.empty() || flags.progress == "auto";
  if (flags.progress == "json") options.progress = ProgressStyle::json;
  if (on_terminal && !options.verbose && ::isatty(STDERR_FILENO) == 1) {
    options.progress = ProgressStyle::terminal;
  }
  return "";
}

// Options that change no row.
bool is_about_the_run(std::string_view argument) {
  for (const std::string_view name :
       {"--jobs", "--state", "--progress", "--output", "--report", "--manifest", "--verbose",
        "--strict", "--dry-run", "--rejects", "--compress", "--by-day", "--single-file", "--split",
        "--logs"}) {
    if (argument == name || argument.starts_with(std::string(name) + "=")) return true;
  }
  return argument == "-v" || argument == "-s" || argument == "-o" || argument == "-l";
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
  CLI::App app(flags_about(), "albicilla-conv");
  app.footer(flags_footer());
  app.allow_extras();
  try {
    declare_flags(app, options, flags);
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
  for (const auto apply : {apply_format, apply_places, apply_filters, apply_steps}) {
    if (const auto wrong = apply(flags, options); !wrong.empty()) return refuse(app, wrong);
  }
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || is_about_the_run(name)) continue;
    options.fingerprint += " " + name + "=" + CLI::detail::join(option->results(), ",");
  }
  return options;
}

}  // namespace albicilla