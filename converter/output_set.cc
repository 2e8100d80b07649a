#include "converter/output_set.h"

#include <utility>

namespace albicilla {

// "2026-01-13/conversations.jsonl" and its variants.
std::string OutputSet::name_of(const Row& row) const {
  const std::string stem = "conversations";
  if (options_.single_file) return stem;
  return options_.by_day == ByDay::flat ? row.day : row.day + "/" + stem;
}

Result<OutputSet::Pair*> OutputSet::files_for(const Row& row) {
  const std::string stem = name_of(row);
  const auto found = open_.find(stem);
  if (found != open_.end()) return &found->second;
  const std::string ending = std::string(file_ending(options_.compression));
  Pair pair;
  auto data =
      OutputFile::create(options_.output / (stem + ".jsonl" + ending), options_.compression);
  if (!data) return data.error();
  pair.data = std::move(*data);
  if (options_.meta == MetaPlace::sidecar) {
    auto meta =
        OutputFile::create(options_.output / (stem + ".meta.jsonl" + ending), options_.compression);
    if (!meta) return meta.error();
    pair.meta = std::move(*meta);
  }
  pair.number = files_.size();
  files_.push_back({stem + ".jsonl" + ending, 0});
  return &open_.emplace(stem, std::move(pair)).first->second;
}

Status OutputSet::take(const Row& row) {
  auto files = files_for(row);
  if (!files) return files.error();
  Pair& pair = **files;
  ++rows_;
  ++files_[pair.number].rows;
  if (auto status = pair.data->write(row.text); !status) return status;
  if (auto status = pair.data->write("\n"); !status) return status;
  if (!pair.meta) return {};
  if (auto status = pair.meta->write(row.meta); !status) return status;
  return pair.meta->write("\n");
}

Status OutputSet::commit() {
  for (auto& [stem, pair] : open_) {
    if (auto status = pair.data->commit(); !status) return status;
    if (!pair.meta) continue;
    if (auto status = pair.meta->commit(); !status) return status;
  }
  open_.clear();
  return {};
}

}  // namespace albicilla
