#include "sink/stores.h"

#include <algorithm>

#include "common/base/log.h"
#include "sink/layout/session.h"
#include "sink/log/identity.h"
#include "sink/log/retention.h"
#include "sink/log/sealed_file.h"
#include "sink/store/upload_ledger.h"

namespace albicilla {

namespace {

constexpr const char* kSessionLayout = "session";
constexpr std::string_view kManifest = ".manifest";

}  // namespace

// Sealed days as they lie on the disk, but for those that were let go.
class Stores::SealedFiles final : public UploadSource {
 public:
  SealedFiles(FileSystem& files, std::string log_root)
      : files_(files), log_root_(std::move(log_root)) {}

  void note_ready(const std::string& until) {
    const std::lock_guard lock(mutex_);
    ready_until_ = std::max(ready_until_, until);
  }

  UploadFile file(const std::string& name) const {
    return {log_root_ + "/" + name, object_name(kSessionLayout, name), UploadKind::whole};
  }

  Result<std::vector<UploadFile>> files() override {
    std::vector<UploadFile> found;
    const auto names = files_.list(log_root_);
    if (!names) return names.error();
    for (const std::string& day : *names) {
      if (!is_day_name(day) || day > ready_until()) continue;
      if (const Status listed = list(day, found); !listed) return listed.error();
    }
    return found;
  }

  Status list(const std::string& day, std::vector<UploadFile>& found) {
    const auto gone = was_let_go(files_, log_root_, day);
    if (!gone) return gone.error();
    if (*gone) return {};
    const Status walked =
        walk_day(files_, log_root_, day, [&](const std::string& name) -> Result<Walk> {
          found.push_back(file(name));
          return Walk::go_on;
        });
    if (!walked) return walked;
    const std::string manifest = day + "/" + std::string(kManifest);
    const auto facts = files_.look(log_root_ + "/" + manifest);
    if (!facts) return facts.error();
    if (*facts) found.push_back(file(manifest));
    return {};
  }

  std::string ready_until() const {
    const std::lock_guard lock(mutex_);
    return ready_until_;
  }

 private:
  FileSystem& files_;
  std::string log_root_;
  mutable std::mutex mutex_;
  std::string ready_until_;
};

struct Stores::Fed {
  std::unique_ptr<Store> store;
  std::unique_ptr<UploadLedger> ledger;
  std::unique_ptr<Uploader> uploader;
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
      source_(std::make_unique<SealedFiles>(parts_.files, parts_.log_root)) {}

Stores::~Stores() {
  for (const auto& fed : fed_) fed->uploader->stop();
}

Result<std::unique_ptr<Stores>> Stores::open(Parts parts, const std::vector<StoreAsked>& asked) {
  std::unique_ptr<Stores> stores(new Stores(std::move(parts)));
  for (const StoreAsked& one : asked) {
    if (const Status added = stores->add(one); !added) return added.error();
  }
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
      UploadParts{*fed->store, *source_, *fed->ledger, parts_.files, pacer_}, UploadPace{});
  fed->uploader->start();
  fed_.push_back(std::move(fed));
  return {};
}

void Stores::note_ready(const std::string& until) {
  const std::string before = source_->ready_until();
  if (until <= before) return;
  source_->note_ready(until);
  const auto files = source_->files();
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
  for (const auto& fed : fed_) fed->uploader->enqueue(source_->file(file));
}

bool Stores::hold(const std::string& day) {
  std::vector<UploadFile> files;
  if (day > source_->ready_until() || !source_->list(day, files)) return false;
  return std::all_of(files.begin(), files.end(), [&](const UploadFile& file) {
    const auto facts = parts_.files.look(file.path);
    return facts && *facts && std::all_of(fed_.begin(), fed_.end(), [&](const auto& fed) {
             return fed->uploader->confirmed(file.name, (*facts)->bytes);
           });
  });
}

void Stores::count() {
  std::uint64_t waiting = 0;
  std::uint64_t bytes = 0;
  std::uint64_t failures = 0;
  std::uint64_t conflicts = 0;
  for (const auto& fed : fed_) {
    const UploadCounters& counters = fed->uploader->counters();
    waiting += counters.waiting;
    bytes += counters.bytes_total;
    failures += counters.failures_total;
    conflicts += counters.conflicts_total;
  }
  parts_.counters.uploads_waiting = waiting;
  parts_.counters.uploaded_bytes = bytes;
  parts_.counters.upload_failures = failures;
  parts_.counters.upload_conflicts = conflicts;
}

}  // namespace albicilla
