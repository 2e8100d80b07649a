#include "converter/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/version.h"
#include "converter/output_file.h"
#include "converter/reading/hash128.h"
#include "converter/row_stage.h"
#include "converter/tally_bytes.h"

namespace albicilla {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "albicilla-conv state 1\n";
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

}  // namespace

RunState::RunState(fs::path folder, const std::string& options)
    : folder_(std::move(folder)), options_(std::string(kVersion) + "\n" + options) {}

Result<bool> RunState::replay(const std::vector<LogFile>& files, const LogGroup& group,
                              RowSink& sink, Tally& tally) const {
  if (!enabled()) return false;
  std::ifstream file(path_of(folder_, files, group), std::ios::binary);
  if (!file) return false;
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  ByteReader reader(bytes);
  const bool ours = reader.bytes(kMagic.size()) == kMagic;
  const std::string_view options = reader.string();
  const std::string_view print = reader.string();
  const auto check = reader.integer<std::uint64_t>();
  const std::string_view counts = reader.string();
  std::string_view rows = reader.bytes(reader.left());
  if (!ours || !reader.ok() || options != options_) return false;
  if (print.empty() || print != fingerprint(files, group)) return false;
  if (check != hash_bytes(rows).low) return false;
  Tally part;
  if (!read_tally(counts, part)) return false;
  while (!rows.empty()) {
    auto row = take_row(rows);
    if (!row) return row.error();
    if (auto status = sink.take(*row); !status) return status.error();
  }
  tally.add(std::move(part));
  return true;
}

Status RunState::keep(const std::vector<LogFile>& files, const LogGroup& group,
                      const std::string& rows, const Tally& tally) const {
  if (!enabled()) return {};
  std::string head(kMagic);
  append_string(head, options_);
  append_string(head, fingerprint(files, group));
  append_integer(head, hash_bytes(rows).low);
  std::string counts;
  append_tally(counts, tally);
  append_string(head, counts);
  auto file = OutputFile::create(path_of(folder_, files, group));
  if (!file) return file.error();
  if (auto status = (*file)->write(head); !status) return status;
  if (auto status = (*file)->write(rows); !status) return status;
  return (*file)->commit();
}

}  // namespace albicilla
