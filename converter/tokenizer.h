// Counts tokens as OpenAI's models do: byte-pair encoding by a table in tiktoken's format (a base64
// token and its rank a line). Without a table there are only estimates.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

// Thread safe once it is made.
class Tokenizer {
 public:
  // The table's size tells how texts are cut into words first: o200k from 150,000 tokens on, else
  // cl100k.
  static Result<std::shared_ptr<const Tokenizer>> load(const std::filesystem::path& table);
  static Result<std::shared_ptr<const Tokenizer>> parse(std::string_view table);
  ~Tokenizer();

  std::uint64_t count(std::string_view text) const;

 private:
  struct Table;
  explicit Tokenizer(std::unique_ptr<Table> table);

  std::unique_ptr<Table> table_;
};

// One token for four bytes, rounded up.
std::uint64_t estimated_tokens(std::string_view text);

}  // namespace albicilla
