// A session as the lists show it, and how an exchange adds to it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "converter/viewer/batch.h"

namespace albicilla::viewer {

// How a request hangs together with an earlier one of its session.
enum class Edge : std::uint8_t {
  start = 0,         // shares no history with any
  continuation = 1,  // the history of an earlier request, and more
  retry = 2,         // the same history again
  edit_fork = 3,     // continues a request that another one continued already
};

std::string_view to_string(Edge edge);

struct SessionRow {
  std::int64_t id = 0;
  std::string name;
  std::int64_t first_at = 0;  // microseconds since 1970
  std::int64_t last_at = 0;
  std::int64_t exchanges = 0;
  std::int64_t turns = 0;  // answers that say something
  std::int64_t failed = 0;
  std::int64_t calls = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cached_tokens = 0;
  std::int64_t duration_us = 0;  // sum over exchanges
  std::int64_t forks = 0;
  std::int64_t retries = 0;
  std::int64_t starts = 0;
  std::string user;
  std::string client;
  std::string models;   // each between separators: "\x1fgpt-4o\x1fgpt-4o-mini\x1f"
  std::string endings;  // likewise
  std::string opening;

  void add(const LineEntry& entry, Edge edge);
  // The same session on another day.
  void add(const SessionRow& other);
};

inline constexpr char kSetSeparator = '\x1f';

// Adds a word to such a set, unless it is there or the set is full.
void add_to_set(std::string& set, std::string_view word);
std::vector<std::string> words_of_set(std::string_view set);

std::int64_t micros(WallTime time);

}  // namespace albicilla::viewer
