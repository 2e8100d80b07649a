#include "proxy/reload_watch.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

TEST(ReloadWatch, SeesAChangeOnceItHasSettled) {
  const tests::ScratchDirectory scratch;
  const std::string file = scratch.path("albicilla.yaml");
  tests::write_whole_file(file, "a: 1");
  ReloadWatch watch({file});
  EXPECT_FALSE(watch.changed());
  tests::write_whole_file(file, "a: 1234");
  EXPECT_FALSE(watch.changed()) << "perhaps it is being written";
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed()) << "said once";
}

TEST(ReloadWatch, WaitsForAFileThatIsGoneForAMoment) {
  const tests::ScratchDirectory scratch;
  const std::string file = scratch.path("albicilla.yaml");
  tests::write_whole_file(file, "a: 1");
  ReloadWatch watch({file});
  std::filesystem::remove(file);
  EXPECT_FALSE(watch.changed());
  EXPECT_FALSE(watch.changed());
  tests::write_whole_file(file, "a: 12");
  EXPECT_FALSE(watch.changed());
  EXPECT_TRUE(watch.changed());
}

}  // namespace
}  // namespace albicilla
