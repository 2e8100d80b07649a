#include "sink/keys_command.h"

#include <CLI/CLI.hpp>

#include "common/io/curve_keys.h"

namespace albicilla {

namespace {

constexpr const char* kAbout =
    "Keys for a sink that workers reach over tcp. The directory is the sink's --curve-dir; what a\n"
    "worker gets is a directory for --sink-keys of albicilla-proxy. Workers that share a spool "
    "use\n"
    "one key, since each of them may send what another one left.";

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-sink keys make /etc/albicilla/keys\n"
    "  albicilla-sink keys add /etc/albicilla/keys web-1 ./web-1-keys\n"
    "      then: albicilla-sink  --curve-dir /etc/albicilla/keys --listen tcp://0.0.0.0:5557\n"
    "            albicilla-proxy --sink-keys ./web-1-keys --sink tcp://loghost:5557";

struct Arguments {
  std::string directory;
  std::string name;
  std::string key;
  std::string out;
};

Result<std::string> make(FileSystem& files, const Arguments& arguments) {
  if (const Status made = make_sink_keys(files, arguments.directory); !made) return made.error();
  const auto keys = load_sink_keys(files, arguments.directory);
  if (!keys) return keys.error();
  return "sink's public key " + keys->public_key + "\n";
}

Result<std::string> add(FileSystem& files, const Arguments& arguments) {
  const auto sink = load_sink_keys(files, arguments.directory);
  if (!sink) return sink.error();
  const CurvePair own = make_curve_pair();
  const Status allowed = allow_worker(files, arguments.directory, arguments.name, own.public_key);
  if (!allowed) return allowed.error();
  const Status made = make_worker_keys(files, arguments.out, own, sink->public_key);
  if (!made) {
    const Status undone = forbid_worker(files, arguments.directory, arguments.name);
    return undone ? made.error() : undone.error();
  }
  return "worker " + arguments.name + " may connect; its keys are in " + arguments.out + "\n";
}

Result<std::string> allow(FileSystem& files, const Arguments& arguments) {
  const Status allowed = allow_worker(files, arguments.directory, arguments.name, arguments.key);
  if (!allowed) return allowed.error();
  return "worker " + arguments.name + " may connect\n";
}

Result<std::string> list(FileSystem& files, const Arguments& arguments) {
  const auto allowed = load_allowed_workers(files, arguments.directory);
  if (!allowed) return allowed.error();
  std::map<std::string, std::string> by_name;
  for (const auto& [key, name] : allowed->names) by_name[name] = key;
  std::string text;
  for (const auto& [name, key] : by_name) text += name + " " + key + "\n";
  if (!allowed->unusable.empty()) text += "without a key: " + allowed->unusable + "\n";
  return text;
}

Result<std::string> remove(FileSystem& files, const Arguments& arguments) {
  const Status removed = forbid_worker(files, arguments.directory, arguments.name);
  if (!removed) return removed.error();
  return "worker " + arguments.name +
         " may not connect again; what is connected stays until the sink restarts\n";
}

}  // namespace

Result<std::string> run_keys_command(FileSystem& files, int argc, const char* const* argv) {
  Arguments arguments;
  Result<std::string> (*chosen)(FileSystem&, const Arguments&) = nullptr;
  CLI::App app(kAbout, "albicilla-sink keys");
  app.footer(kExamples);
  app.require_subcommand(1);
  const auto command = [&](const char* name, const char* help, auto call) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->add_option("DIR", arguments.directory, "the sink's --curve-dir")->required();
    sub->callback([&chosen, call] { chosen = call; });
    return sub;
  };
  const auto name = [&](CLI::App* sub) {
    sub->add_option("NAME", arguments.name, "the worker's name in the allowlist")->required();
  };
  command("make", "the sink's own pair, where there is none", &make);
  CLI::App* added = command("add", "a pair for a worker, allowed at once", &add);
  name(added);
  added->add_option("OUT", arguments.out, "directory for the worker's --sink-keys")->required();
  CLI::App* allowed = command("allow", "a worker that has made its pair itself", &allow);
  name(allowed);
  allowed->add_option("KEY", arguments.key, "its public key")->required();
  command("list", "who may connect", &list);
  name(command("remove", "a worker may not connect any more", &remove));
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    return client_error(std::string(error.what()) + "; 'albicilla-sink keys --help' says more");
  }
  return chosen(files, arguments);
}

}  // namespace albicilla
