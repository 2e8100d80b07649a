#include "converter/flags.h"

#include <algorithm>
#include <utility>

#include <CLI/CLI.hpp>

#include "converter/format/registry.h"

namespace albicilla {

namespace {

constexpr const char* kAbout =
    "Turns what the proxy logged into datasets.\n\n"
    "Reads every *.jsonl (also .zst and .gz) below --logs: our own log lines and those of the\n"
    "older Albicilla. By default it writes one record per log file, its longest successful\n"
    "conversation with its tools. Every other --format rebuilds the conversations of each session\n"
    "over all its files: retries, edits, sub-agents and parallel requests become trees, and\n"
    "--view says what is made of them.\n\n"
    "albicilla-conv validate --format NAME FILE... checks files that are there already.";

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
    "      each row comes from, train/rejects.jsonl what was left out and why\n"
    "  albicilla-conv -l ./proxy_logs -o ./train -s --format trl --has-tools --min-turns 3 \\\n"
    "      --drop-helpers --dedupe near --split train=0.9,val=0.1 --redact rules.yaml -j 4\n"
    "      train/train.jsonl and train/val.jsonl, without titles, near duplicates and e-mails\n"
    "  albicilla-conv -l ./proxy_logs -o ./pairs -s --format openai-dpo\n"
    "      answers that were regenerated: the one gone on with against the one left\n"
    "  albicilla-conv -l ./proxy_logs -o ./train -s --format trl --state ./state\n"
    "      run it again tomorrow: only sessions with new lines are worked on\n\n"
    "Exit codes: 0 done (also when there was nothing to convert), 1 rejects with --strict,\n"
    "2 wrong use, 3 input unreadable, 4 output not writable, 130 interrupted (with --state the\n"
    "next run goes on from there).";

// Refuses any other word; unlike CLI::IsMember it does not repeat the words in --help.
CLI::Validator one_of(std::vector<std::string> words) {
  return CLI::Validator(
      [words = std::move(words)](const std::string& word) {
        if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
        return "must be one of " + CLI::detail::join(words, ", ") + ", got '" + word + "'";
      },
      "");
}

void declare_places(CLI::App& app, ConvertOptions& options, Flags& flags) {
  app.add_option("-l,--logs", flags.logs,
                 "Log root of the proxy, or one log file; repeatable: one for each sink")
      ->allow_extra_args(false)
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
  app.add_option(
         "--meta", flags.meta,
         "Where each row comes from: sidecar writes a .meta.jsonl beside each file, inline\n"
         "adds a member \"metadata\" to each row")
      ->check(one_of({"sidecar", "inline", "none"}))
      ->type_name("sidecar|inline|none")
      ->default_str("sidecar (albicilla: none)");
  app.add_flag("--include-poisoned", options.include_poisoned,
               "Also convert sessions whose log has lost or altered lines");
}

void declare_filters(CLI::App& app, ConvertOptions& options, Flags& flags) {
  app.add_option("--since", flags.since, "Only conversations that start at or after this")
      ->type_name("DATE|TIME");
  app.add_option("--until", flags.until, "Only conversations that start before this")
      ->type_name("DATE|TIME");
  app.add_option("--model", options.filter.models, "Only with an answer of this model; repeatable")
      ->type_name("NAME");
  app.add_option("--session", options.filter.sessions, "Only of this session; repeatable")
      ->type_name("ID");
  app.add_option("--user", options.filter.users, "Only of this user; repeatable")->type_name("ID");
  app.add_option("--status", options.filter.statuses,
                 "Only with this status of the last exchange; repeatable")
      ->type_name("CODE");
  app.add_option("--min-turns", options.filter.min_turns, "At least N answers")->type_name("N");
  app.add_flag("--has-tools", options.filter.has_tools, "Only with at least one call");
  app.add_option("--where", flags.where,
                 "FIELD=VALUE, !=, <, > or ~ (holds); fields: id, session, user, client, model,\n"
                 "edge, status, turns, messages, calls, tools; repeatable, all must hold")
      ->type_name("EXPR");
  app.add_flag("--drop-helpers", options.drop_helpers,
               "Leave out title and topic requests: single exchanges without tools beside a\n"
               "longer conversation of the session");
}

void declare_steps(CLI::App& app, ConvertOptions& options, Flags& flags) {
  app.add_option("--dedupe", flags.dedupe,
                 "exact: no conversation twice; prefix: also none that another begins with;\n"
                 "near: also none that says almost the same (MinHash)")
      ->check(one_of({"none", "exact", "prefix", "near"}))
      ->type_name("MODE")
      ->default_str("none");
  app.add_option("--redact", flags.redact,
                 "Replace what the rules in FILE match by keyed pseudonyms, in all texts and\n"
                 "inside arguments, by the proxy's rules. YAML: key or key_file, rules:\n"
                 "[api_key, token, email, card, iban, {name: N, pattern: RE2}]")
      ->type_name("FILE");
  app.add_flag("--redact-check", options.redact_check,
               "Reject rows in which a rule still matches after redaction");
  app.add_flag("--tokens", options.tokens, "Count each row's tokens (in its metadata)");
  app.add_option("--tokenizer", flags.tokenizer,
                 "Table in tiktoken's format for --tokens; without it they are estimates")
      ->type_name("FILE");
  app.add_option("--split", flags.split,
                 "Several files by the hash of the session, e.g. train=0.9,val=0.05,test=0.05")
      ->type_name("NAME=SHARE,...");
  app.add_flag("--report", options.report, "Also write report.json, report.txt and tool-usage.csv");
  app.add_flag("--manifest", options.manifest,
               "Also write manifest.json: SHA-256 of all inputs and outputs, options");
}

void declare_run(CLI::App& app, ConvertOptions& options, Flags& flags) {
  app.add_option("--state", flags.state,
                 "Remember in DIR what each session became: an interrupted run goes on from\n"
                 "there, a later one works only on what is new; the outcome is the same")
      ->type_name("DIR");
  app.add_flag("--dry-run", options.dry_run, "Do everything but write; say what would be written");
  app.add_option("--progress", flags.progress, "json: a line of JSON a second on stderr")
      ->check(one_of({"auto", "none", "json"}))
      ->type_name("auto|none|json")
      ->default_str("auto (on a terminal)");
  app.add_option("--jobs", options.jobs, "Sessions to work on side by side (also -j N)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256}))
      ->type_name("N")
      ->default_str("1");
  app.add_flag("!--no-check-chain", options.check_chain,
               "Do not follow the hash chain of the log files");
  app.add_flag("--strict", options.strict, "Exit with 1 when anything was rejected");
  app.add_flag("-v,--verbose", options.verbose, "Progress and warnings per file on stderr");
}

}  // namespace

std::string flags_about() { return kAbout; }

std::string flags_footer() {
  std::string list = "Formats:\n";
  for (const DatasetFormat* format : dataset_formats()) {
    std::string name(format->name());
    name.resize(24, ' ');
    list += "  " + name + std::string(format->summary()) + "\n";
  }
  return list + "\n" + kExamples;
}

void declare_flags(CLI::App& app, ConvertOptions& options, Flags& flags) {
  declare_places(app, options, flags);
  declare_content(app, options, flags);
  declare_filters(app, options, flags);
  declare_steps(app, options, flags);
  declare_run(app, options, flags);
}

}  // namespace albicilla
