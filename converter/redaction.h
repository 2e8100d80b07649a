// Takes personal data and secrets out of rows: each match of a rule becomes a pseudonym that is the
// same wherever the same text stood, and that nobody without the key can undo or test guesses
// against. Reaches into strings that hold JSON (a call's arguments).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace albicilla {

// Thread safe once it is made.
class Redaction {
 public:
  // The rules file is YAML:
  //   key: a secret            (or key_file: PATH)
  //   rules:
  //     - email                (also: card, iban, api_key)
  //     - name: ticket
  //       pattern: 'TICKET-\d+'
  static Result<std::shared_ptr<const Redaction>> load(const std::filesystem::path& rules);
  static Result<std::shared_ptr<const Redaction>> parse(const std::string& yaml,
                                                        const std::filesystem::path& folder);
  ~Redaction();

  // Rewrites all strings of this JSON text; the number of matches.
  std::uint64_t apply(std::string& json) const;
  // Fails when a rule still matches anywhere in `text`.
  Status check(std::string_view text) const;

 private:
  struct Rule;
  struct Rules;
  explicit Redaction(std::unique_ptr<Rules> rules);

  std::unique_ptr<Rules> rules_;
};

}  // namespace albicilla
