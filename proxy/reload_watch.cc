#include "proxy/reload_watch.h"

#include <sys/stat.h>

#include <utility>

namespace albicilla {

ReloadWatch::Seen ReloadWatch::look(const std::string& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) return {};
  return {facts.st_mtim.tv_sec * std::int64_t{1'000'000'000} + facts.st_mtim.tv_nsec, facts.st_ino,
          static_cast<std::uint64_t>(facts.st_size)};
}

ReloadWatch::ReloadWatch(std::vector<std::string> files) : files_(std::move(files)) {
  for (const std::string& file : files_) known_.push_back(look(file));
  last_ = known_;
}

bool ReloadWatch::changed() {
  std::vector<Seen> now;
  for (const std::string& file : files_) now.push_back(look(file));
  const bool settled = now == last_;
  last_ = now;
  if (!settled || now == known_) return false;
  for (const Seen& seen : now) {
    if (seen == Seen{}) return false;
  }
  known_ = std::move(now);
  return true;
}

}  // namespace albicilla
