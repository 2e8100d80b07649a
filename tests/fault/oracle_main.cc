// oracle: prints what is LOST, DUPLICATE, CORRUPT or PHANTOM in a log root; exit 0 only when
// nothing is, 1 when something is, 2 when there is nothing to judge.
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/fault/oracle.h"

int main(int argc, char** argv) {
  std::string client;
  std::string provider;
  std::string log_root;
  CLI::App app("Joins the journals of client and provider with a log root");
  app.add_option("--client", client, "journal of load-client")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--provider", provider, "journal of mock-provider")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--log-root", log_root)->required()->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);

  using namespace albicilla::fault;  // NOLINT: a main of twenty lines
  const Verdict verdict =
      judge(read_client_journal(client), read_provider_journal(provider), read_log_root(log_root));
  std::cout << verdict.text();
  if (verdict.requests == 0) return 2;
  return verdict.sound() ? 0 : 1;
}
