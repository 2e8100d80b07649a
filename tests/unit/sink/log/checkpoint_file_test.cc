#include "sink/log/checkpoint_file.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "common/base/crc32c.h"

namespace albicilla {
namespace {

Checkpoint full() {
  Checkpoint checkpoint;
  checkpoint.sink.bytes.fill(3);
  checkpoint.number = 9;
  checkpoint.position = LogPosition{123456};
  checkpoint.next_group = 77;
  checkpoint.epoch = 5;
  checkpoint.sealed_until = "2026-01-12";
  checkpoint.heads = {{7, 4096}, {8, 100}};
  ProducerState state;
  state.accepted = Seq{12};
  state.records = 10;
  state.missing = 2;
  state.retired = 4;
  state.recent = {1, 2, 3};
  ProducerId producer;
  producer.bytes.fill(1);
  checkpoint.producers.emplace_back(producer, state);
  return checkpoint;
}

TEST(CheckpointFile, ReadsBackWhatWasWritten) {
  const auto read = parse_checkpoint(encode(full()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode(*read), encode(full()));
  EXPECT_EQ(read->position, LogPosition{123456});
  EXPECT_EQ(read->heads, full().heads);
  EXPECT_EQ(read->producers[0].second.retired, 4U);
  EXPECT_EQ(read->producers[0].second.recent, full().producers[0].second.recent);
}

// full() as an older sink wrote it: without the last `missing` bytes of what now stands between a
// producer's owner and its marks.
std::string as_version(char version, std::size_t missing) {
  const std::string bytes = encode(full());
  constexpr std::size_t kBehind = 4 + 3 * 8 + 4 + 4;  // marks, sessions, prefixes
  std::string fields = bytes.substr(8, bytes.size() - 8 - kBehind - missing);
  fields += bytes.substr(bytes.size() - kBehind);
  fields[0] = version;
  std::string older = bytes.substr(0, 4);
  append_integer(older, crc32c(fields));
  return older + fields;
}

constexpr std::size_t kOpened = 1 + 8;
constexpr std::size_t kRetired = 8;

TEST(CheckpointFile, ReadsOneOfTheVersionThatKnewNobodyRetired) {
  const auto read = parse_checkpoint(as_version(3, kRetired + kOpened));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->producers[0].second.retired, 0U);
  EXPECT_EQ(read->producers[0].second.recent, full().producers[0].second.recent);
}

TEST(CheckpointFile, ReadsOneOfTheVersionThatKnewNotWhatProducersHadOpened) {
  const auto read = parse_checkpoint(as_version(4, kOpened));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->producers[0].second.retired, 4U);
  EXPECT_EQ(read->producers[0].second.opened, std::nullopt);
  EXPECT_EQ(read->producers[0].second.recent, full().producers[0].second.recent);
}

TEST(CheckpointFile, FindsEveryFlippedBitAndEveryCut) {
  const std::string bytes = encode(full());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(parse_checkpoint(changed)) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_checkpoint(bytes.substr(0, size)));
  }
}

}  // namespace
}  // namespace albicilla
