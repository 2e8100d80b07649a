#include "converter/progress.h"

#include <chrono>
#include <iostream>
#include <string>

namespace albicilla {

namespace {

constexpr std::chrono::seconds kPeriod{1};

std::string in_megabytes(std::uint64_t bytes) { return std::to_string(bytes / 1000000) + " MB"; }

}  // namespace

Progress::Progress(ProgressStyle style, std::uint64_t all_groups)
    : style_(style), all_groups_(all_groups) {
  if (style_ != ProgressStyle::none) thread_ = std::thread([this] { run(); });
}

Progress::~Progress() {
  if (style_ == ProgressStyle::none) return;
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  thread_.join();
  show(true);
}

void Progress::restart() {
  groups_ = 0;
  bytes_ = 0;
  rows_ = 0;
}

void Progress::add(std::uint64_t bytes, std::uint64_t rows) {
  bytes_ += bytes;
  rows_ += rows;
  ++groups_;
}

void Progress::run() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kPeriod, [this] { return end_; })) show(false);
}

void Progress::show(bool last) const {
  std::string line;
  if (style_ == ProgressStyle::json) {
    line = R"({"groups":)" + std::to_string(groups_) + R"(,"of":)" + std::to_string(all_groups_) +
           R"(,"bytes":)" + std::to_string(bytes_) + R"(,"rows":)" + std::to_string(rows_) +
           R"(,"done":)" + (last ? "true" : "false") + "}\n";
  } else {
    line = "\r" + std::to_string(groups_) + "/" + std::to_string(all_groups_) + " sessions, " +
           in_megabytes(bytes_) + ", " + std::to_string(rows_) + " rows " + (last ? "\n" : "");
  }
  std::cerr << line << std::flush;
}

}  // namespace albicilla
