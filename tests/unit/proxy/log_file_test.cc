#include "proxy/log_file.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

void say(const std::string& line) {
  const std::string text = line + "\n";
  ASSERT_EQ(::write(STDERR_FILENO, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(LogFile, TakesStderrOfTheProcessAndOfItsChildrenAndGivesItBack) {
  const tests::ScratchDirectory scratch;
  const std::string path = scratch.path("proxy.log");
  {
    const auto file = LogFile::start({path});
    ASSERT_TRUE(file) << file.error().message;
    say("ours");
    const pid_t child = ::fork();
    if (child == 0) {
      say("theirs");
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
  }
  say("behind it");
  EXPECT_EQ(tests::bytes_of_file(path), "ours\ntheirs\n");
}

TEST(LogFile, RotatesBySizeAndKeepsSoManyBackups) {
  const tests::ScratchDirectory scratch;
  const std::string path = scratch.path("proxy.log");
  for (int i = 0; i < 5; ++i) {
    const auto file = LogFile::start({path, 10, 2});
    ASSERT_TRUE(file);
    say("line " + std::to_string(i) + " of five");
  }
  EXPECT_EQ(tests::bytes_of_file(path), "line 4 of five\n");
  EXPECT_EQ(tests::bytes_of_file(path + ".1"), "line 3 of five\n");
  EXPECT_EQ(tests::bytes_of_file(path + ".2"), "line 2 of five\n");
  EXPECT_FALSE(std::filesystem::exists(path + ".3"));
}

TEST(LogFile, BeginsAnewWhenSomebodyMovedItAway) {
  const tests::ScratchDirectory scratch;
  const std::string path = scratch.path("proxy.log");
  {
    const auto file = LogFile::start({path});
    ASSERT_TRUE(file);
    std::filesystem::rename(path, path + ".moved");
    say("after it");
  }
  EXPECT_EQ(tests::bytes_of_file(path), "after it\n");
}

TEST(LogFile, SaysWhenItCannotBeWritten) { EXPECT_FALSE(LogFile::start({"/nowhere/proxy.log"})); }

}  // namespace
}  // namespace albicilla
