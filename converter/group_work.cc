#include "converter/group_work.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "common/base/log.h"

namespace albicilla {

namespace {

ExchangeTable::Keep kept_for(const ConvertOptions& options) {
  const bool as_sent = options.per_file() || options.view == View::call;
  return as_sent ? ExchangeTable::Keep::messages : ExchangeTable::Keep::paths;
}

void note(const std::vector<LogFile>& files, const LogGroup& group, const ReadingNotes& notes) {
  for (const Reject& reject : notes.rejects) {
    log_info("rejected", {{"file", reject.file}, {"line", reject.line}, {"reason", reject.reason}});
  }
  log_info("read", {{"file", files[group.front()].name},
                    {"files", group.size()},
                    {"exchanges", notes.exchanges},
                    {"rejected", notes.rejects.size()},
                    {"other_layout", notes.other_layouts}});
}

// In the order of the lines; what concerns a whole file stands behind its lines.
void sort_rejects(std::vector<Reject>& rejects) {
  std::stable_sort(rejects.begin(), rejects.end(), [](const Reject& a, const Reject& b) {
    return std::tuple(std::string_view(a.file), a.line - 1) <
           std::tuple(std::string_view(b.file), b.line - 1);
  });
}

}  // namespace

GroupWork::GroupWork(const Run& run, std::size_t memory)
    : run_(run),
      options_(run.options),
      files_(run.files),
      table_(memory, options_.output, kept_for(options_)),
      reader_(options_.check_chain ? CheckChain::yes : CheckChain::no, options_.output),
      maker_(options_, files_) {}

Status GroupWork::run(const LogGroup& group, Sessions sessions, RowSink& sink, Tally& tally) {
  Tally part;
  auto replayed = run_.state.replay(files_, group, sink, part);
  if (!replayed) return replayed.error();
  if (!*replayed && run_.state.enabled()) {
    auto kept = run_.state.keep(files_, group, sink);
    if (!kept) return kept.error();
    if (auto status = convert(group, sessions, **kept, part); !status) return status;
    if (auto status = (*kept)->finish(part); !status) return status;
  } else if (!*replayed) {
    if (auto status = convert(group, sessions, sink, part); !status) return status;
  }
  run_.progress.add(part.bytes, part.rows);
  tally.add(std::move(part));
  return {};
}

Status GroupWork::convert(const LogGroup& group, Sessions sessions, RowSink& sink, Tally& tally) {
  ReadingNotes notes;
  // A record of a file needs its lines again, and what was said on stderr cannot be taken back.
  if (options_.per_file() || options_.verbose) sessions = Sessions::mixed;
  if (auto status = reader_.open(files_, group, table_, notes, sessions); !status) return status;
  const std::size_t before = tally.rejects.size();
  auto status =
      options_.per_file() ? add_record(group, notes, sink, tally) : add_rows(notes, sink, tally);
  if (!status) return status;
  sort_rejects(notes.rejects);
  if (options_.verbose) note(files_, group, notes);
  tally.files += group.size();
  tally.bytes += notes.bytes;
  tally.lines += notes.lines;
  tally.exchanges += notes.exchanges;
  tally.other_layouts += notes.other_layouts;
  if (notes.erased > 0) tally.skipped["erased"] += notes.erased;
  tally.unreadable_files += notes.unreadable_files;
  // What the lines lack stands before what their rows lack.
  tally.rejects.insert(tally.rejects.begin() + static_cast<std::ptrdiff_t>(before),
                       notes.rejects.begin(), notes.rejects.end());
  return {};
}

Status GroupWork::add_rows(ReadingNotes& notes, RowSink& sink, Tally& tally) {
  for (;;) {
    const auto more = reader_.next(table_, notes);
    if (!more) return more.error();
    if (!*more) return {};
    if (auto status = maker_.make(table_, notes, sink, tally); !status) return status;
  }
}

Result<std::optional<FileRecord>> GroupWork::choose_record(ReadingNotes& notes, Tally& tally) {
  std::optional<PathCandidate> best;
  std::vector<LineRef> best_lines;
  for (;;) {
    const auto more = reader_.next(table_, notes);
    if (!more) return more.error();
    if (!*more) break;
    tally.sessions += table_.sessions().size();
    for (const auto& skipped : table_.skipped()) tally.skipped[skipped.kind] += skipped.count;
    const auto found = longest_path(table_);
    if (!found) return found.error();
    if (!*found || (best && (*found)->is_before(*best))) continue;
    best = **found;
    best_lines = reader_.session_lines();
  }
  if (!best) return std::optional<FileRecord>();
  if (!best_lines.empty()) {
    if (auto status = reader_.again(best_lines, table_); !status) return status.error();
  }
  TextRepairs repairs;
  auto record = path_record(table_, *best, options_.calls, repairs);
  if (!record) return record.error();
  tally.lone_surrogates += repairs.lone_surrogates;
  tally.duplicate_keys += repairs.duplicate_keys;
  return std::optional<FileRecord>(std::move(*record));
}

Status GroupWork::add_record(const LogGroup& group, ReadingNotes& notes, RowSink& sink,
                             Tally& tally) {
  auto record = choose_record(notes, tally);
  const LogFile& file = files_[group.front()];
  if (!record) {
    if (record.error().fault == Fault::ours) return record.error();
    tally.rejects.push_back({file.name, 0, record.error().message});
    return {};
  }
  if (!*record) return {};
  Row row;
  row.text = std::move((**record).text);
  row.day = file.day;
  if (row.day.empty() && notes.first_timestamp) row.day = utc_day(*notes.first_timestamp);
  ++tally.rows;
  return sink.take(row);
}

}  // namespace albicilla
