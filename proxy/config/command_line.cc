// The command line, by CLI11: flags of the settings table, two commands of their own, help.
#include <cstring>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "common/base/nearest.h"
#include "common/base/version.h"
#include "proxy/config/settings.h"
#include "proxy/config/words.h"

namespace albicilla {

namespace {

constexpr const char* kAbout =
    "Logging proxy for LLM traffic: point an application's base URL at it; requests go on to the\n"
    "provider byte for byte, and every exchange becomes one line of JSONL, exactly once.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-proxy --upstream https://api.openai.com\n"
    "      the whole pipeline: listens on port 9000, lines in ./proxy_logs/<day>/<session>.jsonl\n"
    "  curl http://127.0.0.1:9000/v1/chat/completions -H 'agent-session-id: my-session' ...\n"
    "  albicilla-proxy --upstream https://api.openai.com --sink tcp://loghost:5557\n"
    "      the sink runs on another host\n\n"
    "Every flag can stand in the environment and in the YAML file; a flag wins over the "
    "environment,\n"
    "that over YAML, that over ./.env. Sizes: 64KiB, 4GiB; times: 500ms, 10s, 10m.\n"
    "Exit codes: 0 stopped as asked, 1 failed, 2 wrong use.";

std::string environment_note(const Setting& setting) {
  return setting.environment.empty() ? "" : " [" + std::string(setting.environment) + "]";
}

std::string help_of(const Setting& setting) {
  std::string help(setting.help);
  if (!setting.default_text.empty()) help += " (" + std::string(setting.default_text) + ")";
  return help + environment_note(setting);
}

// "--x,--no-x" becomes CLI11's "--x,!--no-x".
std::string flag_names(const Setting& setting) {
  std::string names(setting.names);
  if (const std::size_t no = names.find(",--no-"); no != std::string::npos) {
    names.insert(no + 1, "!");
  }
  return names;
}

void declare(CLI::App& app, const Setting& setting, Json& flags) {
  const std::string key(setting.key);
  CLI::Option* option = nullptr;
  switch (setting.kind) {
    case SettingKind::yes_no:
      option = app.add_flag_function(
          flag_names(setting),
          [&flags, key](std::int64_t times) { flags.set(key, times > 0 ? "true" : "false"); },
          help_of(setting));
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      break;
    case SettingKind::text:
      option = app.add_option_function<std::string>(
          std::string(setting.names),
          [&flags, key](const std::string& value) { flags.set(key, value); }, help_of(setting));
      option->type_name(std::string(setting.value));
      break;
    case SettingKind::list:
      option = app.add_option_function<std::vector<std::string>>(
          std::string(setting.names),
          [&flags, key](const std::vector<std::string>& values) {
            Json::Array list;
            for (const std::string& value : values) {
              for (std::string& word : split_words(value)) list.emplace_back(std::move(word));
            }
            flags.set(key, std::move(list));
          },
          help_of(setting));
      option->type_name(std::string(setting.value))->expected(1)->allow_extra_args(false);
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      break;
  }
  option->group(setting.key.starts_with("bench-") ? "" : std::string(setting.group));
}

std::vector<std::string> known_flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

CommandLineOutcome refuse(const CLI::App& app, const std::string& reason) {
  std::cerr << "usage: " << app.get_name() << " --upstream URL [flags]; --help tells them all\n"
            << app.get_name() << ": " << reason << '\n';
  return {true, 2, {}};
}

}  // namespace

CommandLineOutcome parse_command_line(int argc, const char* const* argv) {
  CommandLineOutcome outcome;
  CLI::App app(kAbout, "albicilla-proxy");
  app.set_help_flag("--help", "This text");  // -h is the host, as it always was
  app.set_version_flag("--version", std::string("albicilla-proxy ") + kVersion);
  app.footer(kExamples);
  app.allow_extras();
  app.add_option("--generate-config", outcome.command.generate_config, "Write an example YAML file")
      ->type_name("FILE");
  app.add_option("--validate-config", outcome.command.validate_config, "Check a YAML file")
      ->type_name("FILE");
  try {
    for (const Setting& setting : settings_table()) {
      if (!setting.names.empty()) declare(app, setting, outcome.command.flags);
    }
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return {true, app.exit(done), {}};
  } catch (const CLI::Error& error) {
    return refuse(app, error.what());
  }
  if (const auto extras = app.remaining(); !extras.empty()) {
    const std::string word = extras.front().substr(0, extras.front().find('='));
    return refuse(app, "unknown argument '" + word + "'" + did_you_mean(word, known_flags(app)));
  }
  return outcome;
}

void blank_secrets(int argc, char** argv) {
  for (const Setting& setting : settings_table()) {
    if (!setting.secret) continue;
    const std::string flag(setting.names);
    for (int i = 1; i < argc; ++i) {
      char* value = nullptr;
      if (flag == argv[i] && i + 1 < argc) {
        value = argv[i + 1];
      } else if (std::strncmp(argv[i], (flag + "=").c_str(), flag.size() + 1) == 0) {
        value = argv[i] + flag.size() + 1;
      }
      if (value != nullptr) std::memset(value, '*', std::strlen(value));
    }
  }
}

}  // namespace albicilla
