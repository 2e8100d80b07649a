#include "sink/intake/assembly.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

WireHeader piece_header(std::uint8_t producer, std::uint64_t seq, std::uint32_t piece,
                        std::uint32_t pieces) {
  WireHeader header;
  header.producer.bytes.fill(producer);
  header.seq = Seq{seq};
  header.exchange.bytes.fill(static_cast<std::uint8_t>(seq));
  header.piece = piece;
  header.pieces = pieces;
  if (piece == 0) header.naming.session_hint = "s";
  return header;
}

const SteadyTime kNow{std::chrono::seconds(100)};

TEST(Assembly, GivesTheRecordWithItsLastPiece) {
  Assembly assembly({});
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 3), "ab", kNow));
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 1, 3), "cd", kNow));
  const auto whole = assembly.take(piece_header(1, 7, 2, 3), "e", kNow);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->bytes, "abcde");
  EXPECT_EQ(whole->header.naming.session_hint, "s");
  EXPECT_EQ(assembly.bytes(), 0U);
}

TEST(Assembly, KeepsProducersApart) {
  Assembly assembly({});
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 2), "1", kNow));
  EXPECT_FALSE(assembly.take(piece_header(2, 7, 0, 2), "2", kNow));
  EXPECT_EQ(assembly.take(piece_header(1, 7, 1, 2), "1", kNow)->bytes, "11");
  EXPECT_EQ(assembly.take(piece_header(2, 7, 1, 2), "2", kNow)->bytes, "22");
}

TEST(Assembly, DropsWhatDoesNotFollow) {
  const WireHeader strangers[] = {piece_header(1, 7, 2, 3), piece_header(1, 8, 1, 3),
                                  piece_header(1, 7, 1, 4)};
  for (const WireHeader& stranger : strangers) {
    Assembly assembly({});
    EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 3), "a", kNow));
    EXPECT_FALSE(assembly.take(stranger, "x", kNow));
    EXPECT_FALSE(assembly.take(piece_header(1, 7, 1, 3), "b", kNow));
    EXPECT_FALSE(assembly.take(piece_header(1, 7, 2, 3), "c", kNow));
    EXPECT_EQ(assembly.bytes(), 0U);
  }
}

TEST(Assembly, StartsAnewWithAResend) {
  Assembly assembly({});
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 2), "old", kNow));
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 2), "new", kNow));
  EXPECT_EQ(assembly.take(piece_header(1, 7, 1, 2), "er", kNow)->bytes, "newer");
}

TEST(Assembly, TakesARecordBeyondTheLimitWithoutItsBytes) {
  Assembly assembly({.record_bytes = 5, .total_bytes = 100});
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 3), "abc", kNow));
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 1, 3), "def", kNow));
  EXPECT_EQ(assembly.bytes(), 0U);
  const auto whole = assembly.take(piece_header(1, 7, 2, 3), "g", kNow);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->oversized);
  EXPECT_EQ(whole->bytes, "");
}

TEST(Assembly, DropsTheRecordBegunLastWhenAllTogetherAreTooLarge) {
  Assembly assembly({.record_bytes = 100, .total_bytes = 5});
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 2), "aaa", kNow));
  EXPECT_FALSE(assembly.take(piece_header(2, 7, 0, 2), "bbb", kNow));
  EXPECT_EQ(assembly.bytes(), 3U);
  EXPECT_FALSE(assembly.take(piece_header(2, 7, 1, 2), "b", kNow));
  EXPECT_EQ(assembly.take(piece_header(1, 7, 1, 2), "aaaa", kNow)->bytes, "aaaaaaa");
}

TEST(Assembly, DropsRecordsWhoseProducerIsGone) {
  Assembly assembly({});
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 0, 2), "a", kNow));
  EXPECT_FALSE(assembly.take(piece_header(2, 7, 0, 2), "b", kNow + std::chrono::seconds(5)));
  assembly.drop_idle(kNow + std::chrono::seconds(1));
  EXPECT_EQ(assembly.bytes(), 1U);
  EXPECT_FALSE(assembly.take(piece_header(1, 7, 1, 2), "a", kNow));
  EXPECT_TRUE(assembly.take(piece_header(2, 7, 1, 2), "b", kNow));
}

}  // namespace
}  // namespace albicilla
