#include "proxy/token_meter.h"

namespace albicilla {

// Records of a producer are rendered in the order of their Seqs; what is rendered again lies
// behind.
std::optional<std::uint64_t> TokenMeter::note(const ExchangeFacts& facts,
                                              const RenderedRecord& record) {
  Seq& highest = noted_[facts.producer];
  if (facts.closed.seq <= highest) return std::nullopt;
  highest = facts.closed.seq;
  const std::uint64_t input = record.usage.input_tokens.value_or(0);
  const std::uint64_t output = record.usage.output_tokens.value_or(0);
  if (input + output == 0) return 0;
  table_.add({record.naming.model, record.naming.user_id, record.naming.session_hint, input,
              record.usage.cached_tokens.value_or(0), output});
  return input + output;
}

}  // namespace albicilla
