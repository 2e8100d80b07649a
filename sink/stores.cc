#include "sink/stores.h"

#include <algorithm>
#include <map>

#include "common/base/log.h"
#include "sink/log/identity.h"
#include "sink/store/upload_ledger.h"

namespace albicilla {

namespace {

constexpr std::chrono::seconds kWatchPause{1};
// Each append is a block of its blob, which may have 50,000: enough for a day at this pace.
constexpr int kPausesPerAppend = 5;

}  // namespace

struct Stores::Fed {
  std::unique_ptr<Store> store;
  std::unique_ptr<UploadLedger> ledger;
  std::unique_ptr<Uploader> uploader;
  // Of growing files when they were last given to the uploader, which repeats what fails by itself.
  std::map<std::string, std::uint64_t> sizes;
};

Result<StoreAsked> parse_store(std::string_view text, const EnvironmentLookup& environment) {
  const std::size_t colon = text.find(':');
  StoreAsked asked{std::string(text.substr(0, colon)), {}};
  std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  StoreSettings given;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return client_error("--store must be NAME:setting=value,…, got '" + std::string(one) +
                          "' without a value");
    }
    given[std::string(one.substr(0, equals))] = one.substr(equals + 1);
  }
  auto settings = gather_store_settings(asked.name, given, environment);
  if (!settings) return client_error("--store: " + settings.error().message);
  asked.settings = std::move(*settings);
  return asked;
}

Stores::Stores(Parts parts)
    : parts_(std::move(parts)),
      pacer_(parts_.clock, parts_.bytes_per_second),
      source_(parts_.files, parts_.log_root, parts_.layouts) {}

Stores::~Stores() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (watch_.joinable()) watch_.join();
  for (const auto& fed : fed_) fed->uploader->stop();
}

Result<std::unique_ptr<Stores>> Stores::open(Parts parts, const std::vector<StoreAsked>& asked) {
  std::unique_ptr<Stores> stores(new Stores(std::move(parts)));
  for (const StoreAsked& one : asked) {
    if (const Status added = stores->add(one); !added) return added.error();
  }
  stores->watch_ = std::thread([all = stores.get()] { all->watch(); });
  return stores;
}

Status Stores::add(const StoreAsked& asked) {
  auto store = make_store(asked.name, asked.settings, {parts_.files, pacer_, parts_.clock});
  if (!store) return store.error();
  auto ledger = UploadLedger::open(
      parts_.files, identity_directory(parts_.log_root) + "/stores/" + asked.name + ".ledger");
  if (!ledger) return ledger.error();
  auto fed = std::make_unique<Fed>();
  fed->store = std::move(*store);
  fed->ledger = std::move(*ledger);
  fed->uploader = std::make_unique<Uploader>(
      UploadParts{*fed->store, source_, *fed->ledger, parts_.files, pacer_}, UploadPace{});
  fed->uploader->start();
  fed_.push_back(std::move(fed));
  return {};
}

void Stores::note_ready(const std::string& until) {
  const std::string before = source_.ready_until();
  if (until <= before) return;
  source_.note_ready(until);
  const auto files = source_.files();
  if (!files) {
    log_error("sealed days not listed for the stores", {{"reason", files.error().message}});
    return;  // the uploaders look for themselves, now and then
  }
  for (const UploadFile& file : *files) {
    if (std::string_view(file.name).substr(0, before.size()) <= before && !before.empty()) continue;
    for (const auto& fed : fed_) fed->uploader->enqueue(file);
  }
}

void Stores::note_rewritten(const std::string& file) {
  for (const auto& fed : fed_) fed->uploader->enqueue(source_.log_file(file));
}

bool Stores::hold(const std::string& day) {
  std::vector<UploadFile> files;
  if (day > source_.ready_until() || !source_.list_day(day, files)) return false;
  return std::all_of(files.begin(), files.end(), [&](const UploadFile& file) {
    const auto facts = parts_.files.look(file.path);
    return facts && *facts && std::all_of(fed_.begin(), fed_.end(), [&](const auto& fed) {
             return fed->uploader->confirmed(file.name, (*facts)->bytes);
           });
  });
}

void Stores::watch() {
  int pauses = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    if (pauses++ % kPausesPerAppend == 0) feed_growing();
    count();
    lock.lock();
    stop_.wait_for(lock, kWatchPause, [this] { return stopping_; });
  }
}

// What has grown since a store last heard of it; stores that cannot append wait for the day's end.
void Stores::feed_growing() {
  const auto files = source_.growing();
  if (!files) {
    log_error("open files not listed for the stores", {{"reason", files.error().message}});
    return;
  }
  for (const auto& fed : fed_) {
    if (!fed->store->abilities().appends) continue;
    std::map<std::string, std::uint64_t> sizes;
    for (const UploadFile& file : *files) {
      const auto facts = parts_.files.look(file.path);
      if (!facts || !*facts) continue;
      const std::uint64_t size = sizes[file.name] = (*facts)->bytes;
      const auto before = fed->sizes.find(file.name);
      if (before != fed->sizes.end() && before->second == size) continue;
      if (!fed->uploader->confirmed(file.name, size)) fed->uploader->enqueue(file);
    }
    fed->sizes = std::move(sizes);
  }
}

// Sums over the stores, for the metrics.
void Stores::count() {
  std::uint64_t waiting = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t failures = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t refusing = 0;
  for (const auto& fed : fed_) {
    const UploadCounters& counters = fed->uploader->counters();
    waiting += counters.waiting;
    bytes += counters.bytes_total;
    files += counters.files_total;
    failures += counters.failures_total;
    conflicts += counters.conflicts_total;
    refusing += counters.refused ? 1 : 0;
  }
  parts_.counters.uploads_waiting = waiting;
  parts_.counters.uploaded_bytes = bytes;
  parts_.counters.uploaded_files = files;
  parts_.counters.upload_failures = failures;
  parts_.counters.upload_conflicts = conflicts;
  parts_.counters.stores_refusing = refusing;
}

}  // namespace albicilla
