#include "sink/store/local.h"

#include <algorithm>
#include <utility>

#include "sink/store/checksum.h"
#include "sink/store/object_answers.h"

namespace albicilla {

namespace {

constexpr std::uint64_t kSlice = 256 * 1024;

std::string what(std::string_view action, const std::string& name) {
  return "local: " + std::string(action) + " " + name;
}

// A disk that is full or gone may come back: every failure here is worth another try.
StoreAnswer failed(std::string_view action, const std::string& name, const Error& error) {
  return failed_answer(what(action, name), upstream_error(error.message));
}

}  // namespace

LocalStore::LocalStore(std::string directory, FileSystem& files, Pacer& pacer)
    : directory_(std::move(directory)), files_(files), pacer_(pacer) {}

StoreAnswer LocalStore::head(const std::string& name) {
  const auto facts = files_.look(path_of(name));
  if (!facts) return failed("head", name, facts.error());
  if (!*facts) return {StoreVerdict::missing, 0, "", what("head", name) + ": nothing there"};
  const auto file = SourceFile::open(files_, path_of(name));
  if (!file) return failed("head", name, file.error());
  const auto digests = file->digests();
  if (!digests) return failed("head", name, digests.error());
  return {StoreVerdict::confirmed, file->size(), hex_of(digests->sha256), ""};
}

StoreAnswer LocalStore::compare(const std::string& name, const SourceFile& file,
                                const std::string& wanted) {
  const StoreAnswer found = head(name);
  if (found.verdict != StoreVerdict::confirmed) return found;
  return compared_answer(what("put", name), found, file.size(), wanted);
}

StoreAnswer LocalStore::put(const std::string& name, const SourceFile& file, PutMode mode) {
  const auto digests = file.digests();
  if (!digests) return failed("put", name, digests.error());
  const std::string wanted = hex_of(digests->sha256);
  StoreAnswer there = compare(name, file, wanted);
  const bool may_write = there.verdict == StoreVerdict::missing ||
                         (there.verdict == StoreVerdict::conflict && mode == PutMode::replace);
  if (!may_write) return there;
  const std::string path = path_of(name);
  const std::string beside = path + ".part";
  Status status = files_.make_directories(directory_of(path));
  if (status) status = copy(file, beside, wanted);
  if (status) status = files_.rename(beside, path);
  if (status) status = files_.sync_directory(directory_of(path));
  if (!status) return failed("put", name, status.error());
  return {StoreVerdict::confirmed, file.size(), wanted, ""};
}

Status LocalStore::copy(const SourceFile& file, const std::string& to, const std::string& wanted) {
  Status status = files_.remove(to);  // of an attempt that a crash cut off
  if (!status) return status;
  auto out = files_.create_append(to);
  if (!out) return out.error();
  status = add_range(file, 0, **out);
  if (status) status = (*out)->sync();
  if (!status) return status;
  const auto copied = SourceFile::open(files_, to);
  if (!copied) return copied.error();
  const auto digests = copied->digests();
  if (!digests) return digests.error();
  if (hex_of(digests->sha256) != wanted)
    return our_error(to + ": the copy differs from its source");
  return {};
}

Status LocalStore::add_range(const SourceFile& file, std::uint64_t from, AppendFile& to) {
  while (from < file.size()) {
    const auto slice = static_cast<std::size_t>(std::min(kSlice, file.size() - from));
    if (!pacer_.wait_to_send(slice)) return our_error("given up, shutting down");
    const auto bytes = file.read(from, slice);
    if (!bytes) return bytes.error();
    Status status = to.append(*bytes);
    if (!status) return status;
    from += slice;
  }
  return {};
}

StoreAnswer LocalStore::append(const std::string& name, const SourceFile& file,
                               std::uint64_t position) {
  const std::string path = path_of(name);
  Status made = files_.make_directories(directory_of(path));
  if (!made) return failed("append", name, made.error());
  const auto facts = files_.look(path);
  if (!facts) return failed("append", name, facts.error());
  auto out = *facts ? files_.open_append(path) : files_.create_append(path);
  if (!out) return failed("append", name, out.error());
  const std::uint64_t before = (*out)->size();
  if (before != position) {
    return {StoreVerdict::other_position, before, "",
            what("append", name) + ": the file has " + std::to_string(before) + " bytes"};
  }
  Status status = add_range(file, position, **out);
  if (status) status = (*out)->sync();
  if (status && !*facts) status = files_.sync_directory(directory_of(path));
  if (!status) {
    // Half an append would be a position that nobody asked for.
    const Status cut = (*out)->cut(before);
    return failed("append", name, cut ? status.error() : cut.error());
  }
  return {StoreVerdict::confirmed, (*out)->size(), "", ""};
}

StoreAnswer LocalStore::remove(const std::string& name) {
  StoreAnswer found = head(name);
  if (found.verdict != StoreVerdict::confirmed) return found;
  Status status = files_.remove(path_of(name));
  if (status) status = files_.sync_directory(directory_of(path_of(name)));
  if (!status) return failed("remove", name, status.error());
  return found;
}

}  // namespace albicilla
