#include "converter/report.h"

#include "converter/format/row_writer.h"

namespace albicilla {

namespace {

using Counts = std::map<std::string, std::uint64_t>;

void add_number(RowWriter& row, std::string_view name, std::uint64_t value) {
  row.key(name).number(static_cast<std::int64_t>(value));
}

// Names come from the log, so they are escaped as values are.
void add_counts(RowWriter& row, std::string_view name, const Counts& counts) {
  row.key(name).begin_object();
  for (const auto& [key, count] : counts) {
    std::string escaped;
    append_escaped(escaped, key);
    add_number(row, escaped, count);
  }
  row.end_object();
}

Counts reasons_of(const Tally& tally) {
  Counts reasons;
  for (const Reject& reject : tally.rejects) ++reasons[reject.reason];
  return reasons;
}

void add_lines(std::string& text, std::string_view title, const Counts& counts) {
  if (counts.empty()) return;
  text += "\n" + std::string(title) + "\n";
  for (const auto& [name, count] : counts)
    text += "  " + std::to_string(count) + "  " + name + "\n";
}

void add_line(std::string& text, std::string_view name, std::uint64_t count) {
  std::string padded(name);
  padded.resize(28, ' ');
  text += padded + std::to_string(count) + "\n";
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + "\"";
}

}  // namespace

std::string report_json(const Tally& tally, const std::vector<OutputSet::Written>& files) {
  std::string text;
  RowWriter row(text);
  row.begin_object();
  row.key("input").begin_object();
  add_number(row, "files", tally.files);
  add_number(row, "bytes", tally.bytes);
  add_number(row, "lines", tally.lines);
  add_number(row, "exchanges", tally.exchanges);
  add_number(row, "sessions", tally.sessions);
  add_number(row, "poisoned_sessions", tally.poisoned_sessions);
  add_number(row, "other_layouts", tally.other_layouts);
  add_number(row, "unreadable_files", tally.unreadable_files);
  add_counts(row, "skipped_exchanges", tally.skipped);
  add_counts(row, "edges", tally.edges);
  row.end_object().key("output").begin_object();
  add_number(row, "conversations", tally.conversations);
  add_number(row, "rows", tally.rows);
  add_number(row, "tokens", tally.tokens);
  add_counts(row, "left_out", tally.left_out);
  add_counts(row, "rejected", reasons_of(tally));
  add_number(row, "redactions", tally.redactions);
  add_number(row, "lone_surrogates", tally.lone_surrogates);
  add_number(row, "duplicate_keys", tally.duplicate_keys);
  add_counts(row, "models", tally.models);
  add_counts(row, "calls", tally.calls);
  row.key("files").begin_array();
  for (const OutputSet::Written& file : files) {
    row.begin_object().key("name").plain(file.name);
    add_number(row, "rows", file.rows);
    row.end_object();
  }
  row.end_array().end_object().end_object();
  return text + "\n";
}

std::string report_text(const Tally& tally, const std::vector<OutputSet::Written>& files) {
  std::string text = "What was read\n";
  add_line(text, "  files", tally.files);
  add_line(text, "  bytes", tally.bytes);
  add_line(text, "  lines", tally.lines);
  add_line(text, "  exchanges", tally.exchanges);
  add_line(text, "  sessions", tally.sessions);
  add_line(text, "  poisoned sessions", tally.poisoned_sessions);
  text += "\nWhat was written\n";
  add_line(text, "  conversations found", tally.conversations);
  add_line(text, "  rows", tally.rows);
  if (tally.tokens > 0) add_line(text, "  tokens", tally.tokens);
  if (tally.redactions > 0) add_line(text, "  redactions", tally.redactions);
  for (const OutputSet::Written& file : files) {
    text += "  " + file.name + ": " + std::to_string(file.rows) + " rows\n";
  }
  add_lines(text, "Left out by your options", tally.left_out);
  add_lines(text, "Rejected, by reason (rejects.jsonl names each)", reasons_of(tally));
  add_lines(text, "Exchanges that are no conversations", tally.skipped);
  add_lines(text, "How requests followed one another", tally.edges);
  add_lines(text, "Rows by model", tally.models);
  add_lines(text, "Calls by tool", tally.calls);
  return text;
}

std::string tool_usage_csv(const Tally& tally) {
  std::string text =
      "date,scenario,session_count,tool_call_count,tool_definition_count,client_turns,"
      "assistant_turns,assistant_turns_with_tools\n";
  for (const auto& [key, usage] : tally.tool_usage) {
    text += csv_cell(key.first) + "," + csv_cell(key.second);
    for (const std::uint64_t count : usage.counts()) text += "," + std::to_string(count);
    text += "\n";
  }
  return text;
}

}  // namespace albicilla
