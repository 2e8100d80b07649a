#include "converter/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/version.h"
#include "converter/reading/temporary_file.h"
#include "converter/row_stage.h"
#include "converter/tally_bytes.h"

namespace albicilla {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "albicilla-conv state 2\n";
constexpr std::size_t kLook = 4096;

// The bytes at both ends besides size and time: a copied or restored log may keep the latter.
std::string ends_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string ends(2 * kLook, '\0');
  file.read(ends.data(), kLook);
  std::size_t got = static_cast<std::size_t>(file.gcount());
  file.clear();
  file.seekg(-static_cast<std::streamoff>(kLook), std::ios::end);
  if (file) {
    file.read(ends.data() + got, kLook);
    got += static_cast<std::size_t>(file.gcount());
  }
  ends.resize(got);
  return ends;
}

std::string fingerprint(const std::vector<LogFile>& files, const LogGroup& group) {
  std::string print;
  for (const std::uint32_t number : group) {
    const LogFile& file = files[number];
    struct stat status {};
    if (::stat(file.path.c_str(), &status) != 0) return {};
    append_string(print, file.name);
    append_integer(print, number);  // row order and rejects name files by their place
    append_integer(print, static_cast<std::uint64_t>(status.st_size));
    append_integer(print, static_cast<std::uint64_t>(status.st_mtim.tv_sec));
    append_integer(print, static_cast<std::uint64_t>(status.st_mtim.tv_nsec));
    append_string(print, ends_of(file.path));
  }
  return print;
}

fs::path path_of(const fs::path& folder, const std::vector<LogFile>& files, const LogGroup& group) {
  return folder / (hex_text(hash_bytes(files[group.front()].name)) + ".rows");
}

// A file that is open for reading.
class Reading {
 public:
  explicit Reading(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (fd_ >= 0 && ::fstat(fd_, &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }
  std::uint64_t size() const { return size_; }
  // Empty when there is not so much.
  std::string bytes(std::uint64_t from, std::uint64_t count) const {
    if (fd_ < 0 || from > size_ || count > size_ - from) return {};
    std::string bytes(count, '\0');
    return read_all(fd_, from, bytes) ? bytes : std::string();
  }

 private:
  int fd_;
  std::uint64_t size_ = 0;
};

}  // namespace

// The file: head, rows, counts, size of the counts, check of rows and counts.
KeptRows::KeptRows(std::unique_ptr<OutputFile> file, RowSink& next)
    : file_(std::move(file)), next_(next) {}

Status KeptRows::take(const Row& row) {
  bytes_.clear();
  append_row(bytes_, row);
  check_ = combine(check_, hash_bytes(bytes_));
  if (auto status = file_->write(bytes_); !status) return status;
  return next_.take(row);
}

Status KeptRows::finish(const Tally& tally) {
  bytes_.clear();
  append_tally(bytes_, tally);
  check_ = combine(check_, hash_bytes(bytes_));
  append_integer(bytes_, static_cast<std::uint64_t>(bytes_.size()));
  append_integer(bytes_, check_.low);
  if (auto status = file_->write(bytes_); !status) return status;
  return file_->commit();
}

RunState::RunState(fs::path folder, const std::string& options)
    : folder_(std::move(folder)), options_(std::string(kVersion) + "\n" + options) {}

std::string RunState::head(const std::vector<LogFile>& files, const LogGroup& group) const {
  const std::string print = fingerprint(files, group);
  if (print.empty()) return {};
  std::string head(kMagic);
  append_string(head, options_);
  append_string(head, print);
  return head;
}

Result<bool> RunState::replay(const std::vector<LogFile>& files, const LogGroup& group,
                              RowSink& sink, Tally& tally) const {
  if (!enabled()) return false;
  const Reading file(path_of(folder_, files, group));
  const std::string ours = head(files, group);
  if (ours.empty() || file.bytes(0, ours.size()) != ours) return false;
  constexpr std::uint64_t kFoot = 2 * sizeof(std::uint64_t);
  if (file.size() < ours.size() + kFoot) return false;
  const std::string foot = file.bytes(file.size() - kFoot, kFoot);
  ByteReader reader(foot);
  const auto counts_size = reader.integer<std::uint64_t>();
  const auto expected = reader.integer<std::uint64_t>();
  if (counts_size > file.size() - kFoot - ours.size()) return false;
  const std::uint64_t rows_end = file.size() - kFoot - counts_size;
  const std::string counts = file.bytes(rows_end, counts_size);
  // Nothing is given on before all of it was checked.
  Hash128 check;
  const auto add = [&check](std::string_view row) -> Status {
    check = combine(check, hash_bytes(row));
    return {};
  };
  Tally part;
  if (!read_rows(file.fd(), ours.size(), rows_end, add)) return false;
  if (combine(check, hash_bytes(counts)).low != expected || !read_tally(counts, part)) return false;
  const auto give = [&sink](std::string_view bytes) -> Status {
    auto row = take_row(bytes);
    return row ? sink.take(*row) : Status(row.error());
  };
  auto given = read_rows(file.fd(), ours.size(), rows_end, give);
  if (!given) return given.error();
  tally.add(std::move(part));
  return true;
}

Result<std::unique_ptr<KeptRows>> RunState::keep(const std::vector<LogFile>& files,
                                                 const LogGroup& group, RowSink& next) const {
  auto file = OutputFile::create(path_of(folder_, files, group));
  if (!file) return file.error();
  if (auto status = (*file)->write(head(files, group)); !status) return status.error();
  return std::make_unique<KeptRows>(std::move(*file), next);
}

}  // namespace albicilla
