#include "proxy/outbox/slot.h"

#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using std::chrono::milliseconds;

class SlotTest : public ::testing::Test {
 protected:
  Slot claim(std::uint32_t wanted, milliseconds patience = milliseconds(0)) {
    auto slot = claim_slot(disk, scratch.path("spool"), wanted, patience);
    EXPECT_TRUE(slot);
    return std::move(*slot);
  }

  tests::ScratchDirectory scratch;
  DiskFileSystem disk;
};

TEST_F(SlotTest, IsForItsOwnerOnly) {
  const Slot slot = claim(3);
  EXPECT_EQ(slot.index, 3U);
  struct stat facts {};
  ASSERT_EQ(::stat(slot.directory.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0700U);
}

TEST_F(SlotTest, WaitsForADyingOwner) {
  std::optional<Slot> dying(claim(0));
  std::thread death([&] {
    std::this_thread::sleep_for(milliseconds(60));
    dying.reset();
  });
  EXPECT_EQ(claim(0, milliseconds(5000)).index, 0U);
  death.join();
}

TEST_F(SlotTest, TakesTheLowestFreeOneWhenItsOwnStaysHeld) {
  const Slot first = claim(0);
  const Slot second = claim(1);
  EXPECT_EQ(claim(1).index, 2U);
}

TEST_F(SlotTest, LeftOversAreFreeSlotsAboveThatHoldSomething) {
  for (const std::uint32_t index : {0U, 2U, 3U, 4U}) {
    const Slot slot = claim(index);
    if (index != 3) std::filesystem::create_directories(generation_directory(slot, 7));
  }
  const Slot held = claim(4);
  const auto slots = claim_left_over_slots(disk, scratch.path("spool"), {0, 1});
  ASSERT_TRUE(slots);
  ASSERT_EQ(slots->size(), 1U);
  EXPECT_EQ((*slots)[0].index, 2U);
}

TEST_F(SlotTest, ListsGenerationsByAgeAndNothingElse) {
  const Slot slot = claim(0);
  for (const GenerationNumber number : {300U, 2U}) {
    std::filesystem::create_directories(generation_directory(slot, number));
  }
  std::filesystem::create_directories(slot.directory + "/gen-x");
  tests::write_whole_file(generation_directory(slot, 2) + "-0000000000000001.seg.torn-1", "t");
  EXPECT_EQ(*list_generations(disk, slot), (std::vector<GenerationNumber>{2, 300}));
}

TEST_F(SlotTest, RemembersSinksAndForgetsThemWithADamagedFile) {
  const Slot slot = claim(0);
  const auto first = random_id<SinkId>();
  const auto second = random_id<SinkId>();
  {
    KnownSinks sinks(disk, slot);
    EXPECT_TRUE(sinks.at("tcp://a:1").is_zero());
    ASSERT_TRUE(sinks.remember("tcp://a:1", first));
    ASSERT_TRUE(sinks.remember("tcp://b:1", second));
  }
  {
    KnownSinks sinks(disk, slot);
    EXPECT_EQ(sinks.at("tcp://a:1"), first);
    EXPECT_EQ(sinks.at("tcp://b:1"), second);
  }
  const std::string path = slot.directory + "/sinks";
  const std::string bytes = tests::bytes_of_file(path);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    tests::write_whole_file(path, std::string_view(bytes).substr(0, size));
    KnownSinks sinks(disk, slot);
    EXPECT_TRUE(sinks.at("tcp://b:1").is_zero());
  }
}

}  // namespace
}  // namespace albicilla
