// What the user asked of albicilla-view: flags in, a value or an exit code out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/log.h"
#include "common/chain/signing.h"

namespace albicilla::viewer {

struct ViewOptions {
  std::filesystem::path logs = "proxy_logs";
  std::filesystem::path index_dir;  // <logs>/.index unless told
  std::string host = "127.0.0.1";
  int port = 9002;
  std::filesystem::path users_file;
  std::vector<std::string> allowed_hosts;
  std::filesystem::path converter;    // albicilla-conv; beside our own binary unless told
  std::optional<PublicKey> sink_key;  // the log's first one is believed unless told
  bool index_only = false;
  LogLevel log_level = LogLevel::info;
};

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// The options, or the exit code after --help, --version (text on stdout) or wrong use (reason on
// stderr).
std::variant<ViewOptions, int> parse_view_options(int argc, const char* const* argv);

}  // namespace albicilla::viewer
