#include "common/base/digest_batch.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/sha256_lanes.h"

namespace albicilla {
namespace {

std::vector<std::string> texts_of(std::size_t count, std::size_t longest) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = i * 7919 % (longest + 1);
    texts.emplace_back(size, static_cast<char>('a' + i % 26));
    if (size > 0) texts.back()[size / 2] = static_cast<char>(i);
  }
  return texts;
}

void expect_the_digests_of(const std::vector<std::string>& texts) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<Digest> digests(views.size());
  sha256_each(views, digests);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(digests[i], sha256(texts[i]))
        << i << " of " << texts.size() << " texts, " << texts[i].size() << " bytes";
  }
}

TEST(DigestBatch, GivesWhatOneAtATimeGives) {
  for (std::size_t count = 0; count < 70; ++count) expect_the_digests_of(texts_of(count, 300));
  expect_the_digests_of(texts_of(400, 20'000));
}

TEST(DigestBatch, TakesTextsOfVeryDifferentLengths) {
  std::vector<std::string> texts = texts_of(40, 200);
  texts[3].assign(3'000'000, 'x');
  texts[20].assign(70'000, 'y');
  texts[39].clear();
  expect_the_digests_of(texts);
}

// Around the length from which on another way is taken, and around a block's end.
TEST(DigestBatch, TakesTextsAround64KiB) {
  for (const std::size_t count : {1U, 3U, 4U, 17U, 40U}) {
    std::vector<std::string> texts = texts_of(count, 300);
    for (std::size_t i = 0; i < count; ++i) texts[i].resize(65'500 + i * 9, 'z');
    expect_the_digests_of(texts);
  }
}

TEST(Sha256Lanes, GiveWhatOneAtATimeGives) {
  for (const std::size_t count : {1U, 8U, 16U, 19U, 200U}) {
    const std::vector<std::string> texts = texts_of(count, 260);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<Digest> digests(count);
    sha256_in_lanes(views, digests);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(digests[i], sha256(texts[i])) << i;
  }
}

TEST(DigestBatch, WorksInSeveralThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 20; ++round) expect_the_digests_of(texts_of(33, 3000));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace albicilla
