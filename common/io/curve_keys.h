// CURVE keys as they lie on disk, so that sink, proxy and the key tool agree. A key is 40
// characters of Z85 and a newline. libzmq, which makes them, stays behind curve_keys.cc.
//   the sink's directory    sink.public  sink.secret  workers/<name>.public (who may connect)
//   a worker's directory    worker.public  worker.secret  sink.public, or for one of several sinks
//                           sinks/<host>_<port>.public
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/io/file.h"

namespace albicilla {

struct CurvePair {
  std::string public_key;
  std::string secret_key;
  bool empty() const { return secret_key.empty(); }
  bool operator==(const CurvePair&) const = default;
};

// What a worker needs for one sink.
struct WorkerCurveKeys {
  CurvePair own;
  std::string sink;  // its public key
  bool empty() const { return own.empty(); }
  bool operator==(const WorkerCurveKeys&) const = default;
};

CurvePair make_curve_pair();
bool is_curve_key(std::string_view text);
// A worker's name in the allowlist: 1 to 64 of A-Z a-z 0-9 . _ -, not a dot in front.
bool is_worker_name(std::string_view name);

// The sink's pair; what is missing is made by make_sink_keys, which keeps a pair that is there.
Result<CurvePair> load_sink_keys(FileSystem& files, const std::string& directory);
Status make_sink_keys(FileSystem& files, const std::string& directory);

// Public key -> name. Files that hold no key are left out and named in `unusable`.
struct AllowedWorkers {
  std::map<std::string, std::string, std::less<>> names;
  std::string unusable;
};
Result<AllowedWorkers> load_allowed_workers(FileSystem& files, const std::string& directory);
// An error when the name stands there with another key.
Status allow_worker(FileSystem& files, const std::string& directory, std::string_view name,
                    std::string_view public_key);
// An error when there is none of that name.
Status forbid_worker(FileSystem& files, const std::string& directory, std::string_view name);

// A worker's own directory, made for a sink; an error when there is a pair already.
Status make_worker_keys(FileSystem& files, const std::string& directory, const CurvePair& own,
                        std::string_view sink_public_key);
// `endpoint` is the sink's, "tcp://host:port".
Result<WorkerCurveKeys> load_worker_keys(FileSystem& files, const std::string& directory,
                                         std::string_view endpoint);

}  // namespace albicilla
