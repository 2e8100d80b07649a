#include "proxy/runtime_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/base/digest.h"

namespace albicilla {
namespace {

// sockaddr_un takes 107 bytes; libzmq and we put a file name behind.
constexpr std::size_t kMostBytes = 80;

// In /tmp a stranger may have been there first.
Status make_private(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_error(path, errno);
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return errno_error(path, errno);
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid()) {
    return our_error(path + ": expected a directory of our own");
  }
  if (::chmod(path.c_str(), 0700) != 0) return errno_error(path, errno);
  return {};
}

}  // namespace

Result<std::string> runtime_directory(const std::string& log_root) {
  std::error_code problem;
  std::filesystem::create_directories(log_root, problem);
  const auto root = std::filesystem::canonical(log_root, problem);
  if (problem) return our_error("log root " + log_root + ": " + problem.message());
  std::string path = root.string() + "/.run";
  if (path.size() > kMostBytes) {
    constexpr std::size_t kNameDigits = 16;
    path = "/tmp/albicilla-" + std::to_string(::geteuid()) + "-" +
           hex_prefix(sha256(root.string()), kNameDigits);
  }
  if (Status made = make_private(path); !made) return made.error();
  return path;
}

}  // namespace albicilla
