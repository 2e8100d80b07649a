#include "converter/viewer/indexer.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <set>
#include <system_error>
#include <utility>

#include "common/base/log.h"
#include "converter/viewer/day_schema.h"
#include "converter/viewer/index_folder.h"

namespace albicilla::viewer {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A pass of at least this size is worth a second thread.
constexpr std::uint64_t kBesideBytes = std::uint64_t{2} << 20;
constexpr std::size_t kOpenWriters = 3;
// Days that may still grow; older ones are listed only once in a while.
constexpr std::size_t kLivelyDays = 3;
constexpr milliseconds kShortestListing{10'000};
constexpr milliseconds kAllDaysListing{300'000};
constexpr milliseconds kAfterFailure{5'000};
// Listing a log of a hundred thousand files takes a moment: at most this share of the time.
constexpr int kListingShare = 50;

// Has this file changed in another way than by growing?
bool was_altered(const LogFile& file, const FileProgress& known) {
  if (known.sealed) return !file.sealed || file.inode != known.inode;
  if (file.sealed) return false;  // sealing keeps the lines
  if (file.inode != known.inode || file.bytes < known.offset) return true;
  return file.bytes == known.offset && file.modified_ns < known.modified_ns;
}

bool has_news(const LogFile& file, const FileProgress& known) {
  if (file.sealed != known.sealed) return true;
  return !file.sealed && file.bytes > known.offset;
}

std::uint64_t new_bytes(const LogFile& file, const FileProgress& known) {
  return file.bytes > known.offset ? file.bytes - known.offset : 0;
}

// The processor's time that this thread has had.
std::chrono::nanoseconds own_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Of this thread and those that it starts: next to nothing while somebody else wants processor or
// disk, so that the sink goes first whatever there is to index. Not SCHED_IDLE: on a machine that
// is busy for minutes a thread of that class holds its locks for as long, and the page waits for
// them.
void step_behind_others() {
  constexpr int kNicest = 15;              // a thirtieth of what an equal rival gets
  constexpr int kOfProcess = 1;            // IOPRIO_WHO_PROCESS, which means a thread
  constexpr int kLastClass = 2 << 13 | 7;  // IOPRIO_CLASS_BE at its lowest level
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNicest) != 0 ||
      ::syscall(SYS_ioprio_set, kOfProcess, 0, kLastClass) != 0) {
    log_warning("indexing at usual priority",
                {{"error", errno_error("low priority", errno).message}});
  }
}

}  // namespace

Result<std::unique_ptr<Indexer>> Indexer::open(IndexOptions options, Listener listener) {
  std::error_code failed;
  std::filesystem::create_directories(options.index_dir, failed);
  if (failed) return our_error("index: " + options.index_dir.string() + ": " + failed.message());
  std::filesystem::permissions(options.index_dir, std::filesystem::perms::owner_all, failed);
  auto lock = lock_index(options.index_dir);
  if (!lock) return lock.error();
  auto key = load_index_key(options.index_dir);
  if (!key) return key.error();
  return std::unique_ptr<Indexer>(
      new Indexer(std::move(options), std::move(listener), std::move(*lock), *key));
}

Indexer::Indexer(IndexOptions options, Listener listener, Fd lock, HashKey key)
    : options_(std::move(options)),
      listener_(std::move(listener)),
      lock_(std::move(lock)),
      boot_(boot_id()),
      watch_(options_.root),
      scan_(options_.root, key) {}

Indexer::~Indexer() { stop(); }

Status Indexer::run_once() {
  Status status = list_everything(true);
  close_idle_writers("");
  return status;
}

void Indexer::start() {
  thread_ = std::thread([this] { follow(); });
}

void Indexer::stop() {
  stopping_ = true;
  watch_.wake();
  if (thread_.joinable()) thread_.join();
  close_idle_writers("");
}

IndexState Indexer::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Indexer::note(const Status& status) {
  const std::string error = status ? std::string() : status.error().message;
  if (!error.empty()) log_error("index pass failed", {{"error", error}});
  const std::lock_guard lock(mutex_);
  state_.error = error;
}

void Indexer::follow() {
  step_behind_others();
  Clock::time_point next_listing = Clock::now();
  Clock::time_point next_all = next_listing;
  while (!stopping_) {
    const Clock::time_point begin = Clock::now();
    if (begin >= next_listing) {
      const bool all = begin >= next_all;
      const Status status = list_everything(all);
      note(status);
      const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
      next_listing = Clock::now() + std::max(kShortestListing, took * kListingShare);
      if (all) next_all = Clock::now() + std::max(kAllDaysListing, took * kListingShare);
      if (!status) next_listing = Clock::now() + kAfterFailure;
      const std::lock_guard lock(mutex_);
      state_.first_pass_done = following_ = state_.first_pass_done || status.ok();
      state_.pending_bytes = 0;
      continue;
    }
    const auto left = std::chrono::duration_cast<milliseconds>(next_listing - begin);
    const std::chrono::nanoseconds before = own_time();  // hearing of changes is work, too
    const FileChanges changes =
        watch_.wait(waiting_.empty() ? std::max(left, milliseconds{1}) : milliseconds{1});
    if (waiting_.empty()) behind_since_ = Clock::now();
    if (changes.everything) next_listing = Clock::now();
    // Nothing came while files were waiting: the log grows no more.
    const bool quiet = changes.files.empty() && changes.folders.empty();
    if (const Status status = index_files(changes, quiet ? kQuietTurnBytes : kTurnBytes); !status) {
      note(status);
      waiting_.clear();  // the listing finds them again
      next_listing = Clock::now() + kAfterFailure;
    }
    if (!quiet) watch_.rest(rest_after(own_time() - before, Clock::now() - behind_since_));
  }
}

Status Indexer::list_everything(bool all_days) {
  auto days = list_days(options_.root);
  if (!days) return days.error();
  drop_vanished_days(*days);
  if (!all_days && days->size() > kLivelyDays) days->resize(kLivelyDays);
  const Status status = index_days(*days);
  const Status last = finish_pass();
  return status ? last : status;
}

Status Indexer::index_days(const std::vector<std::string>& days) {
  for (const std::string& day : days) {
    if (stopping_) return {};
    // Watched before it is listed, so that nothing falls between.
    watch_.add_day(day);
    if (Status status = index_day(day); !status) return status;
    close_idle_writers(day);
  }
  return {};
}

void Indexer::drop_vanished_days(const std::vector<std::string>& days) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(options_.index_dir, none)) {
    if (entry.path().extension() != ".db") continue;
    const std::string day = entry.path().stem().string();
    if (std::find(days.begin(), days.end(), day) != days.end()) continue;
    writers_.erase(day);
    remove_day(options_.index_dir, day);
    listener_.replaced(day);
  }
}

