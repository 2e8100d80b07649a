// Full-text search: which messages hold all the words, newest first, with the piece of text around
// them. The text itself is read from the log again; the index keeps words only.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/day_pool.h"
#include "converter/viewer/exchange_row.h"
#include "converter/viewer/filter.h"

namespace albicilla::viewer {

// What was asked: words in any order, and phrases in quotes. `word*` matches its beginning.
struct SearchQuery {
  std::vector<std::string> words;                 // folded; with a trailing '*' for a prefix
  std::vector<std::vector<std::string>> phrases;  // folded words that follow one another
  std::optional<Role> role;

  // For FTS5; empty when nothing was asked.
  std::string match() const;
};

inline constexpr std::size_t kMostQueryWords = 16;

SearchQuery parse_search(std::string_view text);

// A piece of text; `hit` pieces are what was looked for.
struct SnippetPiece {
  std::string text;
  bool hit = false;
};

// The surroundings of the first hit; empty when the text does not hold what was asked.
std::vector<SnippetPiece> make_snippet(std::string_view text, const SearchQuery& query);

struct SearchHit {
  ExchangeRow exchange;  // where the message was first seen
  Role role = Role::other;
  bool answered = false;
  std::int64_t other_sessions = 0;  // how many more said the same
  std::vector<SnippetPiece> snippet;
};

struct SearchPage {
  std::vector<SearchHit> hits;
  std::string next;  // cursor; empty at the end
  bool timed_out = false;
};

// Looks until `most` hits are found or the time is over; then `next` says where to go on.
Result<SearchPage> search_messages(DayPool& pool, const std::filesystem::path& root,
                                   const SearchQuery& query, const Filter& filter,
                                   const std::string& cursor, std::size_t most);

}  // namespace albicilla::viewer
