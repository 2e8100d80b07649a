#include "sink/store/uploader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/log.h"
#include "sink/store/checksum.h"

namespace albicilla {

std::string object_name(const std::string& layout, const std::string& path_below_layout) {
  if (layout == "session" || layout == "user_model_day") return path_below_layout;
  return layout + "/" + path_below_layout;
}

Uploader::Uploader(const UploadParts& parts, const UploadPace& pace) : parts_(parts), pace_(pace) {}

Uploader::~Uploader() { stop(); }

void Uploader::start() {
  thread_ = std::thread([this] { run(); });
}

void Uploader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  parts_.pacer.stop();
  parts_.store.interrupt();
  if (thread_.joinable()) thread_.join();
}

void Uploader::enqueue(UploadFile file) {
  const std::lock_guard lock(mutex_);
  add(std::move(file), true);
  changed_.notify_all();
}

// A name waits once; what is known of it last counts. The caller holds the lock.
void Uploader::add(UploadFile file, bool asked) {
  const auto [place, is_new] = jobs_.try_emplace(file.name);
  Job& job = place->second;
  if (is_new) due_.emplace(job.not_before, file.name);
  job.asked = job.asked || asked;
  job.file = std::move(file);
  counters_.waiting = jobs_.size() + (working_ ? 1 : 0);
}

bool Uploader::confirmed(const std::string& name, std::uint64_t size) const {
  const auto uploaded = parts_.ledger.find(name);
  return uploaded && uploaded->size == size;
}

bool Uploader::wait_until_idle(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, most, [&] { return scanned_ && jobs_.empty() && !working_; });
}

void Uploader::run() {
  Job job;
  while (wait_for_job(job)) {
    const Next next = upload(job);
    finish(std::move(job), next);
  }
}

// Sleeps until a job is due, scanning the disk when it is time; false at the end.
bool Uploader::wait_for_job(Job& job) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Time now = std::chrono::steady_clock::now();
    if (now >= next_scan_) {
      next_scan_ = now + pace_.rescan;
      lock.unlock();
      scan();
      lock.lock();
      scanned_ = true;
      changed_.notify_all();
      continue;
    }
    const Time due = due_.empty() ? Time::max() : std::max(due_.begin()->first, pause_until_);
    if (due <= now) {
      auto taken = jobs_.extract(due_.begin()->second);
      due_.erase(due_.begin());
      job = std::move(taken.mapped());
      working_ = true;
      return true;
    }
    changed_.wait_until(lock, std::min(due, next_scan_));
  }
  return false;
}

void Uploader::scan() {
  auto found = parts_.source.files();
  if (!found) {
    log_error("cannot scan for files to upload",
              {{"store", parts_.store.name()}, {"error", found.error().message}});
    return;
  }
  std::set<std::string> names;
  for (const UploadFile& file : *found) names.insert(file.name);
  if (parts_.ledger.size() > names.size()) {
    const Status compacted = parts_.ledger.compact(names);
    if (!compacted) log_error("upload ledger", {{"error", compacted.error().message}});
  }
  const std::lock_guard lock(mutex_);
  for (UploadFile& file : *found) {
    const auto facts = parts_.files.look(file.path);
    if (facts && *facts && confirmed(file.name, (*facts)->bytes)) continue;
    add(std::move(file), false);
  }
}

void Uploader::finish(Job job, Next next) {
  const std::lock_guard lock(mutex_);
  working_ = false;
  if (next == Next::done) {
    failures_in_a_row_ = 0;
    pause_until_ = {};
  } else if (!stopping_) {
    // The store may be down for all, or only this file be trouble: all wait a little, it the
    // longest.
    const Time now = std::chrono::steady_clock::now();
    ++failures_in_a_row_;
    pause_until_ = now + pause_after(failures_in_a_row_);
    job.failures += 1;
    job.not_before = now + pause_after(job.failures);
    const std::string name = job.file.name;
    const auto [place, is_new] = jobs_.try_emplace(name);
    if (is_new) {
      due_.emplace(job.not_before, name);
      place->second = std::move(job);
    }
  }
  counters_.waiting = jobs_.size();
  changed_.notify_all();
}