Status Indexer::index_day(const std::string& day) {
  auto files = list_day(options_.root, day);
  if (!files) return files.error();
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto open = writer(day);
    if (!open) return open.error();
    auto rows = (*open)->files();
    if (!rows) return rows.error();
    std::map<std::string, FileProgress> known;
    for (FileProgress& row : *rows) known.emplace(row.name, std::move(row));
    std::size_t still_there = 0;
    bool altered = false;
    std::vector<LogFile> news;
    for (const LogFile& file : *files) {
      const auto found = known.find(file.name);
      if (found != known.end()) {
        ++still_there;
        altered = altered || was_altered(file, found->second);
        if (!has_news(file, found->second)) continue;
      }
      news.push_back(file);
    }
    if (!altered && still_there == known.size()) {
      if (!following_) return run_pass(day, news, known);
      for (const LogFile& file : news) waiting_.add(file.name);
      return {};
    }
    const char* why = altered ? "a file changed other than by growing" : "a file is gone";
    if (Status status = rebuild(day, why); !status) return status;
  }
  return {};
}

// Of the files that wait, those that waited longest, until they make up `most_bytes`. One that has
// more is put behind the others again.
Status Indexer::index_files(const FileChanges& changes, std::uint64_t most_bytes) {
  for (const std::string& name : changes.files) waiting_.add(name);
  if (Status status = look_at_days(changes.folders); !status) return status;
  std::set<std::string> altered;
  std::map<std::string, std::vector<LogFile>> files;
  std::map<std::string, FileProgress> known;
  for (std::uint64_t bytes = 0; bytes < most_bytes;) {
    const std::optional<std::string> name = waiting_.take();
    if (!name) break;
    const std::string day(day_of(*name));
    if (altered.count(day) > 0) continue;  // all of it is looked at below
    auto file = find_log_file(options_.root, *name);
    if (!file) continue;
    auto open = writer(day);
    if (!open) return open.error();
    auto row = (*open)->file(file->name);
    if (!row) return row.error();
    const FileProgress progress = row->value_or(FileProgress{});
    if (*row) {
      if (was_altered(*file, progress)) altered.insert(day);
      if (!has_news(*file, progress)) continue;
      known.emplace(file->name, progress);
    }
    bytes += std::min(new_bytes(*file, progress), most_bytes);
    files[day].push_back(std::move(*file));
  }
  for (const auto& [day, news] : files) {
    if (altered.count(day) > 0) continue;
    if (Status status = run_pass(day, news, known, most_bytes); !status) return status;
  }
  return look_at_days(altered);
}

