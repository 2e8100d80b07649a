#include "converter/reading/log_reader.h"

#include <algorithm>
#include <utility>

#include "common/chain/tombstone.h"
#include "converter/reading/chain_check.h"

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

Status LogReader::read(const std::vector<LogFile>& files, const LogGroup& group,
                       ExchangeTable& table, ReadingNotes& notes) {
  for (const std::uint32_t number : group) {
    if (auto status = read_file(files[number], number, table, notes); !status) return status;
  }
  return {};
}

Status LogReader::read_file(const LogFile& file, std::uint32_t number, ExchangeTable& table,
                            ReadingNotes& notes) {
  auto source = open_log(file.path);
  if (!source) {
    notes.rejects.push_back({file.name, 0, source.error().message});
    ++notes.unreadable_files;
    return {};
  }
  lines_.open(std::move(*source));
  ChainCheck chain(open_name(file.name));
  const std::size_t exchanges_before = table.exchanges().size();
  has_entries_ = false;
  for (;;) {
    const auto line = lines_.next();
    if (!line) {
      notes.rejects.push_back({file.name, 0, line.error().message});
      ++notes.unreadable_files;
      continue;
    }
    if (!*line) break;
    const Line& next = **line;
    notes.bytes += next.text.size() + (next.whole ? 1 : 0);
    if (is_blank(next.text)) continue;
    ++notes.lines;
    const bool was_sound = chain.sound();
    if (check_ == CheckChain::yes && !chain.follow(next.text) && was_sound) {
      notes.rejects.push_back({file.name, next.number, "the hash chain breaks here"});
    }
    if (is_tombstone(next.text)) {
      ++notes.erased;
      continue;
    }
    auto goes_on = read_line(file, {number, next.number, next.offset}, next.text, table, notes);
    if (!goes_on) return goes_on.error();
    if (!*goes_on) break;
  }
  if (chain.sound()) return {};
  for (std::size_t i = exchanges_before; i < table.exchanges().size(); ++i) {
    notes.poisoned.insert(table.sessions()[table.exchanges()[i].session]);
  }
  return {};
}

Result<bool> LogReader::read_line(const LogFile& file, const LineOrigin& origin,
                                  std::string_view line, ExchangeTable& table,
                                  ReadingNotes& notes) {
  const auto reject = [&](const Error& error) -> Result<bool> {
    if (!has_entries_ && is_other_layout(line)) {
      ++notes.other_layouts;
      return false;
    }
    notes.rejects.push_back({file.name, origin.number, error.message});
    return true;
  };
  if (auto status = entries_.begin(line); !status) return reject(status.error());
  const auto entry = entries_.finish(table.likely());
  if (!entry) return reject(entry.error());
  has_entries_ = true;
  ++notes.exchanges;
  if (!notes.first_timestamp) notes.first_timestamp = (*entry)->timestamp;
  if (auto status = table.add(**entry, origin); !status) {
    if (status.error().fault == Fault::ours) return status.error();
    return reject(status.error());
  }
  return true;
}

}  // namespace albicilla
