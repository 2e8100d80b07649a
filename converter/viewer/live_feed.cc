#include "converter/viewer/live_feed.h"

#include <algorithm>
#include <utility>

namespace albicilla::viewer {

void LiveFeed::publish(std::vector<std::string> summaries) {
  if (summaries.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    for (std::string& json : summaries) {
      items_.push_back(std::make_shared<const LiveItem>(LiveItem{++newest_, std::move(json)}));
    }
    while (items_.size() > kMostItems) items_.pop_front();
  }
  changed_.notify_all();
}

LiveFeed::News LiveFeed::wait(std::uint64_t after, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return closed_ || newest_ > after; });
  News news;
  news.closed = closed_;
  for (const auto& item : items_) {
    if (item->number > after) news.items.push_back(item);
  }
  if (newest_ > after) news.missed = newest_ - after - news.items.size();
  return news;
}

std::uint64_t LiveFeed::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void LiveFeed::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace albicilla::viewer
