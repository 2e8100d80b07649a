#include "sink/log/packer.h"

#include <zstd.h>

#include <memory>

#include "common/base/log.h"
#include "sink/layout/session.h"

namespace albicilla {

namespace {

constexpr int kLevel = 6;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::chrono::minutes kTryAgain{1};
constexpr std::string_view kPlain = ".jsonl";

struct FreeStream {
  void operator()(ZSTD_CCtx* stream) const { ZSTD_freeCCtx(stream); }
};
using Stream = std::unique_ptr<ZSTD_CCtx, FreeStream>;

Status compress(Stream& stream, std::string_view bytes, bool last, AppendFile& out) {
  std::string packed(ZSTD_CStreamOutSize(), '\0');
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (true) {
    ZSTD_outBuffer made{packed.data(), packed.size(), 0};
    const std::size_t left =
        ZSTD_compressStream2(stream.get(), &made, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0) return our_error(ZSTD_getErrorName(left));
    if (const Status written = out.append(std::string_view(packed).substr(0, made.pos)); !written) {
      return written;
    }
    if (last ? left == 0 : in.pos == in.size) return {};
  }
}

Status copy_packed(const RandomFile& from, AppendFile& to) {
  Stream stream(ZSTD_createCCtx());
  if (!stream) return our_error("zstd: out of memory");
  ZSTD_CCtx_setParameter(stream.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(stream.get(), ZSTD_c_checksumFlag, 1);
  std::string buffer(kReadBytes, '\0');
  std::uint64_t offset = 0;
  while (true) {
    const auto count = from.read_at(offset, buffer);
    if (!count) return count.error();
    offset += *count;
    const bool last = *count < buffer.size();
    const Status packed = compress(stream, std::string_view(buffer).substr(0, *count), last, to);
    if (!packed) return packed;
    if (last) return to.sync();
  }
}

}  // namespace

Status pack_file(FileSystem& files, const std::string& path) {
  const std::string packed = path + ".zst";
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

Packer::Packer(FileSystem& files, std::string log_root, SinkCounters& counters)
    : files_(files),
      log_root_(std::move(log_root)),
      counters_(counters),
      thread_([this] { run(); }) {}

Packer::~Packer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Packer::pack_until(std::string day) {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = std::move(day);
  }
  changed_.notify_all();
}

bool Packer::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Packer::run() {
  std::string done;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || wanted_ > done; });
    if (stopping_) return;
    const std::string day = wanted_;
    lock.unlock();
    const Status packed = pack_days(day);
    if (!packed) {
      log_error("sealed files not packed, trying again", {{"reason", packed.error().message}});
    }
    lock.lock();
    if (packed) {
      done = day;
    } else if (changed_.wait_for(lock, kTryAgain, [this] { return stopping_; })) {
      return;
    }
  }
}

Status Packer::pack_days(const std::string& last) {
  const auto names = files_.list(log_root_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!is_day_name(name) || name > last) continue;
    if (const Status packed = pack_directory(log_root_ + "/" + name); !packed) return packed;
  }
  return {};
}

Status Packer::pack_directory(const std::string& path) {
  const auto names = files_.list(path);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (stopping()) return {};
    const std::string file = path + "/" + name;
    if (name.ends_with(kPlain)) {
      if (const Status packed = pack_file(files_, file); !packed) return packed;
      ++counters_.packed_files;
      continue;
    }
    const auto facts = files_.look(file);
    if (!facts) return facts.error();
    if (!*facts || !(*facts)->directory) continue;
    if (const Status packed = pack_directory(file); !packed) return packed;
  }
  return {};
}

}  // namespace albicilla
