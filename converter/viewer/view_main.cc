// albicilla-view: the log as a page. Builds the parts in order: index, questions, server; and takes
// them down in the other one.
#include <pthread.h>
#include <signal.h>

#include <iostream>
#include <thread>
#include <variant>

#include "common/base/log.h"
#include "common/io/memory_guard.h"
#include "common/json/writer.h"
#include "converter/viewer/api.h"
#include "converter/viewer/exchange_row.h"
#include "converter/viewer/indexer.h"
#include "converter/viewer/live_feed.h"
#include "converter/viewer/signed_log.h"
#include "converter/viewer/view_options.h"
#include "converter/viewer/view_server.h"

namespace albicilla::viewer {
namespace {

int fail(const Error& error) {
  log_error(error.message);
  return kExitFailed;
}

std::vector<std::string> summaries(const std::vector<FreshExchange>& fresh) {
  std::vector<std::string> texts;
  for (const FreshExchange& one : fresh) {
    JsonWriter json(texts.emplace_back());
    write_exchange(json, exchange_from(one));
  }
  return texts;
}

Result<Access> open_access(const ViewOptions& options) {
  if (options.users_file.empty()) return Access();
  return Access::load(options.users_file);
}

// Ends the server at SIGINT or SIGTERM. The signals are blocked in every thread before.
class SignalWatch {
 public:
  explicit SignalWatch(const sigset_t& signals, ViewServer& server)
      : thread_([&signals, &server] {
          int signal = 0;
          sigwait(&signals, &signal);
          server.stop();
        }) {}
  ~SignalWatch() {
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

 private:
  std::thread thread_;
};

int serve(const ViewOptions& options, const sigset_t& signals, Indexer& indexer, DayPool& pool,
          LiveFeed& feed) {
  auto access = open_access(options);
  if (!access) return fail(access.error());
  Exporter exporter({options.converter, options.logs, options.index_dir / "exports"});
  SignedLog signed_log(options.logs, options.sink_key);
  const Api api({options.logs, pool, indexer, exporter, signed_log, options.index_dir});
  ViewServer server({options.host, options.port, options.allowed_hosts}, *access, api, feed);
  if (Status status = server.bind(); !status) return fail(status.error());
  indexer.start();
  std::cout << "albicilla-view: http://" << options.host << ':' << server.port() << "/"
            << std::endl;
  const SignalWatch watch(signals, server);
  const Status status = server.run();
  indexer.stop();
  return status ? kExitOk : fail(status.error());
}

int view(const ViewOptions& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  LiveFeed feed;
  DayPool pool(options.index_dir);
  auto indexer = Indexer::open({options.logs, options.index_dir},
                               {[&](std::vector<FreshExchange> fresh, bool backlog) {
                                  if (!backlog) feed.publish(summaries(fresh));
                                },
                                [&](const std::string& day) { pool.drop(day); }});
  if (!indexer) return fail(indexer.error());
  if (!options.index_only) return serve(options, signals, **indexer, pool, feed);
  const Status status = (*indexer)->run_once();
  if (!status) return fail(status.error());
  std::cout << (*indexer)->state().indexed_bytes << " bytes indexed" << std::endl;
  return kExitOk;
}

}  // namespace
}  // namespace albicilla::viewer

int main(int argc, char** argv) {
  using namespace albicilla;
  const auto options = viewer::parse_view_options(argc, argv);
  if (const int* code = std::get_if<int>(&options)) return *code;
  const auto& view_options = std::get<viewer::ViewOptions>(options);
  configure_log("albicilla-view", view_options.log_level);
  guard_memory();
  return viewer::view(view_options);
}
