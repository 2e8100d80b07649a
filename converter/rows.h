// What the reading side hands to the writing side: finished rows and what became of everything
// else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
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
  std::map<std::string, std::uint64_t> edges;     // by name
  std::map<std::string, std::uint64_t> skipped;   // exchanges that are no conversations, by kind
  std::map<std::string, std::uint64_t> left_out;  // conversations, by the step that left them out
  std::map<std::string, std::uint64_t> models;    // rows
  std::vector<Reject> rejects;

  void add(Tally&& part);
};

}  // namespace albicilla