Status Indexer::look_at_days(const std::set<std::string>& days) {
  for (const std::string& day : days) {
    std::error_code none;
    if (day.empty() || !std::filesystem::is_directory(options_.root / day, none)) continue;
    if (day_of(day + "/x.jsonl").empty()) continue;
    watch_.add_day(day);
    if (Status status = index_day(day); !status) return status;
  }
  return {};
}

Status Indexer::run_pass(const std::string& day, const std::vector<LogFile>& files,
                         const std::map<std::string, FileProgress>& known,
                         std::uint64_t most_bytes) {
  if (files.empty()) return {};
  auto open = writer(day);
  if (!open) return open.error();
  std::uint64_t pending = 0;
  for (const LogFile& file : files) {
    const auto found = known.find(file.name);
    pending += found == known.end() ? file.bytes : new_bytes(file, found->second);
  }
  {
    const std::lock_guard lock(mutex_);
    state_.pending_bytes = pending + (passing_ == nullptr ? 0 : state_.pending_bytes);
  }
  const auto committed = [this](std::vector<FreshExchange> fresh, std::uint64_t bytes) {
    bool backlog = false;
    {
      const std::lock_guard lock(mutex_);
      state_.indexed_bytes += bytes;
      state_.pending_bytes -= std::min(state_.pending_bytes, bytes);
      backlog = !state_.first_pass_done;
    }
    listener_.fresh(std::move(fresh), backlog);
  };
  std::unique_ptr<Pass> pass(new Pass{day, {**open, pending >= kBesideBytes, committed}});
  scan_.begin(day, most_bytes, [&](Batch batch) { return pass->lane.put(std::move(batch)); });
  Status status;
  for (const LogFile& file : files) {
    if (stopping_) break;
    const auto found = known.find(file.name);
    status = scan_.scan_file(file, found == known.end() ? FileProgress{} : found->second);
    if (!status) break;
  }
  if (status) status = scan_.finish();
  for (const std::string& name : scan_.unfinished()) waiting_.add(name);
  if (status) return end_pass(std::move(pass));
  pass.reset();
  lose_transaction(day);
  return status;
}

// While the first days are indexed, the end of one is written beside the reading of the next.
Status Indexer::end_pass(std::unique_ptr<Pass> pass) {
  pass->lane.end();
  const Status before = finish_pass();
  passing_ = std::move(pass);
  const Status own = following_ ? finish_pass() : Status();
  return before ? own : before;
}

Status Indexer::finish_pass() {
  if (passing_ == nullptr) return {};
  const Status status = passing_->lane.finish();
  const std::string day = std::exchange(passing_, nullptr)->day;
  if (!status) lose_transaction(day);
  return status;
}

// Nothing of what was handed over is known to be written.
void Indexer::lose_transaction(const std::string& day) {
  writers_.erase(day);
  scan_.forget();
}

Status Indexer::rebuild(const std::string& day, std::string_view why) {
  log_info("index of a day is made anew", {{"day", day}, {"reason", why}});
  writers_.erase(day);
  remove_day(options_.index_dir, day);
  scan_.forget();
  listener_.replaced(day);
  return {};
}

Result<DayWriter*> Indexer::writer(const std::string& day) {
  auto& slot = writers_[day];
  if (slot == nullptr) {
    const bool existed = std::filesystem::exists(day_path(options_.index_dir, day));
    auto opened = DayWriter::open(options_.index_dir, day, boot_);
    if (!opened) {
      writers_.erase(day);
      return opened.error();
    }
    slot = std::move(*opened);
    // A database of another version was replaced just now.
    if (existed) listener_.replaced(day);
    scan_.forget();
  }
  return slot.get();
}

// Closing syncs: only days that nobody writes to now.
void Indexer::close_idle_writers(const std::string& keep) {
  for (auto it = writers_.begin(); it != writers_.end();) {
    const bool busy = it->first == keep || (passing_ != nullptr && it->first == passing_->day);
    const bool idle = keep.empty() || (!busy && writers_.size() > kOpenWriters);
    if (!idle) {
      ++it;
      continue;
    }
    if (const Status status = it->second->close(); !status) {
      log_warning("index not closed", {{"day", it->first}, {"error", status.error().message}});
    }
    it = writers_.erase(it);
  }
}

}  // namespace albicilla::viewer
