#include "sink/erase_command.h"

#include <thread>

#include <CLI/CLI.hpp>

#include "sink/layout/session.h"
#include "sink/log/erasure_requests.h"
#include "sink/log/identity.h"

namespace albicilla {

namespace {

constexpr const char* kAbout =
    "Asks that every line of a session or of a user, written up to today, be erased from a log.\n"
    "The sink that runs on it does so at once in days that are sealed; lines of a day that is "
    "still\n"
    "open go when it is sealed. A signed tombstone stands for each, so albicilla-verify still "
    "holds.";
constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-sink erase --log-root ./proxy_logs --session agent-7\n"
    "  albicilla-sink erase --log-root ./proxy_logs --user alice --wait 60\n"
    "What waits and what was done lies in <log root>/.sink/erasures.";
constexpr std::chrono::milliseconds kLookAgain{200};

Result<std::string> wait_for(ErasureRequests& requests, const std::string& name, const Clock& clock,
                             std::chrono::seconds most) {
  const SteadyTime end = clock.steady() + most;
  while (true) {
    const auto outcome = requests.outcome(name);
    if (!outcome) return outcome.error();
    if (!outcome->empty()) return "done " + name + " " + *outcome;
    if (clock.steady() >= end) {
      const auto progress = requests.progress(name);
      return progress ? "waiting " + name + ": " + *progress + "\n" : progress;
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace

Result<std::string> run_erase_command(FileSystem& files, const Clock& clock, int argc,
                                      const char* const* argv) {
  std::string log_root = "./proxy_logs";
  ErasureTarget target;
  std::string session;
  std::string user;
  std::string until = utc_day(clock.wall());
  std::uint64_t wait = 0;
  CLI::App app(kAbout, "albicilla-sink erase");
  app.footer(kExamples);
  app.add_option("--log-root", log_root, "directory of the logs")
      ->envname("SINK_LOG_ROOT")
      ->capture_default_str();
  auto* which = app.add_option_group("whose lines")->require_option(1);
  which->add_option("--session", session, "the session's id, as its lines have it");
  which->add_option("--user", user, "the user's id");
  app.add_option("--until", until, "the last day whose lines are meant (default: today, UTC)");
  app.add_option("--wait", wait, "seconds to wait until it is done");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    return client_error(std::string(error.what()) + "; 'albicilla-sink erase --help' says more");
  }
  target.kind = user.empty() ? ErasureKind::session : ErasureKind::user;
  target.id = user.empty() ? session : user;
  if (target.id.empty()) return client_error("the id is empty");
  if (!is_day_name(until) || until > utc_day(clock.wall())) {
    return client_error("--until must be a day up to today, 2026-01-13, got '" + until + "'");
  }
  const auto root = files.look(identity_directory(log_root));
  if (!root) return root.error();
  if (!*root) return client_error(log_root + " is no log root of a sink");
  ErasureRequests requests(files, log_root);
  const auto name = requests.ask(target, until, clock.wall());
  if (!name) return name.error();
  return wait_for(requests, *name, clock, std::chrono::seconds(wait));
}

}  // namespace albicilla
