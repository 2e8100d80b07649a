#include "proxy/outbox/witness.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::FaultyFileSystem;
using tests::FileCall;

SinkId sink(std::uint8_t number) {
  SinkId id;
  id.bytes[0] = number;
  return id;
}

SeenCheckpoint checkpoint(std::uint64_t number) {
  return {number, sha256("checkpoint " + std::to_string(number))};
}

std::string row(std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 20 - digits.size(), '0');
  return digits + " " + hex_prefix(checkpoint(number).hash, 64) + "\n";
}

class WitnessTest : public ::testing::Test {
 protected:
  std::string kept(const SinkId& id) {
    return tests::bytes_of_file(Witness(files, scratch.path()).path_of(id));
  }

  tests::ScratchDirectory scratch{tests::ScratchPlace::memory};
  DiskFileSystem disk;
  FaultyFileSystem files{disk};
};

TEST_F(WitnessTest, KeepsEachNewCheckpointOfEachSinkOnce) {
  Witness witness(files, scratch.path());
  for (const std::uint64_t number : {0U, 3U, 3U, 4U, 2U, 9U})
    witness.note(sink(1), checkpoint(number));
  witness.note(sink(2), checkpoint(1));
  EXPECT_EQ(kept(sink(1)), row(3) + row(4) + row(9));
  EXPECT_EQ(kept(sink(2)), row(1));
}

TEST_F(WitnessTest, GoesOnBehindWhatAnEarlierWorkerHasSeen) {
  Witness(files, scratch.path()).note(sink(1), checkpoint(5));
  Witness witness(files, scratch.path());
  witness.note(sink(1), checkpoint(5));
  witness.note(sink(1), checkpoint(4));
  witness.note(sink(1), checkpoint(6));
  EXPECT_EQ(kept(sink(1)), row(5) + row(6));
}

TEST_F(WitnessTest, KeepsTheLastThousand) {
  {
    Witness witness(files, scratch.path());
    for (std::uint64_t i = 1; i <= 1001; ++i) witness.note(sink(1), checkpoint(i));
  }
  Witness(files, scratch.path()).note(sink(1), checkpoint(1002));
  const std::string rows = kept(sink(1));
  EXPECT_EQ(rows.size(), 1000 * row(1).size());
  EXPECT_TRUE(rows.starts_with(row(1001) + row(1002) + row(3)));
}

TEST_F(WitnessTest, WithoutRoomNothingElseSuffers) {
  files.fail(FileCall::open, ENOSPC);
  Witness witness(files, scratch.path());
  witness.note(sink(1), checkpoint(1));
  files.end_faults();
  witness.note(sink(1), checkpoint(1));
  files.fail(FileCall::append, ENOSPC);
  witness.note(sink(1), checkpoint(2));
  files.end_faults();
  witness.note(sink(1), checkpoint(3));
  EXPECT_EQ(kept(sink(1)), row(1) + row(3));
}

}  // namespace
}  // namespace albicilla
