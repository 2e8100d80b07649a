// The viewer's JSON API (API.md) as a function of values: a request that was let in, an answer.
// Does not know how it came.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "converter/viewer/access.h"
#include "converter/viewer/day_pool.h"
#include "converter/viewer/exporter.h"
#include "converter/viewer/filter.h"
#include "converter/viewer/indexer.h"
#include "converter/viewer/signed_log.h"

namespace albicilla::viewer {

struct ApiRequest {
  std::string method;  // GET or POST
  std::string path;    // "/api/sessions"
  Parameters parameter;
  User user;
};

struct ApiAnswer {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
  std::filesystem::path file;  // when set: sent instead of the body
  std::string download_name;   // when set: offered as a download of that name
};

// Answers from several threads at once.
class Api {
 public:
  struct Parts {
    std::filesystem::path root;
    DayPool& pool;
    const Indexer& indexer;
    Exporter& exporter;
    SignedLog& signed_log;
    std::filesystem::path scratch;  // for temporary files
  };
  explicit Api(Parts parts) : parts_(parts) {}

  ApiAnswer answer(const ApiRequest& request) const;

 private:
  struct Route;
  static const Route* find_route(const ApiRequest& request, bool& known_path);

  ApiAnswer state(const ApiRequest& request) const;
  ApiAnswer facets(const ApiRequest& request) const;
  ApiAnswer sessions(const ApiRequest& request) const;
  ApiAnswer histogram(const ApiRequest& request) const;
  ApiAnswer exchanges(const ApiRequest& request) const;
  ApiAnswer session(const ApiRequest& request) const;
  ApiAnswer conversation(const ApiRequest& request) const;
  ApiAnswer exchange(const ApiRequest& request) const;
  ApiAnswer line(const ApiRequest& request) const;
  ApiAnswer search(const ApiRequest& request) const;
  ApiAnswer plots(const ApiRequest& request) const;
  ApiAnswer files(const ApiRequest& request) const;
  ApiAnswer checkpoints(const ApiRequest& request) const;
  ApiAnswer verify(const ApiRequest& request) const;
  ApiAnswer command(const ApiRequest& request) const;
  ApiAnswer start_export(const ApiRequest& request) const;
  ApiAnswer export_state(const ApiRequest& request) const;
  ApiAnswer export_file(const ApiRequest& request) const;

  Parts parts_;
  mutable std::mutex rebuilding_;  // one session at a time, so that memory is bounded
};

// {"error":{"message":…}}
ApiAnswer api_error(int status, std::string_view message);

}  // namespace albicilla::viewer
