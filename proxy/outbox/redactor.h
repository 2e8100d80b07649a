// Takes out of one exchange what the operator's rules find, and counts it. Used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/record.h"
#include "common/redact/redaction_policy.h"

namespace albicilla {

class Redactor {
 public:
  // The policy must outlive it.
  explicit Redactor(const RedactionPolicy& policy) : policy_(&policy) {}

  // Which of the two is being written, as paths name it: "request" or "response".
  void enter(std::string_view root) { root_ = root; }

  std::string json(std::string_view text) { return policy_->redact_json(root_, text, counts_); }
  std::string text(std::string_view text) { return policy_->redact_text(text, counts_); }
  std::string events(std::string_view stream) { return policy_->redact_events(stream, counts_); }
  void series(std::vector<std::string>& pieces) { policy_->redact_series(pieces, counts_); }
  // A body that nobody can look into was left out.
  void note_withheld() { ++counts_["withheld"]; }

  // Everything but the bodies: what clients and upstreams chose.
  void clean(OpenedFacts& opened);
  void clean(ClosedFacts& closed);

  const RedactionCounts& counts() const { return counts_; }

 private:
  void clean(std::string& text);
  void clean(Headers& headers);

  const RedactionPolicy* policy_;
  std::string_view root_ = "request";
  RedactionCounts counts_;
};

}  // namespace albicilla
