#include "converter/viewer/search.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>

#include "converter/viewer/message_text.h"
#include "converter/viewer/tail_reader.h"
#include "converter/viewer/words.h"

namespace albicilla::viewer {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kMostTime{1500};
constexpr std::size_t kContext = 90;  // bytes of text on each side of the first hit
constexpr std::size_t kMostSnippet = 320;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  WordSplitter splitter(text);
  WordSplitter::Word word;
  while (words.size() < kMostQueryWords && splitter.next(word)) words.emplace_back(word.folded);
  return words;
}

bool matches(std::string_view word, const std::string& wanted) {
  if (wanted.ends_with('*'))
    return word.starts_with(std::string_view(wanted).substr(0, wanted.size() - 1));
  return word == wanted;
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The last words that were read, as many as the longest phrase has.
class PhraseFinder {
 public:
  explicit PhraseFinder(const std::vector<std::vector<std::string>>& phrases)
      : phrases_(phrases), found_(phrases.size(), false) {
    for (const auto& phrase : phrases) longest_ = std::max(longest_, phrase.size());
  }

  void next(const WordSplitter::Word& word, std::vector<Span>& spans) {
    if (longest_ == 0) return;
    recent_.push_back({std::string(word.folded), word.begin});
    if (recent_.size() > longest_) recent_.pop_front();
    for (std::size_t i = 0; i < phrases_.size(); ++i) {
      const auto& phrase = phrases_[i];
      if (recent_.size() < phrase.size() || !ends_with(phrase)) continue;
      found_[i] = true;
      spans.push_back({recent_[recent_.size() - phrase.size()].begin, word.end});
    }
  }

  bool all_found() const { return std::find(found_.begin(), found_.end(), false) == found_.end(); }

 private:
  struct Recent {
    std::string folded;
    std::size_t begin;
  };

  bool ends_with(const std::vector<std::string>& phrase) const {
    const std::size_t skip = recent_.size() - phrase.size();
    for (std::size_t i = 0; i < phrase.size(); ++i) {
      if (recent_[skip + i].folded != phrase[i]) return false;
    }
    return true;
  }

  const std::vector<std::vector<std::string>>& phrases_;
  std::vector<bool> found_;
  std::deque<Recent> recent_;
  std::size_t longest_ = 0;
};

// Where the words of the query stand in the text; empty unless all phrases are there too.
std::vector<Span> find_spans(std::string_view text, const SearchQuery& query) {
  std::vector<Span> spans;
  PhraseFinder phrases(query.phrases);
  WordSplitter splitter(text);
  WordSplitter::Word word;
  while (splitter.next(word)) {
    for (const std::string& wanted : query.words) {
      if (matches(word.folded, wanted)) spans.push_back({word.begin, word.end});
    }
    phrases.next(word, spans);
  }
  if (!phrases.all_found()) spans.clear();
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  return spans;
}

// The nearest start of a character at or behind `at`.
std::size_t to_character(std::string_view text, std::size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return std::min(at, text.size());
}

// Cursor: day, then the last message that was looked at.
struct SearchPlace {
  std::string day;
  std::int64_t below = INT64_MAX;
};

std::optional<SearchPlace> parse_place(const std::string& cursor) {
  const std::size_t tilde = cursor.find('~');
  if (tilde == std::string::npos) return std::nullopt;
  SearchPlace place;
  place.day = cursor.substr(0, tilde);
  const char* end = cursor.data() + cursor.size();
  const auto parsed = std::from_chars(cursor.data() + tilde + 1, end, place.below);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return place;
}

struct Found {
  std::int64_t message = 0;
  std::int64_t exchange = 0;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  Role role = Role::other;
  bool answered = false;
};

// One search through one day.
class DaySearch {
 public:
  DaySearch(Database& database, const std::filesystem::path& root, const SearchQuery& query,
            const Filter& filter)
      : database_(database), root_(root), query_(query), filter_(filter) {}

  // Adds hits until there are `most` or time is over; `below` says where to go on.
  Status run(std::int64_t& below, std::size_t most, Clock::time_point deadline, SearchPage& page) {
    auto select = database_.prepare(sql());
    if (!select) return select.error();
    auto load = prepare_exchange();
    if (!load) return load.error();
    const std::string match = query_.match();
    int index = 1;
    select->bind(index++, std::string_view(match));
    select->bind(index++, below);
    if (!filter_.session.empty()) {
      select->bind(index++, std::string_view(filter_.session));
      select->bind(index++, std::string_view(filter_.session));
    }
    if (query_.role) select->bind(index++, static_cast<std::int64_t>(*query_.role));
    while (page.hits.size() < most) {
      if (Clock::now() > deadline) {
        page.timed_out = true;
        return {};
      }
      auto row = select->step();
      if (!row) return row.error();
      if (!*row) {
        below = 0;
        return {};
      }
      const Found found = found_from(*select);
      below = found.message;
      if (Status status = consider(found, *load, page); !status) return status;
    }
    return {};
  }

 private:
  // Messages stand where they were first seen; in a session that is asked for, where it said them.
  std::string sql() const {
    std::string sql =
        filter_.session.empty()
            ? "SELECT m.id, m.role, m.exchange, m.answered, m.offset, m.bytes FROM words w"
              " JOIN message m ON m.id=w.rowid WHERE w.words MATCH ?1 AND w.rowid<?2"
            : "SELECT m.id, m.role, coalesce(p.exchange, m.exchange),"
              " coalesce(p.answered, m.answered), coalesce(p.offset, m.offset),"
              " coalesce(p.bytes, m.bytes) FROM words w JOIN message m ON m.id=w.rowid"
              " LEFT JOIN place p ON p.message=m.id"
              " AND p.session=(SELECT id FROM session WHERE name=?3)"
              " WHERE w.words MATCH ?1 AND w.rowid<?2 AND (p.message IS NOT NULL"
              " OR m.session=(SELECT id FROM session WHERE name=?4))";
    if (query_.role) sql += " AND m.role=?";
    return sql + " ORDER BY w.rowid DESC";
  }

  Result<Statement> prepare_exchange() {
    condition_ = exchange_condition(filter_);
    return database_.prepare(std::string("SELECT ") + exchange_columns() +
                             ", (SELECT count(*) FROM place WHERE message=?) FROM " +
                             kExchangeTables + " WHERE e.id=? AND " + condition_.sql);
  }

  static Found found_from(const Statement& row) {
    Found found;
    found.message = row.integer(0);
    found.role = static_cast<Role>(row.integer(1) % 5);
    found.exchange = row.integer(2);
    found.answered = row.integer(3) != 0;
    found.offset = row.integer(4);
    found.bytes = row.integer(5);
    return found;
  }

  Status consider(const Found& found, Statement& load, SearchPage& page) {
    load.reset();
    load.bind(1, found.message).bind(2, found.exchange);
    condition_.bind(load, 3);
    auto row = load.step();
    if (!row) return row.error();
    if (!*row) return {};
    SearchHit hit;
    hit.exchange = exchange_from(load);
    hit.other_sessions = load.integer(load.columns() - 1);
    hit.role = found.role;
    hit.answered = found.answered;
    auto raw = read_log_bytes(root_ / hit.exchange.file, static_cast<std::uint64_t>(found.offset),
                              static_cast<std::uint64_t>(found.bytes));
    if (!raw) return {};  // the file is gone; the index will notice soon
    MessageText text = read_message_text(*raw);
    text.spoken += text.thought;
    hit.snippet = make_snippet(text.spoken, query_);
    if (!hit.snippet.empty()) page.hits.push_back(std::move(hit));
    return {};
  }

  Database& database_;
  const std::filesystem::path& root_;
  const SearchQuery& query_;
  const Filter& filter_;
  Condition condition_;
};

}  // namespace

