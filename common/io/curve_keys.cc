#include "common/io/curve_keys.h"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace albicilla {

namespace {

constexpr std::size_t kKeyCharacters = 40;
constexpr std::size_t kMostFileBytes = 256;
constexpr std::string_view kPublic = ".public";
constexpr std::string_view kWorkers = "/workers";

std::string worker_file(const std::string& directory, std::string_view name) {
  return directory + std::string(kWorkers) + "/" + std::string(name) + std::string(kPublic);
}

Result<std::string> read_key(FileSystem& files, const std::string& path) {
  auto text = read_file(files, path, kMostFileBytes);
  if (!text) return text.error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) {
    text->pop_back();
  }
  if (!is_curve_key(*text)) return client_error(path + " must hold a CURVE key of 40 characters");
  return text;
}

Result<bool> exists(FileSystem& files, const std::string& path) {
  const auto facts = files.look(path);
  if (!facts) return facts.error();
  return facts->has_value();
}

Status write_key(FileSystem& files, const std::string& path, std::string_view key) {
  return replace_file(files, path, std::string(key) + "\n");
}

// The secret goes first: a pair without it was never handed out and can be made again.
Status write_pair(FileSystem& files, const std::string& stem, const CurvePair& pair) {
  if (const Status secret = write_key(files, stem + ".secret", pair.secret_key); !secret) {
    return secret;
  }
  return write_key(files, stem + std::string(kPublic), pair.public_key);
}

Result<CurvePair> read_pair(FileSystem& files, const std::string& stem) {
  auto secret = read_key(files, stem + ".secret");
  if (!secret) return secret.error();
  auto open = read_key(files, stem + std::string(kPublic));
  if (!open) return open.error();
  std::array<char, kKeyCharacters + 1> derived{};
  if (zmq_curve_public(derived.data(), secret->c_str()) != 0 || *open != derived.data()) {
    return client_error(stem + ".public does not belong to " + stem + ".secret");
  }
  return CurvePair{std::move(*open), std::move(*secret)};
}

// "tcp://host:port" as a file's name: "host_port".
std::string file_of_endpoint(std::string_view endpoint) {
  const std::size_t scheme = endpoint.find("://");
  std::string name(scheme == std::string_view::npos ? endpoint : endpoint.substr(scheme + 3));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ':' || c == '/' || c == '[' || c == ']'; },
      '_');
  return name;
}

}  // namespace

CurvePair make_curve_pair() {
  std::array<char, kKeyCharacters + 1> open{};
  std::array<char, kKeyCharacters + 1> secret{};
  // Fails only in a libzmq without CURVE, with which no promise of ours can be kept.
  if (zmq_curve_keypair(open.data(), secret.data()) != 0) std::abort();
  return {open.data(), secret.data()};
}

bool is_curve_key(std::string_view text) {
  if (text.size() != kKeyCharacters) return false;
  std::array<std::uint8_t, 32> bytes{};
  return zmq_z85_decode(bytes.data(), std::string(text).c_str()) != nullptr;
}

bool is_worker_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

Result<CurvePair> load_sink_keys(FileSystem& files, const std::string& directory) {
  return read_pair(files, directory + "/sink");
}

Status make_sink_keys(FileSystem& files, const std::string& directory) {
  const auto made = exists(files, directory + "/sink.public");
  if (!made) return made.error();
  if (const Status workers = files.make_directories(directory + std::string(kWorkers)); !workers) {
    return workers;
  }
  if (!*made) return write_pair(files, directory + "/sink", make_curve_pair());
  const auto usable = load_sink_keys(files, directory);
  return usable ? Status() : Status(usable.error());
}

Result<AllowedWorkers> load_allowed_workers(FileSystem& files, const std::string& directory) {
  AllowedWorkers allowed;
  const std::string path = directory + std::string(kWorkers);
  const auto there = exists(files, path);
  if (!there) return there.error();
  if (!*there) return allowed;
  const auto names = files.list(path);
  if (!names) return names.error();
  for (const std::string& file : *names) {
    if (!file.ends_with(kPublic)) continue;
    const std::string name = file.substr(0, file.size() - kPublic.size());
    const auto key = is_worker_name(name) ? read_key(files, path + "/" + file)
                                          : Result<std::string>(client_error(file));
    if (key) {
      allowed.names[*key] = name;
    } else {
      allowed.unusable += (allowed.unusable.empty() ? "" : ", ") + file;
    }
  }
  return allowed;
}

Status allow_worker(FileSystem& files, const std::string& directory, std::string_view name,
                    std::string_view public_key) {
  if (!is_worker_name(name)) {
    return client_error("a worker's name must be 1 to 64 letters, digits, '.', '_' or '-', got '" +
                        std::string(name) + "'");
  }
  if (!is_curve_key(public_key)) {
    return client_error("a public key must be 40 characters of Z85, got '" +
                        std::string(public_key) + "'");
  }
  const std::string path = worker_file(directory, name);
  const auto there = exists(files, path);
  if (!there) return there.error();
  if (*there) {
    const auto key = read_key(files, path);
    if (key && *key == public_key) return {};
    return client_error("worker " + std::string(name) + " has another key; remove it first");
  }
  const Status made = files.make_directories(directory + std::string(kWorkers));
  return made ? write_key(files, path, public_key) : made;
}

Status forbid_worker(FileSystem& files, const std::string& directory, std::string_view name) {
  const std::string path = worker_file(directory, name);
  const auto there = is_worker_name(name) ? exists(files, path) : Result<bool>(false);
  if (!there) return there.error();
  if (!*there) return client_error("there is no worker '" + std::string(name) + "'");
  if (const Status removed = files.remove(path); !removed) return removed;
  return files.sync_directory(directory + std::string(kWorkers));
}

Status make_worker_keys(FileSystem& files, const std::string& directory, const CurvePair& own,
                        std::string_view sink_public_key) {
  const auto there = exists(files, directory + "/worker.secret");
  if (!there) return there.error();
  if (*there) return client_error(directory + " holds a worker's key already");
  if (const Status made = files.make_directories(directory); !made) return made;
  const Status sink = write_key(files, directory + "/sink.public", sink_public_key);
  return sink ? write_pair(files, directory + "/worker", own) : sink;
}

Result<WorkerCurveKeys> load_worker_keys(FileSystem& files, const std::string& directory,
                                         std::string_view endpoint) {
  auto own = read_pair(files, directory + "/worker");
  if (!own) return own.error();
  std::string path = directory + "/sinks/" + file_of_endpoint(endpoint) + std::string(kPublic);
  const auto special = exists(files, path);
  if (!special) return special.error();
  if (!*special) path = directory + "/sink" + std::string(kPublic);
  auto sink = read_key(files, path);
  if (!sink) return sink.error();
  return WorkerCurveKeys{std::move(*own), std::move(*sink)};
}

}  // namespace albicilla
