#include "converter/viewer/file_list.h"

#include <set>

#include "common/chain/tombstone.h"
#include "converter/viewer/chain_check.h"
#include "converter/viewer/day_rows.h"
#include "converter/viewer/json_member.h"
#include "converter/viewer/line_facts.h"
#include "converter/viewer/log_tree.h"
#include "converter/viewer/tail_reader.h"

namespace albicilla::viewer {
namespace {

const char* word_of(ChainState state) {
  switch (state) {
    case ChainState::sound:
      return "sound";
    case ChainState::broken:
      return "broken";
    case ChainState::none:
      break;
  }
  return "none";
}

void take_again(FileProgress& file, const HashedLine& hashed) {
  const std::string_view line = hashed.line.text;
  ++file.lines;
  check_chain(file, hashed);
  if (is_tombstone(line)) {
    ++file.erased;
    return;
  }
  const auto facts = read_line_facts(line);
  if (facts && facts->gap && facts->gap->is_loss()) ++file.gaps;
  if (facts || file.unreadable++ > 0) return;
  file.unreadable_line = file.lines;
  if (file.fault.empty()) file.fault = facts.error().message;
}

// The file's members, in an object that is open.
void put_file(JsonWriter& json, const FileProgress& file) {
  put(json, "file", file.name);
  put(json, "sealed", file.sealed);
  put(json, "lines", file.lines);
  put(json, "bytes", file.offset);
  put(json, "chain", word_of(file.chain));
  put(json, "chain_n", file.head.n);
  put(json, "chain_h", hex_prefix(file.head.h, 64));
  put(json, "broken_line", file.broken_line);
  put(json, "unreadable", file.unreadable);
  put(json, "unreadable_line", file.unreadable_line);
  put(json, "gaps", file.gaps);
  put(json, "erased", file.erased);
  put(json, "fault", file.fault);
}

}  // namespace

FileSignature signature_of(const std::filesystem::path& root, const FileProgress& file,
                           const DayManifest& manifest) {
  // "2026-01-13/ab/s1.jsonl" stands in its day's manifest as "ab/s1.jsonl".
  const auto found = manifest.files.find(file.name.substr(manifest.day.size() + 1));
  if (found == manifest.files.end()) return {};
  FileSignature signature{compare(file, &found->second), found->second.lines};
  if (signature.state != SignedState::shorter || file.sealed) return signature;
  const auto now = find_log_file(root, file.name);
  if (now && (now->sealed || now->bytes > file.offset)) signature.state = SignedState::part;
  return signature;
}

Status add_misfits(DayPool& pool, const std::filesystem::path& root, const DayManifest& manifest,
                   SignedDay& day) {
  if (!manifest.present || manifest.removal) return {};
  std::set<std::string> indexed;
  constexpr std::size_t kMost = 1000;
  for (std::size_t skip = 0;; skip += kMost) {
    auto files = list_files(pool, manifest.day, skip, kMost, false);
    if (!files) break;  // nothing of the day is in the index
    for (const FileProgress& file : *files) {
      indexed.insert(file.name);
      const FileSignature signature = signature_of(root, file, manifest);
      const std::string lines = std::to_string(signature.lines);
      if (signature.state == SignedState::differs) {
        add_fault(day, {FaultKind::edit, file.name, 0, "its lines are not those that were signed"});
      } else if (signature.state == SignedState::shorter) {
        add_fault(day, {FaultKind::truncate, file.name, file.lines,
                        "it ends here, " + lines + " lines were signed"});
      } else if (signature.state == SignedState::none && manifest.sealed) {
        add_fault(day, {FaultKind::extra, file.name, 0, "the sealed day does not name it"});
      }
    }
    if (files->size() < kMost) break;
  }
  for (const auto& [name, file] : manifest.files) {
    const std::string path = manifest.day + "/" + name;
    if (indexed.contains(path) || find_log_file(root, path)) continue;
    add_fault(day,
              {FaultKind::missing, path, 0, "it had " + std::to_string(file.lines) + " lines"});
  }
  return {};
}

Result<std::vector<FileTotals>> count_files(DayPool& pool) {
  std::vector<FileTotals> days;
  for (const std::string& day : pool.days()) {
    auto lease = pool.take(day);
    if (!lease) continue;
    auto select = (*lease)->prepare(
        "SELECT count(*), ifnull(sum(lines), 0), ifnull(sum(offset), 0), ifnull(sum(sealed), 0),"
        " ifnull(sum(chain=1), 0), ifnull(sum(chain=2), 0), ifnull(sum(chain=0), 0),"
        " ifnull(sum(unreadable), 0), ifnull(sum(gaps), 0),"
        " ifnull(sum(erased), 0),"
        " ifnull(sum(CASE WHEN name LIKE '%/.quarantine.jsonl' THEN lines END), 0) FROM file");
    if (!select) return select.error();
    auto row = select->step();
    if (!row) return row.error();
    FileTotals totals;
    totals.day = day;
    int column = 0;
    for (std::int64_t* into :
         {&totals.files, &totals.lines, &totals.bytes, &totals.sealed, &totals.sound,
          &totals.broken, &totals.unchained, &totals.unreadable_lines, &totals.gaps, &totals.erased,
          &totals.quarantined}) {
      *into = select->integer(column++);
    }
    days.push_back(std::move(totals));
  }
  return days;
}

Result<std::vector<FileProgress>> list_files(DayPool& pool, const std::string& day,
                                             std::size_t skip, std::size_t most, bool only_faults) {
  std::vector<FileProgress> files;
  auto lease = pool.take(day);
  if (!lease) return client_error("no such day");
  auto select = (*lease)->prepare(
      std::string("SELECT ") + file_columns() + " FROM file" +
      (only_faults ? " WHERE chain=2 OR unreadable>0 OR gaps>0" : "") +
      " ORDER BY (chain=2 OR unreadable>0 OR gaps>0) DESC, name LIMIT ? OFFSET ?");
  if (!select) return select.error();
  select->bind(1, static_cast<std::int64_t>(most)).bind(2, static_cast<std::int64_t>(skip));
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return files;
    files.push_back(file_from(*select));
  }
}

