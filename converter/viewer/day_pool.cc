#include "converter/viewer/day_pool.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <system_error>
#include <utility>

#include "converter/viewer/day_schema.h"

namespace albicilla::viewer {
namespace {

// Nothing that the page asks takes that long; what does is cut off.
constexpr std::chrono::seconds kMostQuestionTime{10};

}  // namespace

DayPool::DayPool(std::filesystem::path index_dir, std::size_t most_idle)
    : index_dir_(std::move(index_dir)), most_idle_(most_idle) {}

DayPool::Lease::Lease(DayPool& pool, std::string day, std::uint64_t age,
                      std::unique_ptr<Database> database)
    : pool_(&pool), day_(std::move(day)), age_(age), database_(std::move(database)) {}

DayPool::Lease::~Lease() {
  if (database_ != nullptr) pool_->give_back(std::move(day_), age_, std::move(database_));
}

Result<DayPool::Lease> DayPool::take(const std::string& day) {
  const auto deadline = std::chrono::steady_clock::now() + kMostQuestionTime;
  std::uint64_t age = 0;
  {
    const std::lock_guard lock(mutex_);
    age = age_;
    const auto found =
        std::find_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return idle.day == day; });
    if (found != idle_.end()) {
      auto database = std::move(found->database);
      idle_.erase(found);
      database->stop_at(deadline);
      return Lease(*this, day, age, std::move(database));
    }
  }
  auto opened = open_day_for_reading(index_dir_, day);
  if (!opened) return opened.error();
  opened->stop_at(deadline);
  return Lease(*this, day, age, std::make_unique<Database>(std::move(*opened)));
}

void DayPool::give_back(std::string day, std::uint64_t age, std::unique_ptr<Database> database) {
  const std::lock_guard lock(mutex_);
  if (age != age_) return;
  idle_.push_front({std::move(day), std::move(database)});
  while (idle_.size() > most_idle_) idle_.pop_back();
}

std::vector<std::string> DayPool::days() const {
  std::vector<std::string> days;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(index_dir_, none)) {
    if (entry.path().extension() == ".db") days.push_back(entry.path().stem().string());
  }
  std::sort(days.begin(), days.end(), std::greater<>());
  return days;
}

void DayPool::drop(const std::string& day) {
  const std::lock_guard lock(mutex_);
  ++age_;
  idle_.remove_if([&](const Idle& idle) { return idle.day == day; });
}

}  // namespace albicilla::viewer
