#include "sink/stored_files.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sink/layout/session.h"
#include "sink/log/retention.h"
#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

constexpr const char* kSessionLayout = "session";
constexpr std::string_view kManifest = ".manifest";
constexpr std::string_view kLines = ".jsonl";
constexpr std::size_t kDayDigits = 8;

}  // namespace

std::string day_of_layout_file(std::string_view name) {
  if (!name.ends_with(kLines)) return {};
  name.remove_suffix(kLines.size());
  if (name.size() < kDayDigits) return {};
  const std::string digits(name.substr(name.size() - kDayDigits));
  const std::string day = digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6);
  return is_day_name(day) ? day : "";
}

void StoredFiles::note_ready(const std::string& until) {
  const std::lock_guard lock(mutex_);
  ready_until_ = std::max(ready_until_, until);
}

std::string StoredFiles::ready_until() const {
  const std::lock_guard lock(mutex_);
  return ready_until_;
}

UploadFile StoredFiles::log_file(const std::string& name) const {
  return {log_root_ + "/" + name, object_name(kSessionLayout, name), UploadKind::whole};
}

Result<std::vector<UploadFile>> StoredFiles::files() {
  std::vector<UploadFile> found;
  const auto names = files_.list(log_root_);
  if (!names) return names.error();
  const std::string until = ready_until();
  for (const std::string& day : *names) {
    if (!is_day_name(day) || day > until) continue;
    if (const Status listed = list_day(day, found); !listed) return listed.error();
  }
  for (const LayoutPlace& place : layouts_.places) {
    if (const Status listed = list_layout(place, Which::all, found); !listed) return listed.error();
  }
  return found;
}

Result<std::vector<UploadFile>> StoredFiles::growing() {
  std::vector<UploadFile> found;
  for (const LayoutPlace& place : layouts_.places) {
    const Status listed = list_layout(place, Which::growing, found);
    if (!listed) return listed.error();
  }
  return found;
}

Status StoredFiles::list_day(const std::string& day, std::vector<UploadFile>& found) {
  const auto gone = was_let_go(files_, log_root_, day);
  if (!gone) return gone.error();
  if (*gone) return {};
  const Status walked =
      walk_day(files_, log_root_, day, [&](const std::string& name) -> Result<Walk> {
        found.push_back(log_file(name));
        return Walk::go_on;
      });
  if (!walked) return walked;
  const std::string manifest = day + "/" + std::string(kManifest);
  const auto facts = files_.look(log_root_ + "/" + manifest);
  if (!facts) return facts.error();
  if (*facts) found.push_back(log_file(manifest));
  return {};
}

// Only files that end with their day: whatever grows for ever fits no object.
Status StoredFiles::list_layout(const LayoutPlace& place, Which which,
                                std::vector<UploadFile>& found) {
  if (!place.layout->file_ends_with_day) return {};
  const auto names = files_.list(place.directory);
  if (!names) return names.error();
  const std::string until = std::max(ready_until(), layouts_.sealed_until);
  for (const std::string& name : *names) {
    const std::string day = day_of_layout_file(name);
    if (day.empty()) continue;
    const UploadKind kind = day <= until ? UploadKind::whole : UploadKind::growing;
    if (which == Which::growing && kind != UploadKind::growing) continue;
    found.push_back(
        {place.directory + "/" + name, object_name(std::string(place.layout->name), name), kind});
  }
  return {};
}

}  // namespace albicilla