std::chrono::milliseconds Uploader::pause_after(unsigned failures) const {
  const unsigned doublings = std::min(failures - 1, 20U);
  return std::min(pace_.first_pause * (std::int64_t{1} << doublings), pace_.longest_pause);
}

Uploader::Next Uploader::upload(const Job& job) {
  const auto facts = parts_.files.look(job.file.path);
  if (facts && !*facts) {
    log_warning("a file to upload is gone", {{"path", job.file.path}});
    return Next::done;
  }
  const auto source = SourceFile::open(parts_.files, job.file.path);
  if (!source) {
    return judge(job.file, {StoreVerdict::unavailable, 0, "", source.error().message});
  }
  return job.file.kind == UploadKind::whole ? upload_whole(job.file, *source, job.asked)
                                            : upload_growing(job.file, *source);
}

Uploader::Next Uploader::upload_whole(const UploadFile& file, const SourceFile& source,
                                      bool asked) {
  const auto before = parts_.ledger.find(file.name);
  if (before && !asked && before->size == source.size()) return Next::done;
  // The store has what we put there ourselves, and the local file says otherwise since: it was
  // rewritten. Anything else under that name is not ours to replace.
  const bool ours = before && !before->sha256.empty();
  const StoreAnswer answer =
      parts_.store.put(file.name, source, ours ? PutMode::replace : PutMode::create);
  if (answer.holds() && !remember(file.name, {source.size(), answer.sha256})) return Next::again;
  return judge(file, answer);
}

Uploader::Next Uploader::upload_growing(const UploadFile& file, const SourceFile& source) {
  if (!parts_.store.abilities().appends) return Next::done;  // it goes there when it is sealed
  const auto before = parts_.ledger.find(file.name);
  std::uint64_t position = before ? before->size : 0;
  if (position == source.size()) return Next::done;
  if (position > source.size()) {
    return judge(file, {StoreVerdict::conflict, position, "", "the local file has become shorter"});
  }
  StoreAnswer answer = parts_.store.append(file.name, source, position);
  if (answer.verdict == StoreVerdict::other_position && answer.size <= source.size()) {
    position = answer.size;  // an earlier append arrived and its answer was lost
    answer = position == source.size() ? StoreAnswer{StoreVerdict::already_there, position, "", ""}
                                       : parts_.store.append(file.name, source, position);
  }
  // Within our file, an append of a process before may still be on its way: looked at again. Beyond
  // it are bytes that are not ours.
  if (answer.verdict == StoreVerdict::other_position) {
    const bool within = answer.size <= source.size();
    answer.verdict = within ? StoreVerdict::unavailable : StoreVerdict::conflict;
    answer.size = 0;  // not what this attempt has brought there
  }
  const bool further = answer.verdict == StoreVerdict::unavailable && answer.size > position;
  if ((answer.holds() || further) && !remember(file.name, {answer.size, ""})) return Next::again;
  return judge(file, answer);
}

bool Uploader::remember(const std::string& name, const UploadedFile& uploaded) {
  const Status status = parts_.ledger.confirm(name, uploaded);
  if (!status) log_error("upload ledger", {{"error", status.error().message}});
  return status.ok();
}

Uploader::Next Uploader::judge(const UploadFile& file, const StoreAnswer& answer) {
  counters_.refused = answer.verdict == StoreVerdict::refused;
  if (answer.holds()) {
    counters_.files_total += 1;
    if (answer.verdict == StoreVerdict::confirmed) counters_.bytes_total += answer.size;
    return Next::done;
  }
  const bool given_up =
      answer.verdict == StoreVerdict::conflict || answer.verdict == StoreVerdict::unsupported;
  const std::initializer_list<LogFact> facts = {{"store", parts_.store.name()},
                                                {"object", file.name},
                                                {"verdict", to_string(answer.verdict)},
                                                {"why", answer.message}};
  if (given_up) {
    counters_.conflicts_total += 1;
    log_error("upload given up, the local file stays", facts);
    return Next::done;
  }
  counters_.failures_total += 1;
  log_warning("upload failed, will be tried again", facts);
  return Next::again;
}

}  // namespace albicilla
