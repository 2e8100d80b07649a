#include "converter/rows.h"

#include <iterator>
#include <utility>

namespace albicilla {

namespace {

void add_counts(std::map<std::string, std::uint64_t>& into,
                const std::map<std::string, std::uint64_t>& part) {
  for (const auto& [name, count] : part) into[name] += count;
}

}  // namespace

void Tally::add(Tally&& part) {
  files += part.files;
  bytes += part.bytes;
  lines += part.lines;
  exchanges += part.exchanges;
  sessions += part.sessions;
  poisoned_sessions += part.poisoned_sessions;
  conversations += part.conversations;
  rows += part.rows;
  other_layouts += part.other_layouts;
  unreadable_files += part.unreadable_files;
  lone_surrogates += part.lone_surrogates;
  duplicate_keys += part.duplicate_keys;
  redactions += part.redactions;
  tokens += part.tokens;
  add_counts(edges, part.edges);
  add_counts(skipped, part.skipped);
  add_counts(left_out, part.left_out);
  add_counts(models, part.models);
  add_counts(calls, part.calls);
  for (const auto& [key, usage] : part.tool_usage) {
    const auto fields = tool_usage[key].fields();
    const auto counts = usage.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) *fields[i] += counts[i];
  }
  rejects.insert(rejects.end(), std::make_move_iterator(part.rejects.begin()),
                 std::make_move_iterator(part.rejects.end()));
}

}  // namespace albicilla
