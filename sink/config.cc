#include "sink/config.h"

#include <algorithm>
#include <map>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/base/version.h"
#include "sink/intake/endpoints.h"
#include "sink/layout/registry.h"

namespace albicilla {

namespace {

constexpr const char* kAbout =
    "Takes records from albicilla-proxy workers, makes them durable and writes them as "
    "hash-chained\n"
    "JSONL, one file per day and session. A proxy without --sink starts one by itself.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-sink --log-root ./proxy_logs\n"
    "      for proxies on this host: --sink tcp://127.0.0.1:5557\n"
    "  albicilla-sink --listen ipc:///run/albicilla/sink.ipc --log-root ./proxy_logs\n"
    "      the same through a directory that only one user can enter\n"
    "  albicilla-sink --listen tcp://0.0.0.0:5557 --curve-dir /etc/albicilla/keys\n"
    "      for proxies on other hosts; 'albicilla-sink keys --help' makes the keys\n"
    "  curl http://127.0.0.1:9001/metrics\n\n"
    "Every flag can stand in the environment; a flag wins. Sizes are bytes, or 64KiB, 8MiB, 4GiB.\n"
    "Exit codes: 0 stopped as asked, 1 failed (start it again: it goes on where the log ends),\n"
    "2 wrong use.";

// "--log-root" -> "SINK_LOG_ROOT"
std::string variable_of(std::string_view flag) {
  std::string variable = "SINK";
  flag.remove_prefix(1);
  for (const char c : flag) {
    variable.push_back(c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
  }
  return variable;
}

template <class Value>
CLI::Option* add(CLI::App& app, const std::string& flag, Value& value, const std::string& help) {
  return app.add_option(flag, value, help)->envname(variable_of(flag))->capture_default_str();
}

void add_size(CLI::App& app, const std::string& flag, std::uint64_t& bytes,
              const std::string& help) {
  add(app, flag, bytes, help)->transform(CLI::AsSizeValue(false));
}

void add_switch(CLI::App& app, const std::string& flag, bool& value, const std::string& help) {
  app.add_flag(flag, value, help)->envname(variable_of(flag));
}

void add_list(CLI::App& app, const std::string& flag, std::vector<std::string>& values,
              const char* type, const std::string& help) {
  app.add_option(flag, values, help + "; repeatable")
      ->envname(variable_of(flag))
      ->allow_extra_args(false)
      ->type_name(type);
}

// A switch that turns off what is on.
void add_off_switch(CLI::App& app, const std::string& flag, bool& value, const std::string& help) {
  app.add_flag_callback(
         flag, [&value] { value = false; }, help)
      ->envname(variable_of(flag));
}

void declare_layouts(CLI::App& app, std::vector<std::string>& layouts, LayoutLimits& limits) {
  add_list(app, "--layout", layouts, "NAME[:DIR]",
           "more layouts beside session: user_model_day, events, trace, messages (default DIR: "
           "<log root>/.layouts/NAME)");
  app.add_option("--max-log-field-size", limits.field_characters,
                 "events: characters of a prompt or response")
      ->envname("MAX_LOG_FIELD_SIZE")
      ->capture_default_str();
  app.add_option("--max-log-chunks", limits.event_chunks,
                 "events: lines of a streamed answer; 0 for the assembled answer instead")
      ->envname("MAX_LOG_CHUNKS")
      ->capture_default_str();
  app.add_flag("--full-trace-logging", limits.full_fields, "events: whole prompts and responses")
      ->envname("FULL_TRACE_LOGGING");
  add_off_switch(app, "--trace-no-headers", limits.trace_headers, "trace: without headers");
  add_off_switch(app, "--trace-no-body", limits.trace_bodies, "trace: without bodies");
  add_size(app, "--trace-body-limit", limits.trace_body_bytes,
           "trace: a larger body is left out; 0 for no limit");
  add(app, "--messages-file", limits.messages_file, "messages: name of the file")
      ->type_name("NAME");
  add_off_switch(app, "--messages-no-metadata", limits.messages_metadata,
                 "messages: without metadata");
}

void declare(CLI::App& app, SinkConfig& config, std::string& log_level) {
  add(app, "--listen", config.listen, "where records come in: tcp://host:port or ipc://path")
      ->type_name("ENDPOINT");
  add(app, "--ack-listen", config.ack_listen,
      "where watermarks go out (default: the next port, or <path>.ack)")
      ->type_name("ENDPOINT");
  add(app, "--log-root", config.log_root, "directory of the logs")->type_name("DIR");
  add(app, "--commit-log", config.commit_log,
      "directory of the commit log, on a fast disk (default: <log root>/.commit)")
      ->type_name("DIR");
  add(app, "--http", config.http, "host:port of /healthz and /metrics; 'off' for none")
      ->type_name("HOST:PORT");
  add(app, "--curve-dir", config.curve_directory,
      "CURVE keys: only workers of its allowlist may connect ('albicilla-sink keys --help')")
      ->type_name("DIR");
  add_switch(app, "--insecure-sink", config.insecure,
             "listen on tcp beyond this host without keys (tests)");
  add_size(app, "--commit-segment", config.segment_bytes,
           "room that the commit log takes ahead on the disk");
  add_size(app, "--record-limit", config.record_limit,
           "a larger record is logged without its bodies");
  add_size(app, "--window", config.window_bytes, "bytes that a worker may have under way");
  add(app, "--open-files", config.most_open_files, "log files kept open")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100000}));
  add(app, "--checkpoint-seconds", config.checkpoint_seconds,
      "checkpoint at least so often when there is something new");
  add_size(app, "--checkpoint-bytes", config.checkpoint_bytes,
           "checkpoint after so many bytes; what a restart has to read again");
  add(app, "--signing-key", config.signing_key,
      "secret key of signed checkpoints, made when missing (default: <log root>/.sink/signing_key)")
      ->type_name("FILE");
  app.add_option("--seal", config.seal, "what to do with a day that is over: off, plain or zstd")
      ->envname("SINK_SEAL")
      ->default_str("plain")
      ->type_name("WORD")
      ->transform(CLI::Transformer(std::map<std::string, SealMode>{{"off", SealMode::off},
                                                                   {"plain", SealMode::plain},
                                                                   {"zstd", SealMode::zstd}},
                                   CLI::ignore_case)
                      .description(""));
  add(app, "--seal-after", config.seal_after_seconds,
      "seconds after midnight UTC until the day before is sealed");
  declare_layouts(app, config.layouts, config.layout_limits);
  add_list(app, "--store", config.stores, "NAME[:K=V,...]",
           "bring sealed files to local, azure_blob, s3 or kafka; settings that are not given come "
           "from the environment");
  add_size(app, "--store-rate", config.store_rate, "bytes a second for all stores; 0 for no limit");
  add(app, "--retention-days", config.retention_days,
      "let a sealed day go so many days after it; 0 keeps all");
  add_size(app, "--retention-size", config.retention_bytes,
           "let the oldest go when sealed days take more together; 0 keeps all");
  add_switch(app, "--keep-wire", config.keep_wire,
             "keep streamed answers also as they came, each chunk with its time (exchange.wire)");
  add_switch(app, "--shard", config.shard,
             "put a day's sessions into 256 directories (day/ab/session.jsonl)");
  add(app, "--session-most", config.sessions.most_sessions,
      "sessions by history that are known at a time")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
  add(app, "--session-ttl", config.session_ttl_seconds,
      "seconds until a quiet session by history is over");
  add_switch(app, "--session-fuzzy", config.sessions.fuzzy,
             "a history that is only similar continues a session as well");
  add(app, "--session-similarity", config.sessions.similarity, "how similar it must be")
      ->check(CLI::Range(0.0, 1.0));
  add(app, "--session-new-messages", config.sessions.new_session_messages,
      "a request of so many messages never continues one by similarity");
  add_switch(app, "--rebuild", config.rebuild,
             "where the commit log is lost or damaged, derive everything from the lines");
  add(app, "--log-level", log_level, "debug, info, warning or error")->type_name("LEVEL");
}

