#include "converter/viewer/session_row.h"

#include <algorithm>
#include <array>

namespace albicilla::viewer {
namespace {

constexpr std::size_t kMostSetBytes = 1024;
constexpr std::array<std::string_view, 4> kEdges = {"start", "continuation", "retry", "edit_fork"};

void keep_first(std::string& kept, std::string_view next) {
  if (kept.empty()) kept = next;
}

bool says_something(const LineEntry& entry) {
  return entry.facts.has_response && !entry.facts.failed() && entry.facts.asked > 0;
}

}  // namespace

std::string_view to_string(Edge edge) { return kEdges[static_cast<std::size_t>(edge) % 4]; }

std::int64_t micros(WallTime time) { return time.time_since_epoch().count(); }

void add_to_set(std::string& set, std::string_view word) {
  if (word.empty() || word.find(kSetSeparator) != std::string_view::npos) return;
  const std::string framed = kSetSeparator + std::string(word) + kSetSeparator;
  if (set.find(framed) != std::string::npos || set.size() + framed.size() > kMostSetBytes) return;
  set.append(framed, set.empty() ? 0 : 1);
}

std::vector<std::string> words_of_set(std::string_view set) {
  std::vector<std::string> words;
  for (std::size_t at = 1; at < set.size();) {
    const std::size_t end = set.find(kSetSeparator, at);
    if (end == std::string_view::npos) break;
    words.emplace_back(set.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

void SessionRow::add(const LineEntry& entry, Edge edge) {
  const LineFacts& facts = entry.facts;
  const std::int64_t closed = micros(facts.closed_at);
  const std::int64_t started = std::min(micros(facts.started_at), closed);
  first_at = exchanges == 0 ? started : std::min(first_at, started);
  last_at = exchanges == 0 ? closed : std::max(last_at, closed);
  ++exchanges;
  turns += says_something(entry) ? 1 : 0;
  failed += facts.failed() ? 1 : 0;
  calls += static_cast<std::int64_t>(entry.calls);
  input_tokens += facts.input_tokens.value_or(0);
  output_tokens += facts.output_tokens.value_or(0);
  cached_tokens += facts.cached_tokens.value_or(0);
  duration_us += facts.duration_us.value_or(0);
  forks += edge == Edge::edit_fork ? 1 : 0;
  retries += edge == Edge::retry ? 1 : 0;
  starts += edge == Edge::start && !entry.prefix.empty() ? 1 : 0;
  keep_first(user, facts.user);
  keep_first(client, facts.client);
  keep_first(opening, entry.opening);
  add_to_set(models, facts.model);
  add_to_set(endings, facts.ending);
}

void SessionRow::add(const SessionRow& other) {
  const bool earlier = other.first_at < first_at;
  first_at = std::min(first_at, other.first_at);
  last_at = std::max(last_at, other.last_at);
  exchanges += other.exchanges;
  turns += other.turns;
  failed += other.failed;
  calls += other.calls;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cached_tokens += other.cached_tokens;
  duration_us += other.duration_us;
  forks += other.forks;
  retries += other.retries;
  starts += other.starts;
  keep_first(user, other.user);
  keep_first(client, other.client);
  if (!other.opening.empty() && (earlier || opening.empty())) opening = other.opening;
  const auto merge = [](std::string& into, std::string_view from) {
    for (const std::string& word : words_of_set(from)) add_to_set(into, word);
  };
  merge(models, other.models);
  merge(endings, other.endings);
}

}  // namespace albicilla::viewer