Result<std::vector<GapRow>> list_gaps(DayPool& pool, const std::string& day) {
  std::vector<GapRow> gaps;
  auto lease = pool.take(day);
  if (!lease) return client_error("no such day");
  auto select = (*lease)->prepare(
      "SELECT f.name, g.exchange & 4294967295, g.at, g.producer, g.first, g.last, g.exchanges, "
      "g.cause"
      " FROM gap g"
      " JOIN file f ON f.id=g.exchange>>32 ORDER BY g.at LIMIT 1000");
  if (!select) return select.error();
  for (;;) {
    auto row = select->step();
    if (!row) return row.error();
    if (!*row) return gaps;
    GapRow gap;
    gap.file = select->text(0);
    gap.line = select->integer(1);
    gap.at = select->integer(2);
    gap.gap = {std::string(select->text(3)), select->integer(4), select->integer(5),
               select->optional_integer(6), std::string(select->text(7))};
    gaps.push_back(std::move(gap));
  }
}

void write_gap(JsonWriter& json, const GapRow& gap) {
  json.begin_object();
  put(json, "ref", gap.file + ":" + std::to_string(gap.line));
  put(json, "at", gap.at);
  put(json, "producer", gap.gap.producer);
  put(json, "from", gap.gap.from);
  put(json, "to", gap.gap.to);
  put(json, "exchanges", gap.gap.exchanges);
  put(json, "cause", gap.gap.cause);
  json.end_object();
}

void write_totals(JsonWriter& json, const FileTotals& totals) {
  json.begin_object();
  put(json, "day", totals.day);
  put(json, "files", totals.files);
  put(json, "lines", totals.lines);
  put(json, "bytes", totals.bytes);
  put(json, "sealed", totals.sealed);
  put(json, "sound", totals.sound);
  put(json, "broken", totals.broken);
  put(json, "unchained", totals.unchained);
  put(json, "unreadable_lines", totals.unreadable_lines);
  put(json, "gaps", totals.gaps);
  put(json, "erased", totals.erased);
  put(json, "quarantined", totals.quarantined);
  json.end_object();
}

void write_file(JsonWriter& json, const FileProgress& file) {
  json.begin_object();
  put_file(json, file);
  json.end_object();
}

void write_file(JsonWriter& json, const FileProgress& file, const FileSignature& signature) {
  json.begin_object();
  put_file(json, file);
  put(json, "signed", to_string(signature.state));
  put(json, "signed_lines", signature.lines);
  json.end_object();
}

Result<VerifiedFile> verify_file(const std::filesystem::path& root, const std::string& name,
                                 const ManifestFile* signed_state) {
  auto found = find_log_file(root, name);
  if (!found) return found.error();
  VerifiedFile verified;
  FileProgress& file = verified.file;
  file.name = name;
  file.sealed = found->sealed;
  TailReader reader;
  if (Status status = reader.open(root / name, 0); !status) return status.error();
  bool differs = false;
  for (;;) {
    std::vector<TailLine> lines;
    const auto more = reader.next_lines(lines);
    if (!more) return more.error();
    if (!*more) break;
    for (const HashedLine& line : hash_lines(lines)) {
      take_again(file, line);
      if (signed_state != nullptr && file.lines == signed_state->lines) {
        differs = file.head.h != signed_state->h;
      }
    }
  }
  file.offset = reader.offset();
  verified.signature.state = differs ? SignedState::differs : compare(file, signed_state);
  if (signed_state != nullptr) verified.signature.lines = signed_state->lines;
  return verified;
}

}  // namespace albicilla::viewer
