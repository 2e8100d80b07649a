#include "converter/tokenizer.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "common/base/base64.h"

namespace albicilla {

namespace {

constexpr std::size_t kManyTokens = 150000;

// How texts are cut into words before pairs are joined. White space that other words follow is cut
// by hand (see Words): it needs a look ahead, which RE2 does not have.
constexpr const char* kCl100k =
    R"((?i:'(?:s|d|m|t|ll|ve|re))|[^\r\n\pL\pN]?\pL+|\pN{1,3}| ?[^\s\pL\pN]+[\r\n]*)";
constexpr const char* kO200k =
    R"([^\r\n\pL\pN]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\pM]*[\p{Ll}\p{Lm}\p{Lo}\pM]+(?i:'(?:s|t|re|ve|m|ll|d))?)"
    R"(|[^\r\n\pL\pN]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\pM]+[\p{Ll}\p{Lm}\p{Lo}\pM]*(?i:'(?:s|t|re|ve|m|ll|d))?)"
    R"(|\pN{1,3}| ?[^\s\pL\pN]+[\r\n/]*)";
// RE2's \s is ASCII only; the tables were made with Unicode's.
constexpr const char* kSpace =
    R"([\t\n\v\f\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}])";

std::string with_unicode_space(std::string pattern) {
  const std::string inside = std::string(kSpace).substr(1, std::string(kSpace).size() - 2);
  for (std::size_t at = 0; (at = pattern.find(R"(\s)", at)) != std::string::npos;) {
    pattern.replace(at, 2, inside);
    at += inside.size();
  }
  return pattern;
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

std::size_t last_letter(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return at;
}

}  // namespace

struct Tokenizer::Table {
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> ranks;
  std::unique_ptr<RE2> words;
  std::unique_ptr<RE2> spaces;       // a run of white space
  std::unique_ptr<RE2> line_breaks;  // white space up to its last line break

  static constexpr std::uint32_t kNoRank = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t rank(std::string_view text) const {
    const auto found = ranks.find(text);
    return found == ranks.end() ? kNoRank : found->second;
  }

  std::size_t next_word(std::string_view text) const;
  std::uint64_t pairs(std::string_view word) const;
};

// The length of the word that `text` starts with.
std::size_t Tokenizer::Table::next_word(std::string_view text) const {
  const re2::StringPiece whole(text.data(), text.size());
  re2::StringPiece match;
  if (words->Match(whole, 0, text.size(), RE2::ANCHOR_START, &match, 1) && !match.empty()) {
    return match.size();
  }
  if (line_breaks->Match(whole, 0, text.size(), RE2::ANCHOR_START, &match, 1) && !match.empty()) {
    return match.size();
  }
  if (spaces->Match(whole, 0, text.size(), RE2::ANCHOR_START, &match, 1) && !match.empty()) {
    const std::string_view run(match.data(), match.size());
    if (run.size() == text.size()) return run.size();
    // The last white space belongs to what follows.
    const std::size_t rest = last_letter(run);
    return rest == 0 ? run.size() : rest;
  }
  return 1;
}

// Joins the pair of the lowest rank until no pair has one.
std::uint64_t Tokenizer::Table::pairs(std::string_view word) const {
  if (rank(word) != kNoRank) return 1;
  struct Piece {
    std::size_t first;
    std::size_t next;
    std::size_t before;
    bool alive = true;
  };
  using Waiting = std::pair<std::uint32_t, std::size_t>;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < word.size(); ++i) {
    pieces.push_back({i, i + 1, i == 0 ? word.size() : i - 1, true});
  }
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> queue;
  const auto end_of = [&](std::size_t i) {
    return i < word.size()
               ? (pieces[i].next < word.size() ? pieces[pieces[i].next].first : word.size())
               : word.size();
  };
  const auto pair_rank = [&](std::size_t i) {
    if (pieces[i].next >= word.size()) return kNoRank;
    return rank(word.substr(pieces[i].first, end_of(pieces[i].next) - pieces[i].first));
  };
  const auto offer = [&](std::size_t i) {
    if (const std::uint32_t r = pair_rank(i); r != kNoRank) queue.emplace(r, i);
  };
  for (std::size_t i = 0; i < word.size(); ++i) offer(i);
  std::uint64_t count = word.size();
  while (!queue.empty()) {
    const auto [r, i] = queue.top();
    queue.pop();
    if (!pieces[i].alive || pair_rank(i) != r) continue;
    const std::size_t gone = pieces[i].next;
    pieces[gone].alive = false;
    pieces[i].next = pieces[gone].next;
    if (pieces[i].next < word.size()) pieces[pieces[i].next].before = i;
    --count;
    offer(i);
    if (pieces[i].before < word.size()) offer(pieces[i].before);
  }
  return count;
}

Tokenizer::Tokenizer(std::unique_ptr<Table> table) : table_(std::move(table)) {}
Tokenizer::~Tokenizer() = default;

std::uint64_t Tokenizer::count(std::string_view text) const {
  std::uint64_t count = 0;
  while (!text.empty()) {
    const std::size_t length = table_->next_word(text);
    count += table_->pairs(text.substr(0, length));
    text.remove_prefix(length);
  }
  return count;
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::parse(std::string_view text) {
  auto table = std::make_unique<Table>();
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++number;
    if (line.empty()) continue;
    const std::size_t space = line.find(' ');
    std::uint32_t rank = 0;
    const std::string_view digits =
        space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
    const bool is_number =
        std::from_chars(digits.data(), digits.data() + digits.size(), rank).ec == std::errc();
    auto token = from_base64(line.substr(0, space));
    if (!is_number || !token) {
      return client_error("line " + std::to_string(number) +
                          ": must be a base64 token and its rank");
    }
    table->ranks.emplace(std::move(*token), rank);
  }
  if (table->ranks.size() < 256) return client_error("the table is too small");
  const bool many = table->ranks.size() >= kManyTokens;
  const std::string spaces = kSpace;
  table->words = std::make_unique<RE2>(with_unicode_space(many ? kO200k : kCl100k));
  table->spaces = std::make_unique<RE2>(spaces + "+");
  table->line_breaks = std::make_unique<RE2>(spaces + R"(*[\r\n]+)");
  if (!table->words->ok() || !table->spaces->ok() || !table->line_breaks->ok()) {
    return our_error("the tokenizer's patterns do not compile: " + table->words->error());
  }
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::move(table)));
}

Result<std::shared_ptr<const Tokenizer>> Tokenizer::load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return client_error(path.string() + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto made = parse(text);
  if (!made) return client_error(path.string() + ": " + made.error().message);
  return made;
}

std::uint64_t estimated_tokens(std::string_view text) { return (text.size() + 3) / 4; }

}  // namespace albicilla
