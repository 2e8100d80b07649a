#include "proxy/log_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>

namespace albicilla {
namespace {

constexpr std::size_t kReadBytes = 64U << 10;
constexpr mode_t kMode = 0640;
constexpr int kPipeBytes = 1 << 20;
constexpr int kLookMilliseconds = 100;

}  // namespace

class LogFile::Writer {
 public:
  explicit Writer(LogFilePolicy policy) : policy_(std::move(policy)) {}
  ~Writer();

  Status start();

 private:
  Status open();
  void run();
  void write(std::string_view bytes);
  void rotate();
  bool is_moved_away() const;

  LogFilePolicy policy_;
  int file_ = -1;
  std::uint64_t bytes_ = 0;
  int pipe_ = -1;           // the end that is read
  int stderr_before_ = -1;  // where complaints about the log itself go
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Status LogFile::Writer::open() {
  file_ = ::open(policy_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
  if (file_ < 0) return errno_error(policy_.path, errno);
  struct stat facts {};
  bytes_ = ::fstat(file_, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
  return {};
}

Status LogFile::Writer::start() {
  if (Status opened = open(); !opened) return opened;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("log pipe", errno);
  pipe_ = ends[0];
  ::fcntl(pipe_, F_SETPIPE_SZ, kPipeBytes);
  stderr_before_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  // Without close-on-exec: children speak into the same pipe.
  if (::dup2(ends[1], STDERR_FILENO) < 0) return errno_error("log pipe", errno);
  ::close(ends[1]);
  thread_ = std::thread([this] { run(); });
  return {};
}

LogFile::Writer::~Writer() {
  if (thread_.joinable()) {
    ::dup2(stderr_before_, STDERR_FILENO);
    stopping_ = true;
    thread_.join();
  }
  for (const int fd : {file_, pipe_, stderr_before_}) {
    if (fd >= 0) ::close(fd);
  }
}

// Ends when every writing end is closed, or when it shall and nothing more comes: a child that
// hangs must not hold us up.
void LogFile::Writer::run() {
  std::array<char, kReadBytes> block{};
  std::string begun;  // a line whose end has not come yet
  while (true) {
    pollfd asked{pipe_, POLLIN, 0};
    if (::poll(&asked, 1, kLookMilliseconds) == 0) {
      if (stopping_) break;
      continue;
    }
    const ssize_t got = ::read(pipe_, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    begun.append(block.data(), static_cast<std::size_t>(got));
    const std::size_t whole = begun.rfind('\n') + 1;
    if (whole == 0) continue;
    write(std::string_view(begun).substr(0, whole));
    begun.erase(0, whole);
  }
  if (!begun.empty()) write(begun);
}

void LogFile::Writer::write(std::string_view bytes) {
  if (is_moved_away()) {
    ::close(file_);
    if (!open()) return;
  }
  if (bytes_ > 0 && bytes_ + bytes.size() > policy_.most_bytes) rotate();
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      // A full disk must not stop the proxy because of its own log.
      ::dprintf(stderr_before_, "albicilla-proxy: %s: lines lost, errno=%d\n", policy_.path.c_str(),
                errno);
      return;
    }
    bytes_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void LogFile::Writer::rotate() {
  const auto name = [this](std::uint64_t number) {
    return number == 0 ? policy_.path : policy_.path + "." + std::to_string(number);
  };
  for (std::uint64_t number = policy_.backups; number > 0; --number) {
    ::rename(name(number - 1).c_str(), name(number).c_str());
  }
  if (policy_.backups == 0) ::unlink(policy_.path.c_str());
  const int before = file_;
  if (open()) {
    ::close(before);
  } else {
    file_ = before;
  }
}

bool LogFile::Writer::is_moved_away() const {
  struct stat ours {};
  struct stat named {};
  if (::fstat(file_, &ours) != 0) return true;
  if (::stat(policy_.path.c_str(), &named) != 0) return true;
  return ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
}

LogFile::LogFile(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
LogFile::~LogFile() = default;

Result<std::unique_ptr<LogFile>> LogFile::start(LogFilePolicy policy) {
  auto writer = std::make_unique<Writer>(std::move(policy));
  if (Status started = writer->start(); !started) return started.error();
  return std::unique_ptr<LogFile>(new LogFile(std::move(writer)));
}

}  // namespace albicilla