std::vector<std::string> known_flags(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  const std::vector<std::string> unknown = app.remaining();
  if (!unknown.empty()) {
    const std::string flag = unknown.front().substr(0, unknown.front().find('='));
    message = "unknown argument " + flag + did_you_mean(flag, known_flags(app));
  }
  return client_error(message + "; --help lists the flags");
}

Status check(SinkConfig& config) {
  if (const Status listen = check_endpoint(config.listen); !listen) return listen;
  if (config.ack_listen.empty()) {
    auto ack = default_ack_endpoint(config.listen);
    if (!ack) return ack.error();
    config.ack_listen = std::move(*ack);
  }
  if (const Status ack = check_endpoint(config.ack_listen); !ack) return ack;
  for (const std::string& endpoint : {config.listen, config.ack_listen}) {
    if (!config.insecure && config.curve_directory.empty() && !is_local(endpoint)) {
      return client_error("anybody who reaches " + endpoint +
                          " could write records: name keys with --curve-dir, use a loopback or ipc "
                          "endpoint, or say --insecure-sink where that does not matter");
    }
  }
  if (config.http == "off") config.http.clear();
  config.sessions.ttl = std::chrono::seconds(config.session_ttl_seconds);
  if (config.log_root.empty()) return client_error("--log-root must name a directory");
  while (config.log_root.size() > 1 && config.log_root.ends_with('/')) config.log_root.pop_back();
  for (const std::string& layout : config.layouts) {
    const std::string name = layout.substr(0, layout.find(':'));
    if (layout_named(name) != nullptr) continue;
    std::vector<std::string> known;
    for (const Layout& one : layouts()) known.emplace_back(one.name);
    return client_error("--layout: there is no layout '" + name + "'" + did_you_mean(name, known));
  }
  const std::string& messages = config.layout_limits.messages_file;
  if (messages.empty() || messages.front() == '.' || messages.find('/') != std::string::npos) {
    return client_error("--messages-file must be the name of a file, got '" + messages + "'");
  }
  if (config.seal == SealMode::off && (config.retention_days > 0 || config.retention_bytes > 0)) {
    return client_error(
        "--retention-days and --retention-size let sealed days go: not with "
        "--seal off");
  }
  constexpr std::uint64_t kLeastSegment = 64 << 10;
  if (config.segment_bytes < kLeastSegment) {
    return client_error("--commit-segment must be at least 64KiB, got " +
                        std::to_string(config.segment_bytes));
  }
  return {};
}

}  // namespace

