#include "converter/viewer/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <system_error>
#include <utility>

#include "converter/viewer/log_tree.h"

namespace albicilla::viewer {
namespace {

constexpr std::uint32_t kEvents = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr std::size_t kMostFolders = 20000;
// Long enough to gather a burst, short enough for the eye.
constexpr std::chrono::milliseconds kGather{40};

}  // namespace

FileWatch::FileWatch(std::filesystem::path root)
    : root_(std::move(root)),
      events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  add("");
}

void FileWatch::add(const std::string& folder) {
  if (!events_.valid() || folders_.size() >= kMostFolders) return;
  const int watch =
      ::inotify_add_watch(events_.get(), (root_ / folder).c_str(), kEvents | IN_ONLYDIR);
  if (watch >= 0) folders_[watch] = folder;
}

void FileWatch::add_day(const std::string& day) {
  add(day);
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(root_ / day, none)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory(none) && !name.starts_with('.')) add(day + "/" + name);
  }
}

bool FileWatch::wait_readable(std::chrono::milliseconds timeout, bool& woken) {
  std::array<pollfd, 2> fds = {{{wake_.get(), POLLIN, 0}, {events_.get(), POLLIN, 0}}};
  const int ready = ::poll(fds.data(), events_.valid() ? 2 : 1, static_cast<int>(timeout.count()));
  woken = ready > 0 && fds[0].revents != 0;
  return ready > 0 && fds[1].revents != 0;
}

FileChanges FileWatch::wait(std::chrono::milliseconds timeout) {
  FileChanges changes;
  bool woken = false;
  if (!wait_readable(timeout, woken) || woken) {
    std::uint64_t count = 0;
    if (woken) (void)!::read(wake_.get(), &count, sizeof count);
    return changes;
  }
  read_events(changes);
  rest(kGather);
  read_events(changes);
  return changes;
}

void FileWatch::rest(std::chrono::nanoseconds time) {
  std::array<pollfd, 1> stop = {{{wake_.get(), POLLIN, 0}}};
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(time);
  ::poll(stop.data(), 1, static_cast<int>(whole.count()));
}

void FileWatch::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void FileWatch::read_events(FileChanges& changes) {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(events_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (ssize_t at = 0; at < got;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      if ((event.mask & IN_Q_OVERFLOW) != 0) changes.everything = true;
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end()) continue;
      if ((event.mask & IN_IGNORED) != 0) {
        folders_.erase(folder);
        continue;
      }
      if (event.len == 0) continue;
      const std::string path =
          folder->second.empty() ? std::string(name) : folder->second + "/" + name;
      const bool grows = (event.mask & IN_MODIFY) != 0 ||
                         ((event.mask & IN_CREATE) != 0 && (event.mask & IN_ISDIR) == 0);
      if (grows && !day_of(path).empty()) {
        changes.files.insert(path);
      } else if (path[0] != '.' &&
                 (path.find("/.") == std::string::npos || !day_of(path).empty())) {
        changes.folders.insert(path.substr(0, path.find('/')));
      }
    }
  }
}

}  // namespace albicilla::viewer
