#include "sink/log/retention.h"

#include "common/chain/manifest.h"
#include "sink/layout/session.h"
#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

constexpr std::string_view kManifest = ".manifest";
constexpr std::string_view kRemoved = "{\"removed\":";
constexpr std::string_view kFile = "{\"file\":";

}  // namespace

std::vector<std::string> days_to_let_go(const std::vector<KeptDay>& kept, const RetentionRule& rule,
                                        const std::string& today) {
  std::uint64_t total = 0;
  for (const KeptDay& day : kept) total += day.bytes;
  std::vector<std::string> going;
  for (const KeptDay& day : kept) {
    const bool too_old = rule.days && days_between(day.day, today) > *rule.days;
    const bool too_much = rule.bytes && total > *rule.bytes;
    if (!too_old && !too_much) break;  // later ones are younger
    going.push_back(day.day);
    total -= day.bytes;
  }
  return going;
}

Result<std::vector<KeptDay>> Retention::kept_days(const std::string& sealed_until) {
  std::vector<KeptDay> kept;
  const auto names = files_.list(log_root_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!is_day_name(name) || name > sealed_until) continue;
    const auto gone = was_let_go(files_, log_root_, name);
    if (!gone) return gone.error();
    if (*gone) {
      if (const Status removed = remove_files(log_root_ + "/" + name, kManifest); !removed) {
        return removed.error();
      }
      continue;
    }
    const auto bytes = size_of(log_root_ + "/" + name);
    if (!bytes) return bytes.error();
    kept.push_back({name, *bytes});
  }
  return kept;
}

Result<bool> was_let_go(FileSystem& files, const std::string& log_root, const std::string& day) {
  const std::string path = log_root + "/" + day + "/" + std::string(kManifest);
  const auto facts = files.look(path);
  if (!facts) return facts.error();
  if (!*facts) return false;
  const auto file = files.open_read(path);
  if (!file) return file.error();
  std::string start(kRemoved.size(), '\0');
  const auto count = (*file)->read_at(0, start);
  if (!count) return count.error();
  return std::string_view(start).substr(0, *count) == kRemoved;
}

Result<std::uint64_t> Retention::size_of(const std::string& directory) {
  const auto names = files_.list(directory);
  if (!names) return names.error();
  std::uint64_t bytes = 0;
  for (const std::string& name : *names) {
    const std::string path = directory + "/" + name;
    const auto facts = files_.look(path);
    if (!facts) return facts.error();
    if (!*facts) continue;
    const auto inside = (*facts)->directory ? size_of(path) : (*facts)->allocated_bytes;
    if (!inside) return inside;
    bytes += *inside;
  }
  return bytes;
}

Status Retention::let_go(const std::string& day, const std::string& cause, const SigningKey& signer,
                         WallTime now) {
  if (const Status stated = write_statement(day, cause, signer, now); !stated) return stated;
  return remove_files(log_root_ + "/" + day, kManifest);
}

Status Retention::write_statement(const std::string& day, const std::string& cause,
                                  const SigningKey& signer, WallTime now) {
  const std::string path = log_root_ + "/" + day + "/" + std::string(kManifest);
  std::string kept;  // keys and checkpoints
  ManifestRemoval removal{day, 0, 0, iso8601(now), cause, signer.public_key()};
  auto reader = SealedReader::open(files_, path);
  if (!reader) return reader.error();
  while (true) {
    const auto line = reader->next();
    if (!line) return line.error();
    if (!*line) break;
    if ((*line)->starts_with(kFile)) continue;
    kept += **line;
    const auto parsed = parse_manifest_line((*line)->substr(0, (*line)->size() - 1));
    const auto* checkpoint = parsed ? std::get_if<SignedCheckpoint>(&parsed->what) : nullptr;
    if (checkpoint == nullptr) continue;
    removal.files = checkpoint->files;
    removal.lines = checkpoint->lines;
  }
  return replace_file(files_, path, manifest_line(removal, signer) + "\n" + kept);
}

Status Retention::remove_files(const std::string& directory, std::string_view keep) {
  const auto names = files_.list(directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name == keep) continue;
    const std::string path = directory + "/" + name;
    const auto facts = files_.look(path);
    if (!facts) return facts.error();
    if (!*facts) continue;
    const bool inside = (*facts)->directory;
    if (inside) {
      if (const Status removed = remove_files(path); !removed) return removed;
    }
    const Status removed = inside ? files_.remove_directory(path) : files_.remove(path);
    if (!removed) return removed;
  }
  return {};
}

}  // namespace albicilla
