// Connections for reading the days' databases, shared by the threads that answer requests. Bounded:
// those that were not used for the longest time are closed.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/database.h"

namespace albicilla::viewer {

// Thread safe.
class DayPool {
 public:
  explicit DayPool(std::filesystem::path index_dir, std::size_t most_idle = 48);

  // A connection for one thread's use; goes back when it is destroyed. Must not outlive the pool.
  class Lease {
   public:
    Lease(DayPool& pool, std::string day, std::uint64_t age, std::unique_ptr<Database> database);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Database& operator*() { return *database_; }
    Database* operator->() { return database_.get(); }

   private:
    DayPool* pool_;
    std::string day_;
    std::uint64_t age_;
    std::unique_ptr<Database> database_;
  };

  Result<Lease> take(const std::string& day);
  // The days that have a database, newest first.
  std::vector<std::string> days() const;
  // The day's database was replaced: what is open must not be used for further questions.
  void drop(const std::string& day);

 private:
  struct Idle {
    std::string day;
    std::unique_ptr<Database> database;
  };
  void give_back(std::string day, std::uint64_t age, std::unique_ptr<Database> database);

  std::filesystem::path index_dir_;
  std::size_t most_idle_;
  std::mutex mutex_;
  std::list<Idle> idle_;   // newest in front
  std::uint64_t age_ = 0;  // counts drops
};

}  // namespace albicilla::viewer
