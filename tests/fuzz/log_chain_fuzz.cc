// Properties of the chain verifier: a file as the sink writes it is sound; with any one byte of it
// changed it is not, and at least one fault is named; any bytes at all are read without harm.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "common/chain/hash_chain.h"
#include "converter/verify/file_check.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

constexpr std::string_view kName = "2026-01-13/s.jsonl";

class Bytes final : public ByteSource {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size());
    std::memcpy(into.data(), bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
};

struct Outcome {
  FileFacts facts;
  std::size_t faults = 0;
};

Outcome verify(std::string_view text) {
  Outcome outcome;
  const FileToCheck file{std::string(kName),
                         [text]() -> Result<LineReader> {
                           return LineReader(std::make_unique<Bytes>(text), Digests::of_chains);
                         },
                         std::nullopt};
  const auto facts = check_file(
      file, [](const Line&) {}, [&](const LogFault&) { ++outcome.faults; });
  expect(facts.has_value());
  outcome.facts = *facts;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 4) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 3, size - 3);
  verify(input);

  std::string text;
  std::uint64_t lines = 0;
  ChainHead head = chain_start(kName);
  for (std::string_view rest = input; !rest.empty() && lines < 64; ++lines) {
    const std::string_view body = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(body.size() + 1, rest.size()));
    std::string line = "{" + std::string(body);
    head = chain_next(head, sha256(line));
    append_chain(line, head);
    text += line + "\n";
  }
  const Outcome sound = verify(text);
  expect(sound.facts.sound && sound.faults == 0 && sound.facts.lines == lines);

  const std::size_t at = (bytes[0] * 256U + bytes[1]) % text.size();
  if (bytes[2] == 0 || at + 1 == text.size()) return 0;
  text[at] = static_cast<char>(text[at] ^ static_cast<char>(bytes[2]));
  const Outcome changed = verify(text);
  expect(!changed.facts.sound && changed.faults > 0);
  return 0;
}
