// Exports what a filter leaves of the log, by running albicilla-conv: the same program, the same
// flags that a person would use, so that the command line shown beside it gives the same bytes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/filter.h"

namespace albicilla::viewer {

struct ExportWish {
  Filter filter;
  std::string format = "albicilla";
  std::string view;  // trajectory, call or turn; empty: the format's own
};

// Names of formats and views are checked here.
Result<ExportWish> parse_export_wish(const Parameters& parameter);

// Thread safe. The children end with it.
class Exporter {
 public:
  struct Options {
    std::filesystem::path program;  // albicilla-conv
    std::filesystem::path root;
    std::filesystem::path work_dir;  // emptied at start and at the end
  };
  explicit Exporter(Options options);
  ~Exporter();
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // The words of the command that writes into `output`.
  std::vector<std::string> command(const ExportWish& wish, const std::string& output) const;

  // Gives the export's id. An error of the client's when too many are running.
  Result<std::string> start(const ExportWish& wish);

  struct File {
    std::string name;
    std::uint64_t bytes = 0;
  };
  struct State {
    bool running = false;
    int exit_code = 0;  // when it is not running; 128 + signal when it was killed
    std::vector<File> files;
    std::string messages;  // the end of what the program said
  };
  std::optional<State> state(const std::string& id);
  // A finished export's file; nullopt for any name that state() does not list.
  std::optional<std::filesystem::path> file(const std::string& id, const std::string& name);

 private:
  struct Job {
    pid_t pid = -1;  // -1 when it has ended
    int exit_code = 0;
    std::filesystem::path dir;
    std::chrono::steady_clock::time_point begun;
  };
  void reap(Job& job);
  void tidy();

  Options options_;
  std::mutex mutex_;
  std::map<std::string, Job> jobs_;
};

// As a shell would need it.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace albicilla::viewer
