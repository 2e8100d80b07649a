// Takes personal data and secrets out of rows: each match of a rule becomes a pseudonym that is the
// same wherever the same text stood, and that nobody without the key can undo or test guesses
// against. The rules are the proxy's own (common/redact), so with one key a text has the same
// pseudonym in the log and in a dataset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/redact/redaction_policy.h"

namespace albicilla {

// Thread safe once it is made.
class Redaction {
 public:
  // The rules file is YAML:
  //   key: a secret            (or key_file: PATH)
  //   rules:
  //     - email                (also: api_key, token, card, iban)
  //     - name: ticket
  //       pattern: 'TICKET-\d+'
  static Result<std::shared_ptr<const Redaction>> load(const std::filesystem::path& rules);
  static Result<std::shared_ptr<const Redaction>> parse(const std::string& yaml,
                                                        const std::filesystem::path& folder);

  // Rewrites what rules find in the strings, member names and numbers of these JSON lines, also in
  // JSON inside a string; the number of matches.
  std::uint64_t apply(std::string& json) const;
  // Fails when a rule still matches anywhere in `text`.
  Status check(std::string_view text) const;

 private:
  explicit Redaction(RedactionPolicy policy) : policy_(std::move(policy)) {}

  RedactionPolicy policy_;
};

}  // namespace albicilla