Result<SinkCommandLine> parse_sink_command_line(int argc, const char* const* argv) {
  SinkCommandLine line;
  std::string log_level = "info";
  CLI::App app(kAbout, "albicilla-sink");
  app.footer(kExamples);
  app.set_version_flag("--version", std::string("albicilla-sink ") + kVersion);
  declare(app, line.config, log_level);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return SinkCommandLine{SinkCommand::print_and_exit, app.help(), {}};
  } catch (const CLI::CallForVersion&) {
    return SinkCommandLine{SinkCommand::print_and_exit, app.version() + "\n", {}};
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  }
  if (!parse_log_level(log_level, line.config.log_level)) {
    return client_error("--log-level must be debug, info, warning or error, got '" + log_level +
                        "'");
  }
  if (const Status checked = check(line.config); !checked) return checked.error();
  return line;
}

std::vector<LayoutPlace> layout_places(const SinkConfig& config) {
  std::vector<LayoutPlace> places;
  for (const std::string& asked : config.layouts) {
    const std::size_t colon = asked.find(':');
    const std::string name = asked.substr(0, colon);
    const bool named = colon != std::string::npos && colon + 1 < asked.size();
    places.push_back({layout_named(name),
                      named ? asked.substr(colon + 1) : config.log_root + "/.layouts/" + name,
                      config.layout_limits});
  }
  return places;
}

std::uint64_t wanted_chunks(const SinkConfig& config) {
  if (config.keep_wire) return UINT64_MAX;
  std::uint64_t most = 0;
  for (const LayoutPlace& place : layout_places(config)) {
    if (place.layout->chunks != nullptr) {
      most = std::max(most, place.limits.*(place.layout->chunks));
    }
  }
  return most;
}

std::string commit_log_directory(const SinkConfig& config) {
  return config.commit_log.empty() ? config.log_root + "/.commit" : config.commit_log;
}

}  // namespace albicilla
