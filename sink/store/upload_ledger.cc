#include "sink/store/upload_ledger.h"

#include <charconv>
#include <cstdio>
#include <string_view>

#include "common/base/crc32c.h"
#include "common/base/log.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

std::string line_of(const std::string& name, const UploadedFile& uploaded) {
  const std::string facts = std::to_string(uploaded.size) + " " +
                            (uploaded.sha256.empty() ? "-" : uploaded.sha256) + " " + name;
  char crc[16];
  std::snprintf(crc, sizeof(crc), "%08x ", crc32c(facts));
  return crc + facts + "\n";
}

std::optional<std::pair<std::string, UploadedFile>> parse_line(std::string_view line) {
  std::uint32_t crc = 0;
  if (line.size() < 9 || line[8] != ' ') return std::nullopt;
  if (std::from_chars(line.data(), line.data() + 8, crc, 16).ptr != line.data() + 8) {
    return std::nullopt;
  }
  line.remove_prefix(9);
  if (crc32c(line) != crc) return std::nullopt;
  UploadedFile uploaded;
  const auto size = std::from_chars(line.data(), line.data() + line.size(), uploaded.size);
  line.remove_prefix(static_cast<std::size_t>(size.ptr - line.data()));
  if (size.ec != std::errc{} || !line.starts_with(' ')) return std::nullopt;
  line.remove_prefix(1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  if (line.substr(0, space) != "-") uploaded.sha256 = line.substr(0, space);
  return std::pair(std::string(line.substr(space + 1)), std::move(uploaded));
}

}  // namespace

Result<std::unique_ptr<UploadLedger>> UploadLedger::open(FileSystem& files,
                                                         const std::string& path) {
  std::unique_ptr<UploadLedger> ledger(new UploadLedger(files, path));
  Status status = files.make_directories(directory_of(path));
  if (status) status = ledger->load();
  if (!status) return status.error();
  return ledger;
}

Status UploadLedger::load() {
  const auto facts = files_.look(path_);
  if (!facts) return facts.error();
  std::size_t bad = 0;
  if (*facts) {
    const auto bytes = read_file(files_, path_, kMostBytes);
    if (!bytes) return bytes.error();
    std::string_view rest = *bytes;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      auto line = parse_line(rest.substr(0, end));
      if (line && end != std::string_view::npos) {
        uploaded_.insert_or_assign(std::move(line->first), std::move(line->second));
      } else {
        ++bad;
      }
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  // What a crash tore is asked of the store again.
  if (bad > 0) log_warning("upload ledger has bad lines", {{"path", path_}, {"lines", bad}});
  return bad > 0 || !*facts ? rewrite() : reopen();
}

Status UploadLedger::reopen() {
  auto file = files_.open_append(path_);
  if (!file) return file.error();
  file_ = *std::move(file);
  return {};
}

Status UploadLedger::rewrite() {
  std::string bytes;
  for (const auto& [name, uploaded] : uploaded_) bytes += line_of(name, uploaded);
  Status status = replace_file(files_, path_, bytes);
  return status ? reopen() : status;
}

Status UploadLedger::confirm(const std::string& name, const UploadedFile& uploaded) {
  if (name.find('\n') != std::string::npos) return our_error("a name with a newline: not kept");
  const std::lock_guard lock(mutex_);
  Status status = file_->append(line_of(name, uploaded));
  if (status) status = file_->sync();
  if (status) {
    uploaded_.insert_or_assign(name, uploaded);
  } else if (const Status again = rewrite(); !again) {
    // The file may end in half a line now, and the next fact must not be glued to it.
    log_error("upload ledger cannot be written", {{"error", again.error().message}});
  }
  return status;
}

std::optional<UploadedFile> UploadLedger::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploaded_.find(name);
  return found == uploaded_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t UploadLedger::size() const {
  const std::lock_guard lock(mutex_);
  return uploaded_.size();
}

}  // namespace albicilla
