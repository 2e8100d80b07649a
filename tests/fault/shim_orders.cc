#include "tests/fault/shim_orders.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace albicilla::fault {

namespace {

bool has_role(const std::string& role) {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const bool is_sink = line.find("albicilla-sink") != std::string::npos;
  if (role == "sink" || (role == "both" && is_sink)) return is_sink;
  const std::size_t end = line.find('\0');
  return end != std::string::npos && line.compare(end + 1, 6, "worker") == 0;
}

std::string setting(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::atomic<long>* shared_counter(const std::string& path) {
  const int fd = real<int (*)(const char*, int, ...)>("open")(path.c_str(),
                                                              O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (fd < 0 || real<int (*)(int, off_t)>("ftruncate")(fd, sizeof(std::atomic<long>)) != 0) abort();
  void* memory =
      mmap(nullptr, sizeof(std::atomic<long>), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  real<int (*)(int)>("close")(fd);
  if (memory == MAP_FAILED) abort();
  return static_cast<std::atomic<long>*>(memory);
}

Plan read_plan() {
  Plan plan;
  const std::string path = setting("FAULT_PLAN");
  if (path.empty() || !has_role(setting("FAULT_ROLE"))) return plan;
  plan.prefix = setting("FAULT_PREFIX");
  plan.fired = path + ".fired";
  if (access(plan.fired.c_str(), F_OK) == 0) return plan;
  std::ifstream file(path);
  std::string word;
  file >> word;
  if (word == "count" || word == "kill" || word == "torn") {
    plan.kind = word == "count" ? Kind::count : word == "kill" ? Kind::kill : Kind::torn;
    file >> plan.at;
    plan.calls = shared_counter(path + ".calls");
  } else if (word == "error") {
    plan.kind = Kind::error;
    file >> plan.error >> plan.at >> plan.count >> plan.call;
  } else if (word == "shadow") {
    plan.kind = Kind::shadow;
    file >> plan.shadow;
  }
  return plan;
}

}  // namespace

const Plan& plan() {
  static const Plan read = read_plan();
  return read;
}

bool watched(const char* path) {
  return std::string_view(path).substr(0, plan().prefix.size()) == plan().prefix;
}

std::string path_of(int fd) {
  if (plan().kind == Kind::none) return {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink(link.c_str(), path.data(), path.size() - 1);
  return size > 0 && watched(path.data()) ? std::string(path.data()) : std::string();
}

}  // namespace albicilla::fault
