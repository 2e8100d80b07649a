// From the configuration to the policy that the worker's sender applies.
#pragma once

#include <optional>

#include "common/base/result.h"
#include "common/redact/redaction_policy.h"
#include "proxy/config/config.h"

namespace albicilla {

// Makes the key of pseudonyms when one is asked for and missing, 0600. Before workers start.
Status make_redaction_key(const RedactionConfig& redaction);

// nullopt when there are no rules. An error names the rule, or the key's file.
Result<std::optional<RedactionPolicy>> redaction_policy(const RedactionConfig& redaction);

// Whether the rules are sound; the key's file need not be there.
Status check_redaction(const RedactionConfig& redaction);

}  // namespace albicilla
