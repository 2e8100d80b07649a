#include "proxy/control/keys_command.h"

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "common/base/id128.h"
#include "proxy/control/key_ring.h"

namespace albicilla {

namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  albicilla-proxy keys add alice            makes a key, shows it once, stores only its hash\n"
    "  albicilla-proxy keys add bob --key-stdin  takes the key from standard input\n"
    "  albicilla-proxy keys disable alice\n\n"
    "A running proxy sees the change with its next request. The file is --keys-file, else "
    "KEYS_FILE,\n"
    "else DATA_DIR/keys.json, else ./data/keys.json.";

std::string default_keys_file() {
  // Before any thread: the command does nothing else.
  const char* file = std::getenv("KEYS_FILE");  // NOLINT(concurrency-mt-unsafe)
  if (file != nullptr && *file != '\0') return file;
  const char* directory = std::getenv("DATA_DIR");  // NOLINT(concurrency-mt-unsafe)
  return std::string(directory != nullptr && *directory != '\0' ? directory : "./data") +
         "/keys.json";
}

int failed(const Error& error) {
  std::cerr << "albicilla-proxy keys: " << error.message << '\n';
  return 1;
}

int add(KeyFile& file, const std::string& user, bool from_stdin) {
  std::string key;
  if (from_stdin) {
    std::getline(std::cin, key);
    if (key.empty()) return failed(client_error("--key-stdin: expected a key, got nothing"));
  } else {
    key = "ak-" + hex_text(random_bytes16()) + hex_text(random_bytes16());
  }
  if (const Status made = file.create_when_missing(); !made) return failed(made.error());
  const Json item = Json::object({{"api_key", key}, {"user_id", user}, {"active", true}});
  if (const Status stored = file.upsert(item); !stored) return failed(stored.error());
  if (from_stdin) {
    std::cout << "stored for " << user << '\n';
  } else {
    std::cout << key << '\n';
    std::cerr << "for " << user << "; it is shown only now, the file holds its hash\n";
  }
  return 0;
}

int list(const KeyFile& file) {
  const auto items = file.masked_items();
  if (!items) return failed(items.error());
  for (const Json& item : items->elements()) {
    std::cout << item.at("user_id").text() << '\t' << item.at("api_key").text() << '\t'
              << (item.at("active").boolean().value_or(true) ? "active" : "disabled") << '\n';
  }
  return 0;
}

int report(const Result<bool>& found, const std::string& user) {
  if (!found) return failed(found.error());
  if (!*found) return failed(client_error("no key of user '" + user + "'"));
  return 0;
}

}  // namespace

int run_keys_command(int argc, const char* const* argv) {
  CLI::App app("Client keys: who may use the proxy, and under which user id",
               "albicilla-proxy keys");
  app.footer(kExamples);
  app.require_subcommand(1);
  std::string path;
  std::string user;
  bool from_stdin = false;
  app.add_option("--keys-file", path, "The keys file")->type_name("FILE");
  const auto with_user = [&](const char* name, const char* help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("USER", user, "User id")->required();
    command->fallthrough();
    return command;
  };
  CLI::App* add_command = with_user("add", "Make or store a key for a user");
  add_command->add_flag("--key-stdin", from_stdin, "Read the key instead of making one");
  app.add_subcommand("list", "Users and the beginning of their keys' hashes")->fallthrough();
  with_user("disable", "Refuse a user's keys");
  with_user("enable", "Accept them again");
  with_user("remove", "Forget a user's keys");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    return app.exit(done);
  } catch (const CLI::Error& error) {
    std::cerr << app.help() << "\nalbicilla-proxy keys: " << error.what() << '\n';
    return 2;
  }
  DiskFileSystem files;
  KeyFile file(files, path.empty() ? default_keys_file() : path);
  const std::string command = app.get_subcommands().front()->get_name();
  if (command == "add") return add(file, user, from_stdin);
  if (command == "list") return list(file);
  if (command == "remove") return report(file.remove(user), user);
  return report(file.set_active(user, command == "enable"), user);
}

}  // namespace albicilla
