#include "converter/viewer/view_options.h"

#include <unistd.h>

#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/base/version.h"
#include "converter/viewer/access.h"

namespace albicilla::viewer {
namespace {

constexpr const char* kAbout =
    "Shows what the proxy logged: sessions, conversations, every exchange, search, live tail.\n\n"
    "Only reads the log; keeps an index that can be made again at any time. Without --users the\n"
    "page is for this machine only.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-view --logs ./proxy_logs\n"
    "      then open http://127.0.0.1:9002\n"
    "  albicilla-view -l /var/log/albicilla --index-dir /var/cache/albicilla --host 0.0.0.0 \\\n"
    "      --users /etc/albicilla/users.json --allow-host logs.example.org\n\n"
    "Exit codes: 0 stopped, 1 failed, 2 wrong use.";

int refuse(const CLI::App& app, const std::string& reason) {
  std::cerr << app.help() << "\nalbicilla-view: " << reason << '\n';
  return kExitUsage;
}

std::filesystem::path beside_ourselves(const char* name) {
  std::error_code none;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", none);
  return none ? std::filesystem::path(name) : self.parent_path() / name;
}

struct Texts {
  std::string log_level = "info";
  std::string key;
};

// The key itself in hex, or a file that holds it.
std::optional<PublicKey> read_key(const std::string& argument) {
  std::string text = argument;
  if (std::ifstream file(argument); file) std::getline(file, text);
  return public_key_from_hex(text);
}

void declare(CLI::App& app, ViewOptions& options, Texts& texts) {
  app.set_version_flag("--version", std::string("albicilla-view ") + kVersion);
  app.add_option("-l,--logs", options.logs, "Log root of the proxy")
      ->type_name("DIR")
      ->default_str("./proxy_logs");
  app.add_option("--index-dir", options.index_dir, "Where the index is kept")
      ->type_name("DIR")
      ->default_str("<logs>/.index");
  app.add_option("--host", options.host, "Address to listen on; others than loopback need --users")
      ->type_name("ADDR")
      ->capture_default_str();
  app.add_option("-p,--port", options.port, "Port; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->type_name("PORT")
      ->capture_default_str();
  app.add_option("--users", options.users_file, "JSON file of users, tokens and rights")
      ->type_name("FILE");
  app.add_option("--allow-host", options.allowed_hosts,
                 "A name besides addresses and localhost that browsers may use; repeatable")
      ->type_name("NAME");
  app.add_option("--conv", options.converter, "albicilla-conv, for exports")
      ->type_name("FILE")
      ->default_str("beside albicilla-view");
  app.add_option("--pub", texts.key, "Public key of the sink, or a file with it")
      ->type_name("KEY")
      ->default_str("the log's first");
  app.add_flag("--index-only", options.index_only, "Bring the index up to date and end");
  app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
      ->type_name("LEVEL")
      ->capture_default_str();
}

std::string unknown_flag(const CLI::App& app, const std::string& flag) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }

  return "unknown flag '" + flag + "'" + did_you_mean(flag, names);
}

// The reason why these options cannot be used together; empty when they can.
std::string contradiction(ViewOptions& options, const Texts& texts) {
  if (!parse_log_level(texts.log_level, options.log_level)) {
    return "--log-level must be debug, info, warning or error, got '" + texts.log_level + "'";
  }
  if (!texts.key.empty() && !(options.sink_key = read_key(texts.key))) {
    return "--pub must be 64 hex digits or a file of them, got '" + texts.key + "'";
  }
  if (!std::filesystem::is_directory(options.logs)) {
    return "--logs: no such directory: " + options.logs.string();
  }
  if (!is_loopback(options.host) && options.users_file.empty() && !options.index_only) {
    return "--host " + options.host + " can be reached from elsewhere: give --users FILE";
  }
  return {};
}

}  // namespace

std::variant<ViewOptions, int> parse_view_options(int argc, const char* const* argv) {
  CLI::App app(kAbout);
  app.footer(kExamples);
  app.allow_extras();
  ViewOptions options;
  Texts texts;
  declare(app, options, texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error.what());
  }
  const std::vector<std::string> extras = app.remaining();
  if (!extras.empty()) return refuse(app, unknown_flag(app, extras.front()));
  if (const std::string reason = contradiction(options, texts); !reason.empty()) {
    return refuse(app, reason);
  }
  if (options.index_dir.empty()) options.index_dir = options.logs / ".index";
  if (options.converter.empty()) options.converter = beside_ourselves("albicilla-conv");
  return options;
}

}  // namespace albicilla::viewer
