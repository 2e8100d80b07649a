#include "converter/tally_bytes.h"

#include "common/base/bytes.h"

namespace albicilla {

namespace {

// All plain counts, in one order.
template <class Any, class Visit>
void each_count(Any& tally, const Visit& visit) {
  for (auto* count : {&tally.files, &tally.bytes, &tally.lines, &tally.exchanges, &tally.sessions,
                      &tally.poisoned_sessions, &tally.conversations, &tally.rows,
                      &tally.other_layouts, &tally.unreadable_files, &tally.lone_surrogates,
                      &tally.duplicate_keys, &tally.redactions, &tally.tokens}) {
    visit(*count);
  }
}

template <class Any, class Visit>
void each_map(Any& tally, const Visit& visit) {
  for (auto* counts :
       {&tally.edges, &tally.skipped, &tally.left_out, &tally.models, &tally.calls}) {
    visit(*counts);
  }
}

}  // namespace

void append_tally(std::string& out, const Tally& tally) {
  each_count(tally, [&out](const std::uint64_t& count) { append_integer(out, count); });
  each_map(tally, [&out](const std::map<std::string, std::uint64_t>& counts) {
    append_integer(out, static_cast<std::uint32_t>(counts.size()));
    for (const auto& [name, count] : counts) {
      append_string(out, name);
      append_integer(out, count);
    }
  });
  append_integer(out, static_cast<std::uint32_t>(tally.tool_usage.size()));
  for (const auto& [key, usage] : tally.tool_usage) {
    append_string(out, key.first);
    append_string(out, key.second);
    for (const std::uint64_t count : usage.counts()) append_integer(out, count);
  }
  append_integer(out, static_cast<std::uint32_t>(tally.rejects.size()));
  for (const Reject& reject : tally.rejects) {
    append_string(out, reject.file);
    append_integer(out, reject.line);
    append_string(out, reject.reason);
  }
}

bool read_tally(std::string_view bytes, Tally& tally) {
  ByteReader reader(bytes);
  each_count(tally, [&reader](std::uint64_t& count) { count = reader.integer<std::uint64_t>(); });
  each_map(tally, [&reader](std::map<std::string, std::uint64_t>& counts) {
    const auto size = reader.integer<std::uint32_t>();
    for (std::uint32_t i = 0; reader.ok() && i < size; ++i) {
      const std::string name(reader.string());
      counts[name] = reader.integer<std::uint64_t>();
    }
  });
  const auto usages = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; reader.ok() && i < usages; ++i) {
    const std::string day(reader.string());
    ToolUsage& usage = tally.tool_usage[{day, std::string(reader.string())}];
    for (std::uint64_t* count : usage.fields()) *count = reader.integer<std::uint64_t>();
  }
  const auto rejects = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; reader.ok() && i < rejects; ++i) {
    Reject reject;
    reject.file = reader.string();
    reject.line = reader.integer<std::uint64_t>();
    reject.reason = reader.string();
    tally.rejects.push_back(std::move(reject));
  }
  return reader.finished();
}

}  // namespace albicilla
