// Tokens by model, by user and by session, in memory that all workers share. Labels of metrics must
// be bounded while names come from outside: each kind holds as many names as it has places, the one
// that was quiet for longest gives way, and what it had counts on under "other". So the sum over
// all names never goes back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace albicilla {

struct TokenUse {
  std::string_view model;
  std::string_view user;  // empty: none, as with session; such tokens have no name of that kind
  std::string_view session;
  std::uint64_t input = 0;
  std::uint64_t cached = 0;  // part of input
  std::uint64_t output = 0;
};

struct TokenCount {
  std::string name;  // printable ASCII, at most 63 bytes; "other" for those that gave way
  std::uint64_t input = 0;
  std::uint64_t cached = 0;
  std::uint64_t output = 0;
  bool operator==(const TokenCount&) const = default;
};

struct TokenSums {
  std::vector<TokenCount> models;
  std::vector<TokenCount> users;
  std::vector<TokenCount> sessions;
};

struct TokenCells;

// A view of the cells, which outlive it. Thread and process safe; a process that dies in the middle
// of an addition holds nobody up.
class TokenTable {
 public:
  static std::size_t bytes();  // that a table takes
  // Makes the table in zeroed memory, once, before anybody uses it.
  static void create(void* memory);
  // The table that was made there.
  explicit TokenTable(void* memory);

  void add(const TokenUse& use);
  TokenSums sums() const;

 private:
  TokenCells* cells_;
};

}  // namespace albicilla
