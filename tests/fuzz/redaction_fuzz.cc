// Properties: JSON stays JSON and nothing changes when nothing is found; a secret within any words
// is found in JSON, in plain text, and wherever a stream's events cut it. The first byte says which
// of both, the first three where.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/json/scan.h"
#include "common/redact/redaction_policy.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

const RedactionPolicy& policy() {
  static const RedactionPolicy kPolicy = [] {
    std::vector<RedactionRule> rules;
    for (const char* name : {"api_key", "token", "email", "card", "iban"}) {
      rules.push_back(*built_in_rule(name));
    }
    rules.push_back({"place", "request.**.x[*].y", "", {}, {}});
    auto made = RedactionPolicy::make(std::move(rules), "0123456789abcdef");
    if (!made) std::abort();
    return *std::move(made);
  }();
  return kPolicy;
}

void check_any(std::string_view text) {
  RedactionCounts counts;
  const std::string events = policy().redact_events(text, counts);
  if (counts.empty()) expect(events == text);
  counts.clear();
  const std::string plain = policy().redact_text(text, counts);
  if (counts.empty()) expect(plain == text);
  if (!check_json(text)) return;
  counts.clear();
  const std::string json = policy().redact_json("request", text, counts);
  expect(check_json(json).has_value());
  if (counts.empty()) expect(json == text);
}

// The words around are letters and blanks, so that they cannot become part of the secret.
void check_secret(std::string_view words, const std::array<std::uint8_t, 3>& cuts) {
  std::string text;
  for (const char c : words.substr(0, 100)) text += c >= 'a' && c <= 'z' ? c : ' ';
  text.insert(text.size() * cuts[0] / 256, " sk-proj-CANARY0ABCDEFG12345678 ");
  std::vector<std::string> pieces;
  std::string stream;
  std::size_t at = 0;
  for (std::size_t i = 0; at < text.size(); ++i) {
    const std::string piece = text.substr(at, cuts[1 + i % 2] % 16 + std::size_t{1});
    at += piece.size();
    pieces.push_back(R"({"type":"d","n":)" + std::to_string(i) + R"(,"delta":")" + piece + "\"}");
    stream += "data: " + pieces.back() + "\n\n";
  }
  RedactionCounts counts;
  expect(policy().redact_events(stream, counts).find("CANARY") == std::string::npos);
  policy().redact_series(pieces, counts);
  std::string joined;
  for (const std::string& piece : pieces) {
    expect(check_json(piece).has_value());
    const std::size_t begin = piece.find(R"("delta":")") + 9;
    joined += piece.substr(begin, piece.size() - begin - 2);
  }
  expect(joined.find("CANARY") == std::string::npos &&
         joined.find("12345678") == std::string::npos);
  expect(counts["api_key"] == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 3, size - 3);
  bytes[0] % 2 == 0 ? check_any(text) : check_secret(text, {bytes[0], bytes[1], bytes[2]});
  return 0;
}
