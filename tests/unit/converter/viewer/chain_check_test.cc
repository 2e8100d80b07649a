#include "converter/viewer/chain_check.h"

#include <gtest/gtest.h>

#include "common/chain/tombstone.h"

namespace albicilla::viewer {
namespace {

const std::string kName = "2026-01-13/s.jsonl";

std::vector<std::string> chained(const std::vector<std::string>& bodies) {
  std::vector<std::string> lines;
  ChainHead head = chain_start(kName);
  for (const std::string& body : bodies) {
    std::string line = "{\"x\":\"" + body + "\"";
    head = chain_next(head, sha256(line));
    append_chain(line, head);
    lines.push_back(line);
  }
  return lines;
}

FileProgress check(const std::vector<std::string>& lines) {
  FileProgress file;
  file.name = kName;
  std::vector<TailLine> texts;
  for (const std::string& line : lines) texts.push_back({line, 0, line.size() + 1, false});
  for (const HashedLine& line : hash_lines(texts)) {
    ++file.lines;
    check_chain(file, line);
  }
  return file;
}

TEST(ChainCheck, FollowsAWholeChain) {
  EXPECT_EQ(check(chained({"a", "b", "c"})).chain, ChainState::sound);
}

TEST(ChainCheck, NamesTheFirstLineThatWasTamperedWith) {
  std::vector<std::string> lines = chained({"a", "b", "c", "d"});
  auto edited = lines;
  edited[1][6] = 'X';
  EXPECT_EQ(check(edited).broken_line, 2U);
  auto deleted = lines;
  deleted.erase(deleted.begin() + 2);
  EXPECT_EQ(check(deleted).broken_line, 3U);
  auto swapped = lines;
  std::swap(swapped[2], swapped[3]);
  EXPECT_EQ(check(swapped).broken_line, 3U);
  auto inserted = lines;
  inserted.insert(inserted.begin() + 1, "{\"x\":1}");
  EXPECT_EQ(check(inserted).broken_line, 2U);
  auto headless = lines;
  headless.erase(headless.begin());
  EXPECT_EQ(check(headless).broken_line, 1U);
}

TEST(ChainCheck, TakesASignedTombstoneForTheLineThatWasErased) {
  std::vector<std::string> lines = chained({"a", "b", "c"});
  const auto erased = split_chained_line(lines[1]);
  const SigningKey key = SigningKey::generate();
  Tombstone tombstone;
  tombstone.file = kName;
  tombstone.n = 2;
  tombstone.line = sha256(erased->chained);
  tombstone.at = "2026-01-14T00:00:00.000000+00:00";
  tombstone.cause = "asked for";
  tombstone.key = key.public_key();
  lines[1] = tombstone_line(tombstone, key);
  append_chain(lines[1], erased->head);
  EXPECT_EQ(check(lines).chain, ChainState::sound);
  tombstone.n = 3;
  lines[1] = tombstone_line(tombstone, key);
  append_chain(lines[1], erased->head);
  EXPECT_EQ(check(lines).broken_line, 2U);
}

TEST(ChainCheck, KnowsLinesThatNeverHadAChain) {
  EXPECT_EQ(check({"{\"x\":1}", "{\"x\":2}"}).chain, ChainState::none);
}

}  // namespace
}  // namespace albicilla::viewer
