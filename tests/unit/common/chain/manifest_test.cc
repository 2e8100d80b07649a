#include "common/chain/manifest.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ManifestFile file() { return {7, "a \"b\".jsonl", 3, 1234, sha256("x")}; }

ManifestKey key_of(const SigningKey& key, const SigningKey& previous) {
  ManifestKey line{key.public_key(), previous.public_key(), {}, "2026-01-13T00:00:00.000000+00:00"};
  line.sink.bytes.fill(4);
  return line;
}

SignedCheckpoint checkpoint(const SigningKey& key) {
  SignedCheckpoint made;
  made.number = 12;
  made.sink.bytes.fill(4);
  made.at = "2026-01-13T10:00:00.000000+00:00";
  made.day = "2026-01-13";
  made.final = true;
  made.files = 2;
  made.lines = 30;
  made.root = sha256("root");
  made.previous = sha256("previous");
  ProducerMark mark;
  mark.producer.bytes.fill(9);
  mark.accepted = Seq{41};
  mark.records = 40;
  mark.missing = 1;
  ProducerMark ended = mark;
  ended.ended = ProducerTotals{44, 41};
  ProducerMark of_old_worker = mark;
  of_old_worker.ended = ProducerTotals{std::nullopt, 41};
  made.producers = {mark, ended, of_old_worker};
  made.key = key.public_key();
  return made;
}

TEST(Manifest, ReadsBackWhatItWrote) {
  const SigningKey first = SigningKey::generate();
  const SigningKey second = SigningKey::generate();
  const auto read_file = parse_manifest_line(manifest_line(file()));
  ASSERT_TRUE(read_file);
  EXPECT_EQ(std::get<ManifestFile>(read_file->what), file());
  const auto read_key = parse_manifest_line(manifest_line(key_of(second, first), first));
  ASSERT_TRUE(read_key);
  EXPECT_TRUE(read_key->signature_holds);
  EXPECT_EQ(std::get<ManifestKey>(read_key->what), key_of(second, first));
  const auto read = parse_manifest_line(manifest_line(checkpoint(second), second));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->signature_holds);
  EXPECT_EQ(std::get<SignedCheckpoint>(read->what), checkpoint(second));
  const ManifestRemoval removal{
      "2026-01-13", 2, 30, "2026-03-13T10:00:00.000000+00:00", "retention", second.public_key()};
  const auto read_removal = parse_manifest_line(manifest_line(removal, second));
  ASSERT_TRUE(read_removal);
  EXPECT_TRUE(read_removal->signature_holds);
  EXPECT_EQ(std::get<ManifestRemoval>(read_removal->what), removal);
  EXPECT_FALSE(parse_manifest_line(manifest_line(removal, first))->signature_holds);
}

TEST(Manifest, SeesThatALineIsSignedByAnotherKey) {
  const SigningKey right = SigningKey::generate();
  const SigningKey wrong = SigningKey::generate();
  const auto read = parse_manifest_line(manifest_line(checkpoint(right), wrong));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->signature_holds);
  const auto key = parse_manifest_line(manifest_line(key_of(right, right), wrong));
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->signature_holds);
}

TEST(Manifest, TakesNoChangedByteForItsOwn) {
  const SigningKey key = SigningKey::generate();
  for (const std::string& line :
       {manifest_line(checkpoint(key), key), manifest_line(key_of(key, key), key)}) {
    for (std::size_t at = 0; at < line.size(); ++at) {
      std::string changed = line;
      changed[at] = changed[at] == '1' ? '2' : '1';
      const auto read = parse_manifest_line(changed);
      EXPECT_TRUE(!read || !read->signature_holds) << changed;
    }
  }
}

TEST(Manifest, RefusesASecondSpellingOfALine) {
  const std::string line = manifest_line(file());
  for (const std::string& bad :
       {line + " ", " " + line, std::string(line).replace(line.find(":7"), 2, ": 7"),
        std::string(line).replace(line.find(":7"), 2, ":07"), line.substr(0, line.size() - 1),
        std::string("{}"), std::string(), std::string("{\"file\":{}}"), std::string("[]")}) {
    EXPECT_FALSE(parse_manifest_line(bad)) << bad;
  }
}

TEST(Manifest, GivesEveryStateOfAFileAnotherLeaf) {
  ManifestFile other = file();
  other.lines = 4;
  EXPECT_NE(manifest_leaf(file()), manifest_leaf(other));
}

}  // namespace
}  // namespace albicilla
