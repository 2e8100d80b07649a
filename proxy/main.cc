// albicilla-proxy: the table of contents. Reads the settings, then is the supervisor, or one of its
// workers when the supervisor started it as such.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "common/base/log.h"
#include "common/io/memory_guard.h"
#include "proxy/config/config.h"
#include "proxy/config/settings.h"
#include "proxy/config_check.h"
#include "proxy/control/keys_command.h"
#include "proxy/redaction_settings.h"
#include "proxy/supervisor.h"
#include "proxy/worker.h"

namespace {

using namespace albicilla;

constexpr int kWrongUse = 2;

const char* environment(const char* name) { return std::getenv(name); }  // NOLINT: one thread yet

int wrong_use(const Error& error) {
  std::fprintf(stderr, "albicilla-proxy: %s\n", error.message.c_str());
  return kWrongUse;
}

int generate_config(const std::string& file) {
  std::ofstream out(file, std::ios::trunc);
  out << example_yaml();
  if (!out.flush()) return wrong_use(our_error(file + ": cannot be written"));
  std::printf("Example configuration written to: %s\n", file.c_str());
  return 0;
}

Result<Config> configure(const CommandLine& command, Json& settings) {
  auto gathered = gather_settings(command, environment, ".env");
  if (!gathered) return gathered.error();
  settings = *std::move(gathered);
  return build_config(settings);
}

int validate_config(CommandLine command) {
  command.flags.set("config", command.validate_config);
  Json settings;
  const auto config = configure(command, settings);
  if (!config) return wrong_use(config.error());
  if (const Status good = check_parts(*config); !good) return wrong_use(good.error());
  std::printf("Configuration is valid: %s\n", command.validate_config.c_str());
  return 0;
}

// "worker N", as the supervisor says it.
bool is_worker(int argc, char** argv, std::uint32_t& slot) {
  if (argc != 3 || std::string_view(argv[1]) != "worker") return false;
  const std::string_view digits(argv[2]);
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), slot);
  return problem == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

int main(int argc, char** argv) {
  configure_log("albicilla-proxy", LogLevel::info);
  if (std::uint32_t slot = 0; is_worker(argc, argv, slot)) return run_worker(slot);
  if (argc > 1 && std::string_view(argv[1]) == "keys") return run_keys_command(argc - 1, argv + 1);
  const CommandLineOutcome asked = parse_command_line(argc, argv);
  if (asked.stop) return asked.exit_code;
  if (!asked.command.generate_config.empty()) return generate_config(asked.command.generate_config);
  if (!asked.command.validate_config.empty()) return validate_config(asked.command);
  Json settings;
  const auto config = configure(asked.command, settings);
  if (!config) return wrong_use(config.error());
  if (const Status good = check_parts(*config); !good) return wrong_use(good.error());
  guard_memory();
  blank_secrets(argc, argv);
  if (const Status made = make_redaction_key(config->redaction); !made) {
    return wrong_use(made.error());
  }
  configure_log("albicilla-proxy", config->logging.level, config->logging.json);
  for (const std::string& warning : config_warnings(*config)) log_warning(warning);
  for (const std::string& warning : unavailable_warnings(*config)) log_warning(warning);
  return run_supervisor({settings, *config, [command = asked.command] {
                           return gather_settings(command, environment, ".env");
                         }});
}
