#include "converter/reading/log_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/chain/tombstone.h"

namespace albicilla {

namespace {

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

// The name that the sink gave the file before it was sealed.
std::string_view open_name(std::string_view name) {
  for (const std::string_view ending : {".zst", ".gz"}) {
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  }
  return name;
}

}  // namespace

Status LogReader::open(const std::vector<LogFile>& files, const LogGroup& group,
                       ExchangeTable& table, ReadingNotes& notes, Sessions sessions) {
  files_ = &files;
  index_.clear();
  lines_.clear();
  session_lines_.clear();
  broken_.assign(files.size(), false);
  table.clear();
  notes = {};
  given_ = false;
  sessions_ = sessions;
  found_mixed_ = false;
  begun_ = false;
  chain_.reset();
  if (sessions == Sessions::mixed) return open_mixed(group, table, notes);
  group_ = group;
  next_file_ = 0;
  held_.reset();
  seen_.clear();
  return {};
}

Status LogReader::open_mixed(const LogGroup& group, ExchangeTable& table, ReadingNotes& notes) {
  const auto read = walk(group, Pass::read_one_session, table, notes);
  if (!read) return read.error();
  one_session_ = *read;
  if (one_session_) return {};
  table.clear();
  notes = {};
  const auto listed = walk(group, Pass::list_lines, table, notes);
  return listed ? index_.finish() : Status(listed.error());
}

Result<bool> LogReader::next(ExchangeTable& table, ReadingNotes& notes) {
  if (sessions_ == Sessions::one_after_another) return next_in_order(table, notes);
  if (one_session_) return !std::exchange(given_, true);
  auto more = index_.next(session_lines_);
  if (!more || !*more) return more;
  table.clear_sessions();
  for (const LineRef& line : session_lines_) {
    const LineOrigin origin{line.file, line.number, line.offset};
    const auto text = lines_.line(*files_, line);
    if (!text) {
      notes.rejects.push_back({(*files_)[line.file].name, line.number, text.error().message});
      continue;
    }
    has_entries_ = true;
    const auto taken = read(*text, origin, table, notes);
    if (!taken) return taken.error();
  }
  return true;
}

Result<bool> LogReader::next_in_order(ExchangeTable& table, ReadingNotes& notes) {
  table.clear_sessions();
  for (bool any = false;; any = true) {
    const auto more = read_session(table, notes);
    if (!more) return more;
    if (!*more || !table.has_room()) return any || *more;
  }
}

Result<bool> LogReader::read_session(ExchangeTable& table, ReadingNotes& notes) {
  table.begin_session();
  has_session_ = false;
  for (;;) {
    if (!held_) {
      auto line = next_held(notes);
      if (!line) return line.error();
      if (!*line) return has_session_ ? end_session() : Result<bool>(false);
      held_ = **line;
    }
    const LineOrigin origin{file_, held_->number, held_->offset};
    const std::uint64_t exchanges_before = notes.exchanges;
    const auto taken = read(held_->text, origin, table, notes);
    if (!taken) return taken.error();
    if (*taken == Taken::another_session) {
      others_here_ = others_here_ || std::exchange(session_here_, false);
      return end_session();
    }
    held_.reset();
    session_here_ = session_here_ || notes.exchanges > exchanges_before;
    if (*taken == Taken::no_line_of_ours) chain_.reset();
  }
}

// True unless the session has come before.
Result<bool> LogReader::end_session() {
  if (seen_.insert(session_hash_)) return true;
  return mixed().error();
}

Result<std::optional<Line>> LogReader::next_held(ReadingNotes& notes) {
  for (;;) {
    if (!chain_) {
      if (next_file_ == group_.size()) return std::optional<Line>();
      const std::uint32_t file = group_[next_file_++];
      session_here_ = others_here_ = false;
      if (!open_file(file, open_log((*files_)[file].path), notes)) continue;
    }
    auto line = next_line(notes);
    if (!line) return line;
    if (auto status = mind_chain(notes); !status) return status.error();
    if (*line) return line;
    chain_.reset();
  }
}

// What a broken chain makes of the sessions with lines in its file. Those that were given out
// before it broke should not have been.
Status LogReader::mind_chain(ReadingNotes& notes) {
  if (chain_->sound() || broken_[file_]) return {};
  if (others_here_) return mixed();
  broken_[file_] = true;
  if (has_session_ && session_here_) notes.poisoned.insert(session_);
  return {};
}

Status LogReader::mixed() {
  found_mixed_ = true;
  return our_error("the sessions of a log do not stand one after another");
}

Status LogReader::again(const std::vector<LineRef>& lines, ExchangeTable& table) {
  table.clear_sessions();
  ReadingNotes ignored;
  for (const LineRef& line : lines) {
    const auto text = lines_.line(*files_, line);
    if (!text) continue;
    const auto taken = read(*text, {line.file, line.number, line.offset}, table, ignored);
    if (!taken) return taken.error();
  }
  return {};
}

Result<bool> LogReader::walk(const LogGroup& group, Pass pass, ExchangeTable& table,
                             ReadingNotes& notes) {
  has_session_ = false;
  for (const std::uint32_t file : group) {
    const auto goes_on = walk_file(file, pass, table, notes);
    if (!goes_on || !*goes_on) return goes_on;
  }
  return true;
}

bool LogReader::open_file(std::uint32_t file, Result<std::unique_ptr<ByteSource>> source,
                          ReadingNotes& notes) {
  const LogFile& log = (*files_)[file];
  if (!source) {
    notes.rejects.push_back({log.name, 0, source.error().message});
    ++notes.unreadable_files;
    return false;
  }
  file_ = file;
  reader_.open(std::move(*source), check_ == CheckChain::yes ? Digests::of_chains : Digests::none);
  chain_.emplace(open_name(log.name_in_root));
  has_entries_ = false;
  return true;
}

Result<std::optional<Line>> LogReader::next_line(ReadingNotes& notes) {
  const std::string& name = (*files_)[file_].name;
  for (;;) {
    auto line = reader_.next();
    if (!line) {
      if (!lines_.kept()) return line.error();
      notes.rejects.push_back({name, 0, line.error().message});
      ++notes.unreadable_files;
      continue;
    }
    if (!*line) return line;
    const Line& next = **line;
    notes.bytes += next.text.size() + (next.whole ? 1 : 0);
    if (is_blank(next.text)) continue;
    ++notes.lines;
    const bool was_sound = chain_->sound();
    if (check_ == CheckChain::yes && !chain_->follow(next.text, next.digests) && was_sound) {
      notes.rejects.push_back({name, next.number, "the hash chain breaks here"});
    }
    if (!is_tombstone(next.text)) return line;
    ++notes.erased;
  }
}

Result<bool> LogReader::walk_file(std::uint32_t file, Pass pass, ExchangeTable& table,
                                  ReadingNotes& notes) {
  auto source =
      pass == Pass::list_lines ? lines_.open(*files_, file) : open_log((*files_)[file].path);
  if (!open_file(file, std::move(source), notes)) return true;
  const std::size_t exchanges_before = table.exchanges().size();
  for (;;) {
    const auto line = next_line(notes);
    if (!line) return line.error();
    if (!*line) break;
    const auto taken = take(**line, file, pass, table, notes);
    if (!taken) return taken.error();
    if (*taken == Taken::another_session) return false;
    if (*taken == Taken::no_line_of_ours) break;
  }
  broken_[file] = !chain_->sound();
  if (broken_[file] && table.exchanges().size() > exchanges_before) {
    notes.poisoned.insert(session_);
  }
  return true;
}

Result<LogReader::Taken> LogReader::take(const Line& line, std::uint32_t file, Pass pass,
                                         ExchangeTable& table, ReadingNotes& notes) {
  if (pass == Pass::list_lines) return list(line, file, notes);
  return read(line.text, {file, line.number, line.offset}, table, notes);
}

Result<LogReader::Taken> LogReader::list(const Line& line, std::uint32_t file,
                                         ReadingNotes& notes) {
  if (!leading_session_id(line.text, listed_session_)) {
    const LineOrigin origin{file, line.number, line.offset};
    NoLikelyTexts nothing;
    if (auto status = entries_.begin(line.text); !status) {
      return reject(status.error(), line.text, origin, notes);
    }
    const auto entry = entries_.finish(nothing);
    if (!entry) return reject(entry.error(), line.text, origin, notes);
    listed_session_ = (*entry)->session_id;
  }
  has_entries_ = true;
  auto status = index_.add(listed_session_, {line.offset, line.text.size(), line.number, file, 0});
  if (!status) return status.error();
  return Taken::yes;
}

LogReader::Taken LogReader::reject(const Error& error, std::string_view line,
                                   const LineOrigin& origin, ReadingNotes& notes) {
  if (!has_entries_ && is_other_layout(line)) {
    ++notes.other_layouts;
    return Taken::no_line_of_ours;
  }
  notes.rejects.push_back({(*files_)[origin.file].name, origin.number, error.message});
  return Taken::yes;
}

Result<LogReader::Taken> LogReader::read(std::string_view line, const LineOrigin& origin,
                                         ExchangeTable& table, ReadingNotes& notes) {
  if (!std::exchange(begun_, false)) {
    if (auto status = entries_.begin(line); !status) {
      return reject(status.error(), line, origin, notes);
    }
  }
  const auto is_another = [this](const std::string& session) {
    return session_lines_.empty() && has_session_ && session != session_;
  };
  const bool leads = !entries_.session_id().empty();
  if (leads && is_another(entries_.session_id())) {
    begun_ = sessions_ == Sessions::one_after_another;  // the line comes again, as the next one
    return Taken::another_session;
  }
  const auto entry = entries_.finish(table.likely());
  if (!entry) return reject(entry.error(), line, origin, notes);
  if (is_another((*entry)->session_id)) return Taken::another_session;
  has_entries_ = true;
  if (!std::exchange(has_session_, true)) {
    session_ = (*entry)->session_id;
    session_hash_ = hash_bytes(session_);
    seen_.expect(session_hash_);
  }
  ++notes.exchanges;
  const bool is_first =
      !notes.first_timestamp || std::tie(origin.file, origin.offset) <
                                    std::tie(notes.first_origin.file, notes.first_origin.offset);
  if (is_first) {
    notes.first_timestamp = (*entry)->timestamp;
    notes.first_origin = origin;
  }
  if (auto status = table.add(**entry, origin); !status) {
    if (status.error().fault == Fault::ours) return status.error();
    return reject(status.error(), line, origin, notes);
  }
  if (broken_[origin.file]) notes.poisoned.insert((*entry)->session_id);
  return Taken::yes;
}

}  // namespace albicilla
