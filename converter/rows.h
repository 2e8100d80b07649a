// What the reading side hands to the writing side: finished rows and what became of everything
// else.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/hash128.h"
#include "converter/reading/log_reader.h"

namespace albicilla {

struct Row {
  std::string text;     // as it goes into the file, without a newline
  std::string meta;     // one JSON object: where the row comes from
  std::string day;      // of the conversation's start
  std::string session;  // decides the split
  std::string id;
  std::vector<Hash128> prefixes;    // of the conversation after each turn; the last is its own
  std::vector<std::uint64_t> near;  // MinHash bands, when near duplicates are looked for
  std::uint64_t tokens = 0;
};

// Takes rows in their final order. Not thread safe.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Status take(const Row& row) = 0;
};

// How much the conversations of one day and kind use tools.
struct ToolUsage {
  std::uint64_t sessions = 0;
  std::uint64_t calls = 0;
  std::uint64_t definitions = 0;
  std::uint64_t client_turns = 0;
  std::uint64_t assistant_turns = 0;
  std::uint64_t assistant_turns_with_tools = 0;

  std::array<std::uint64_t*, 6> fields() {
    return {&sessions,     &calls,           &definitions,
            &client_turns, &assistant_turns, &assistant_turns_with_tools};
  }
  std::array<std::uint64_t, 6> counts() const {
    return {sessions,     calls,           definitions,
            client_turns, assistant_turns, assistant_turns_with_tools};
  }
};

// Counts of one run or of one part of it.
struct Tally {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t sessions = 0;
  std::uint64_t poisoned_sessions = 0;
  std::uint64_t conversations = 0;
  std::uint64_t rows = 0;
  std::uint64_t other_layouts = 0;
  std::uint64_t unreadable_files = 0;
  std::uint64_t lone_surrogates = 0;
  std::uint64_t duplicate_keys = 0;
  std::uint64_t redactions = 0;
  std::uint64_t tokens = 0;
  std::map<std::string, std::uint64_t> edges;     // by name
  std::map<std::string, std::uint64_t> skipped;   // exchanges that are no conversations, by kind
  std::map<std::string, std::uint64_t> left_out;  // conversations, by the step that left them out
  std::map<std::string, std::uint64_t> models;    // rows
  std::map<std::string, std::uint64_t> calls;     // by the tool's name
  std::map<std::pair<std::string, std::string>, ToolUsage> tool_usage;  // by day and scenario
  std::vector<Reject> rejects;
  bool found_mixed = false;  // sessions stood otherwise than was said: all of this is void

  void add(Tally&& part);
};

}  // namespace albicilla