std::string SearchQuery::match() const {
  std::string match;
  const auto add = [&](const std::string& word) {
    const bool prefix = word.ends_with('*');
    if (!match.empty()) match += " AND ";
    match += '"' + (prefix ? word.substr(0, word.size() - 1) : word) + '"';
    if (prefix) match += " *";
  };
  for (const std::string& word : words) add(word);
  for (const auto& phrase : phrases) {
    for (const std::string& word : phrase) add(word);
  }
  return match;
}

SearchQuery parse_search(std::string_view text) {
  SearchQuery query;
  bool in_quotes = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(in_quotes ? '"' : ' '), text.find('"'));
    const std::string_view piece = text.substr(0, end);
    const bool quote_next = end != std::string_view::npos && text[end] == '"';
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!in_quotes && piece.starts_with("role:")) {
      query.role = role_from(piece.substr(5));
    } else if (std::vector<std::string> words = split(piece); !words.empty()) {
      if (words.size() == 1 && piece.ends_with('*')) words[0] += '*';
      // What stands together without a space is looked for together, as in "foo-bar".
      if (words.size() == 1) {
        query.words.push_back(std::move(words[0]));
      } else {
        query.phrases.push_back(std::move(words));
      }
    }
    if (quote_next) in_quotes = !in_quotes;
    if (query.words.size() + query.phrases.size() >= kMostQueryWords) break;
  }
  return query;
}

std::vector<SnippetPiece> make_snippet(std::string_view text, const SearchQuery& query) {
  const std::vector<Span> spans = find_spans(text, query);
  std::vector<SnippetPiece> pieces;
  if (spans.empty()) return pieces;
  const std::size_t first = spans.front().begin;
  const std::size_t begin = to_character(text, first > kContext ? first - kContext : 0);
  const std::size_t end =
      to_character(text, std::min(text.size(), std::max(begin + kMostSnippet, spans.front().end)));
  std::size_t at = begin;
  const auto add = [&](std::size_t to, bool hit) {
    if (to > at) pieces.push_back({std::string(text.substr(at, to - at)), hit});
    at = std::max(at, to);
  };
  if (begin > 0) pieces.push_back({"\xE2\x80\xA6", false});
  for (const Span& span : spans) {
    if (span.begin < at || span.end > end) continue;
    add(span.begin, false);
    add(span.end, true);
  }
  add(end, false);
  if (end < text.size()) pieces.push_back({"\xE2\x80\xA6", false});
  return pieces;
}

Result<SearchPage> search_messages(DayPool& pool, const std::filesystem::path& root,
                                   const SearchQuery& query, const Filter& filter,
                                   const std::string& cursor, std::size_t most) {
  SearchPage page;
  if (query.match().empty()) return page;
  SearchPlace place;
  if (!cursor.empty()) {
    const auto parsed = parse_place(cursor);
    if (!parsed) return client_error("cursor is not one of this search");
    place = *parsed;
  }
  const Clock::time_point deadline = Clock::now() + kMostTime;
  for (const std::string& day : pool.days()) {
    if (!filter.covers_day(day) || (!place.day.empty() && day > place.day)) continue;
    if (day != place.day) place = {day, INT64_MAX};
    auto lease = pool.take(day);
    if (!lease) continue;
    (*lease)->stop_at(deadline + kMostTime);
    DaySearch search(**lease, root, query, filter);
    if (Status status = search.run(place.below, most, deadline, page); !status) {
      return status.error();
    }
    if (page.timed_out || page.hits.size() >= most) {
      page.next = day + "~" + std::to_string(place.below);
      return page;
    }
  }
  return page;
}

}  // namespace albicilla::viewer
