#include "converter/output_set.h"

#include <utility>

namespace albicilla {

// "2026-01-13/conversations" and its variants.
std::string OutputSet::name_of(const Row& row) const {
  const std::string part(part_of(options_.split, row.session));
  if (options_.format->container() == Container::file_per_row) {
    const std::string folder = part.empty() ? "" : part + "/";
    return folder + (options_.single_file ? "" : row.day + "/") + row.id;
  }
  const std::string stem = part.empty() ? "conversations" : part;
  if (options_.single_file) return stem;
  if (options_.by_day == ByDay::dirs) return row.day + "/" + stem;
  return part.empty() ? row.day : row.day + "." + part;
}

std::string OutputSet::data_ending() const {
  if (options_.format->container() == Container::parquet) return ".parquet";
  return ".jsonl" + std::string(file_ending(options_.compression));
}

Status OutputSet::open(const std::string& stem, Entry& entry) const {
  const bool is_table = options_.format->container() == Container::parquet;
  auto data = OutputFile::create(options_.output / (stem + data_ending()),
                                 is_table ? Compression::none : options_.compression);
  if (!data) return data.error();
  if (is_table) {
    entry.table = std::make_unique<ParquetFile>(std::move(*data));
  } else {
    entry.data = std::move(*data);
  }
  if (options_.meta != MetaPlace::sidecar) return {};
  const std::string ending = std::string(file_ending(options_.compression));
  auto meta =
      OutputFile::create(options_.output / (stem + ".meta.jsonl" + ending), options_.compression);
  if (!meta) return meta.error();
  entry.meta = std::move(*meta);
  return {};
}

Result<OutputSet::Entry*> OutputSet::entry_for(const Row& row) {
  const bool by_day_alone =
      options_.split.empty() && options_.format->container() != Container::file_per_row;
  if (by_day_alone && last_ != nullptr && (options_.single_file || row.day == last_day_)) {
    return last_;
  }
  auto entry = find_entry(row);
  if (!entry) return entry;
  last_ = *entry;
  last_day_ = row.day;
  return entry;
}

Result<OutputSet::Entry*> OutputSet::find_entry(const Row& row) {
  const std::string stem = name_of(row);
  const auto found = open_.find(stem);
  if (found != open_.end()) return &found->second;
  Entry entry;
  if (!options_.dry_run) {
    if (auto status = open(stem, entry); !status) return status.error();
  }
  entry.number = files_.size();
  files_.push_back({stem + data_ending(), 0});
  return &open_.emplace(stem, std::move(entry)).first->second;
}

Status OutputSet::write(Entry& entry, const Row& row) const {
  if (entry.table) {
    if (auto status = entry.table->add(row.text); !status) return status;
  } else {
    if (auto status = entry.data->write_line(row.text); !status) return status;
  }
  return entry.meta ? entry.meta->write_line(row.meta) : Status{};
}

Status OutputSet::take(const Row& row) {
  auto entry = entry_for(row);
  if (!entry) return entry.error();
  ++rows_;
  bytes_ += row.text.size() + 1;
  ++files_[(**entry).number].rows;
  if (options_.dry_run) return {};
  if (auto status = write(**entry, row); !status) return status;
  // One file a row could be more than a process may have open.
  if (options_.format->container() != Container::file_per_row) return {};
  if (auto status = (**entry).data->close(); !status) return status;
  return (**entry).meta ? (**entry).meta->close() : Status{};
}

Status OutputSet::write_companions() const {
  std::vector<std::string> names;
  for (const Written& file : files_) names.push_back(file.name);
  for (const auto& companion : options_.format->companions(names)) {
    auto file = OutputFile::create(options_.output / companion.name);
    if (!file) return file.error();
    if (auto status = (*file)->write(companion.content); !status) return status;
    if (auto status = (*file)->commit(); !status) return status;
  }
  return {};
}

Status OutputSet::commit() {
  if (options_.dry_run) return {};
  for (auto& [stem, entry] : open_) {
    if (entry.table) {
      if (auto status = entry.table->finish(); !status) return status;
    }
    OutputFile& data = entry.table ? entry.table->file() : *entry.data;
    if (auto status = data.commit(); !status) return status;
    if (!entry.meta) continue;
    if (auto status = entry.meta->commit(); !status) return status;
  }
  open_.clear();
  last_ = nullptr;
  return files_.empty() ? Status{} : write_companions();
}

}  // namespace albicilla
