// What the sink can be told, by flags and by environment variables. Wrong use is an error that says
// what was meant; main prints it and exits 2.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "common/base/result.h"
#include "common/session/session_table.h"
#include "sink/log/layout_writer.h"

namespace albicilla {

// What happens to a day's files once the day is over.
enum class SealMode {
  off,    // the day stays open
  plain,  // a final checkpoint, no more lines
  zstd,   // and each file is packed
};

struct SinkConfig {
  std::string listen = "tcp://127.0.0.1:5557";
  std::string ack_listen;  // empty: default_ack_endpoint(listen)
  std::string log_root = "./proxy_logs";
  std::string commit_log;               // empty: <log root>/.commit
  std::string http = "127.0.0.1:9001";  // empty: no status server
  bool insecure = false;
  std::string curve_directory;  // keys; empty: whoever reaches the sockets may use them
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
  std::uint64_t record_limit = std::uint64_t{256} << 20;
  std::uint64_t window_bytes = std::uint64_t{8} << 20;
  std::uint64_t most_open_files = 512;
  std::uint64_t checkpoint_seconds = 60;
  std::uint64_t checkpoint_bytes = std::uint64_t{256} << 20;
  std::string signing_key;  // empty: <log root>/.sink/signing_key
  SealMode seal = SealMode::plain;
  std::uint64_t seal_after_seconds = 3600;
  std::vector<std::string> layouts;  // beside session: NAME or NAME:DIR
  LayoutLimits layout_limits;
  std::vector<std::string> stores;    // NAME or NAME:setting=value,…
  std::uint64_t store_rate = 0;       // bytes a second of all stores; 0: no limit
  std::uint64_t retention_days = 0;   // 0: for ever
  std::uint64_t retention_bytes = 0;  // 0: without end
  bool keep_wire = false;             // streamed answers also as they came, whole
  bool shard = false;                 // a day's sessions lie in 256 directories
  SessionTableLimits sessions;
  std::uint64_t session_ttl_seconds = 3600;
  bool rebuild = false;  // only where recovery fails; harmless otherwise
  LogLevel log_level = LogLevel::info;
};

// What main does first.
enum class SinkCommand { run, print_and_exit };

struct SinkCommandLine {
  SinkCommand command = SinkCommand::run;
  std::string text;  // help or version
  SinkConfig config;
};

Result<SinkCommandLine> parse_sink_command_line(int argc, const char* const* argv);

// The layouts that are asked for, each with its directory.
std::vector<LayoutPlace> layout_places(const SinkConfig& config);

// How many chunks of a streamed answer the lines shall hold, for themselves or for a layout.
std::uint64_t wanted_chunks(const SinkConfig& config);

// The file name as commit_log or its default says.
std::string commit_log_directory(const SinkConfig& config);

}  // namespace albicilla
