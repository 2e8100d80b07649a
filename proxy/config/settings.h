// Where a setting may come from and under which names. One table serves the command line, the
// environment, the YAML file, .env, --help, --generate-config and the checks of the documentation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/json/tree.h"

namespace albicilla {

enum class SettingKind {
  text,
  list,    // may be given several times; in one value, separated by commas
  yes_no,  // --flag and --no-flag
};

struct Setting {
  std::string_view key;  // also the name of the flag and of the YAML key
  SettingKind kind;
  std::string_view names;         // on the command line, separated by commas: "-p,--port"
  std::string_view environment;   // names, leftmost wins
  std::string_view yaml;          // "server.port"; empty: only the key itself
  std::string_view default_text;  // as --help shows it; applied by build_config
  std::string_view value;         // what --help calls the value
  std::string_view help;
  std::string_view group;
  bool secret = false;
};

std::span<const Setting> settings_table();
const Setting* find_setting(std::string_view key);

// Answers environment variables; tests give their own. nullptr when unset.
using Environment = const char* (*)(const char* name);

// What the command line asked for besides running.
struct CommandLine {
  Json flags = Json::object();  // by key
  std::string generate_config;  // file to write
  std::string validate_config;  // file to check
};

// An int is the process's exit code: --help and --version (0), wrong use (2, usage on stderr).
struct CommandLineOutcome {
  bool stop = false;
  int exit_code = 0;
  CommandLine command;
};
CommandLineOutcome parse_command_line(int argc, const char* const* argv);

// Overwrites the values of secret flags in argv, which every user of the machine can read.
void blank_secrets(int argc, char** argv);

// One layer each, by key. Empty values are unset.
Json environment_layer(Environment environment);
// "${NAME}" is replaced anywhere in a string; an unset one, an unknown key and a wrong shape are
// errors that name file and line.
Result<Json> yaml_layer(const std::string& path, Environment environment);
// KEY=value lines, also quoted and with `export`; names of the environment column. No file: empty.
Result<Json> dot_env_layer(const std::string& path);

// Flags > environment > YAML > .env; the rules that need several layers at once (OPENAI_API_KEY,
// DATA_DIR, STORAGE_TYPE ...) are applied here. `dot_env` is normally ".env".
Result<Json> gather_settings(const CommandLine& command, Environment environment,
                             const std::string& dot_env);

// A commented YAML file with every section.
std::string example_yaml();

}  // namespace albicilla
