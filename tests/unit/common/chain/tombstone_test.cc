#include "common/chain/tombstone.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

Tombstone tombstone(const SigningKey& key) {
  Tombstone made;
  made.file = "2026-01-13/a \"b\".jsonl";
  made.n = 3;
  made.line = sha256("what was there");
  made.bytes = 1234;
  made.producer.bytes.fill(9);
  made.seq = Seq{41};
  made.at = "2026-01-13T10:00:00.000000+00:00";
  made.cause = "erasure of a user";
  made.key = key.public_key();
  return made;
}

TEST(Tombstone, ReadsBackWhatItWrote) {
  const SigningKey key = SigningKey::generate();
  const std::string line = tombstone_line(tombstone(key), key);
  EXPECT_TRUE(is_tombstone(line));
  const auto parsed = parse_tombstone(line);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->signature_holds);
  EXPECT_EQ(parsed->tombstone, tombstone(key));
}

TEST(Tombstone, SpeaksForItsLineOnlyWhereItWasSignedFor) {
  const SigningKey key = SigningKey::generate();
  const Tombstone made = tombstone(key);
  const std::string line = tombstone_line(made, key);
  EXPECT_EQ(line_digest(line, made.file, 3), made.line);
  EXPECT_EQ(line_digest(line, made.file, 4), sha256(line));
  EXPECT_EQ(line_digest(line, "2026-01-13/c.jsonl", 3), sha256(line));
  const std::string forged = tombstone_line(made, SigningKey::generate());
  EXPECT_EQ(line_digest(forged, made.file, 3), sha256(forged));
}

TEST(Tombstone, TakesNothingForOneThatIsNotWrittenExactlySo) {
  const SigningKey key = SigningKey::generate();
  const std::string line = tombstone_line(tombstone(key), key);
  for (std::size_t cut = 0; cut < line.size(); ++cut) {
    EXPECT_FALSE(parse_tombstone(line.substr(0, cut))) << cut;
  }
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::string changed = line;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto parsed = parse_tombstone(changed);
    EXPECT_FALSE(parsed && parsed->signature_holds) << at;
  }
  EXPECT_FALSE(parse_tombstone(R"({"timestamp":"…","session_id":"s")"));
}

}  // namespace
}  // namespace albicilla
