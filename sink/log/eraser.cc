#include "sink/log/eraser.h"

#include "common/chain/tombstone.h"
#include "common/json/walk.h"
#include "common/record/log_line.h"
#include "common/session/session_file_name.h"
#include "sink/layout/session.h"
#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

// What stands for the line; nullopt when the line names no record, so that nothing can.
std::optional<std::string> tombstone_for(std::string_view file, std::string_view line,
                                         const SigningKey& signer, WallTime now) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto split = split_chained_line(line);
  const auto view = view_line(line);
  if (!split || !view) return std::nullopt;
  const auto producer = from_hex_text(json_inside(json_first_member(view->exchange, "producer")));
  const auto seq = json_count(json_first_member(view->exchange, "seq"));
  if (!producer || !seq) return std::nullopt;
  Tombstone tombstone;
  tombstone.file = file;
  tombstone.n = split->head.n;
  tombstone.line = sha256(split->chained);
  tombstone.bytes = line.size() + 1;
  tombstone.producer = ProducerId{*producer};
  tombstone.seq = Seq{*seq};
  tombstone.at = iso8601(now);
  tombstone.cause = "erasure";
  tombstone.key = signer.public_key();
  std::string made = tombstone_line(tombstone, signer);
  append_chain(made, split->head);
  return made + "\n";
}

}  // namespace

std::string_view to_string(ErasureKind kind) {
  return kind == ErasureKind::session ? "session" : "user";
}

bool concerns(const ErasureTarget& target, std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto view = view_line(line);
  if (!view || view->exchange.empty()) return false;
  const std::string raw = target.kind == ErasureKind::session
                              ? "\"" + std::string(view->session_id) + "\""
                              : std::string(json_first_member(view->exchange, "user_id"));
  const auto id = json_text(raw);
  return id && *id == target.id;
}

bool Eraser::may_hold(const ErasureTarget& target, std::string_view file) {
  const std::string_view plain = plain_name(file);
  if (plain == gaps_file(day_of_file(plain))) return false;
  if (target.kind == ErasureKind::user || plain == quarantine_file(day_of_file(plain))) return true;
  return plain.ends_with(session_file_name(target.id) + ".jsonl");
}

Result<bool> Eraser::has_lines(const ErasureTarget& target, const std::string& path) {
  auto reader = SealedReader::open(files_, path);
  if (!reader) return reader.error();
  while (true) {
    const auto line = reader->next();
    if (!line) return line.error();
    if (!*line) return false;
    if (concerns(target, **line)) return true;
  }
}

Result<std::uint64_t> Eraser::erase(const ErasureTarget& target, const std::string& file) {
  const std::string path = log_root_ + "/" + file;
  const auto has = has_lines(target, path);
  if (!has) return has.error();
  if (!*has) return std::uint64_t{0};
  auto reader = SealedReader::open(files_, path);
  if (!reader) return reader.error();
  auto replacement = SealedReplacement::begin(files_, path);
  if (!replacement) return replacement.error();
  std::uint64_t erased = 0;
  while (true) {
    const auto line = reader->next();
    if (!line) return line.error();
    if (!*line) break;
    const auto tombstone = concerns(target, **line)
                               ? tombstone_for(plain_name(file), **line, signer_, now_)
                               : std::nullopt;
    if (tombstone) ++erased;
    const Status written = replacement->write(tombstone ? std::string_view(*tombstone) : **line);
    if (!written) return written.error();
  }
  if (const Status finished = replacement->finish(); !finished) return finished.error();
  return erased;
}

}  // namespace albicilla
