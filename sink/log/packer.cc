#include "sink/log/packer.h"

#include "sink/layout/session.h"
#include "sink/log/packed_stream.h"
#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

Status copy_packed(const RandomFile& from, AppendFile& to) {
  PackedWriter packed(to);
  std::string buffer(kReadBytes, '\0');
  std::uint64_t offset = 0;
  while (true) {
    const auto count = from.read_at(offset, buffer);
    if (!count) return count.error();
    if (*count == 0) break;
    offset += *count;
    const Status written = packed.write(std::string_view(buffer).substr(0, *count));
    if (!written) return written;
  }
  if (const Status finished = packed.finish(); !finished) return finished;
  return to.sync();
}

}  // namespace

Status pack_file(FileSystem& files, const std::string& path) {
  const std::string packed = path + std::string(kPackedSuffix);
  const std::string fresh = packed + ".new";
  if (const Status removed = files.remove(fresh); !removed) return removed;
  {
    const auto from = files.open_read(path);
    if (!from) return from.error();
    const auto to = files.create_append(fresh);
    if (!to) return to.error();
    if (const Status copied = copy_packed(**from, **to); !copied) return copied;
  }
  if (const Status renamed = files.rename(fresh, packed); !renamed) return renamed;
  // The packed name must be there for good before the plain one goes.
  if (const Status synced = files.sync_directory(directory_of(path)); !synced) return synced;
  return files.remove(path);
}

Status Packer::pack_days(const std::string& last) {
  const auto names = files_.list(log_root_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!is_day_name(name) || name > last) continue;
    const Status packed =
        walk_day(files_, log_root_, name, [this](const std::string& file) -> Result<Walk> {
          if (stopping_()) return Walk::stop;
          if (file.ends_with(kPackedSuffix)) return Walk::go_on;
          const Status done = pack_file(files_, log_root_ + "/" + file);
          if (!done) return done.error();
          ++counters_.packed_files;
          return Walk::go_on;
        });
    if (!packed) return packed;
  }
  return {};
}

}  // namespace albicilla
