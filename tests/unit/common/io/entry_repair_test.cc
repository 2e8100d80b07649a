#include "common/io/entry_repair.h"

#include <random>

#include <gtest/gtest.h>

#include "common/io/entry.h"

namespace albicilla {
namespace {

std::string entry_of(std::size_t bytes) {
  std::string payload(bytes, '\0');
  std::mt19937 random(static_cast<unsigned>(bytes));
  for (char& byte : payload) byte = static_cast<char>(random());
  std::string entry;
  append_entry(entry, 3, payload);
  return entry;
}

void flip(std::string& bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(static_cast<std::uint8_t>(bytes[bit / 8]) ^ (1U << (bit % 8)));
}

TEST(EntryRepair, PutsBackAnySingleBitOfAnEntryThatOthersFollow) {
  const std::string entry = entry_of(300);
  const std::string behind = entry_of(40) + entry_of(900);
  for (std::size_t bit = 0; bit < entry.size() * 8; ++bit) {
    std::string bytes = entry + behind;
    flip(bytes, bit);
    EXPECT_EQ(repair_entry(bytes), entry) << "bit " << bit;
  }
}

TEST(EntryRepair, PutsBackAnySingleBitOfTheLastEntry) {
  const std::string entry = entry_of(33);
  for (std::size_t bit = 0; bit < entry.size() * 8; ++bit) {
    std::string bytes = entry;
    flip(bytes, bit);
    EXPECT_EQ(repair_entry(bytes), entry) << "bit " << bit;
    EXPECT_EQ(repair_frame(bytes), entry) << "bit " << bit;
  }
}

TEST(EntryRepair, LeavesWhatIsMoreThanOneBitAsDamage) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = entry_of(200);
    const std::size_t first = random() % (bytes.size() * 8);
    const std::size_t second = (first + 1 + random() % (bytes.size() * 8 - 1)) % (bytes.size() * 8);
    flip(bytes, first);
    flip(bytes, second);
    const auto repaired = repair_entry(bytes);
    // Two flips inside the length alone are told by the frame's known end, nothing else is.
    EXPECT_TRUE(!repaired || *repaired == entry_of(200)) << first << " " << second;
  }
}

TEST(EntryRepair, TakesNeitherZerosNorACutEntryForOne) {
  EXPECT_FALSE(repair_entry(std::string(4096, '\0')));
  const std::string entry = entry_of(500);
  for (std::size_t size = 0; size < entry.size(); ++size) {
    EXPECT_FALSE(repair_entry(std::string_view(entry).substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace albicilla
