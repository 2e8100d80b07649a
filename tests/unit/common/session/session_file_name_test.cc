#include "common/session/session_file_name.h"

#include <set>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(SessionFileName, KeepsASafeId) {
  EXPECT_EQ(session_file_name("run-7_B"), "run-7_B");
  EXPECT_EQ(session_file_name(std::string(128, 'a')), std::string(128, 'a'));
}

TEST(SessionFileName, MarksWhatItChangedSoThatNoTwoIdsShareAFile) {
  EXPECT_TRUE(session_file_name("a/b").starts_with("a_b~"));
  EXPECT_EQ(session_file_name("a/b").size(), 3U + 9U);
  EXPECT_EQ(session_file_name("../../etc/pass wd.x").substr(0, 20), "______etc_pass_wd_x~");
  std::set<std::string> names;
  for (const char* id : {"a/b", "a_b", "a.b", "a b", "a\nb", "A_B", ".", "..", "", "unknown", "a~b",
                         "a\xC5\x82"
                         "b",
                         "a\xFF"
                         "b"}) {
    EXPECT_TRUE(names.insert(session_file_name(id)).second) << id;
  }
  EXPECT_NE(session_file_name(std::string_view("a\0b", 3)), session_file_name("a_b"));
}

TEST(SessionFileName, StaysWithinALengthThatEveryFileSystemTakes) {
  const std::string long_id(5000, 'x');
  EXPECT_EQ(session_file_name(long_id).size(), 128U);
  EXPECT_NE(session_file_name(long_id), session_file_name(long_id + "y"));
  EXPECT_EQ(session_file_name(std::string(127, 'x') + "/").size(), 128U);
}

TEST(SessionFileName, CountsACharacterOfSeveralBytesOnce) {
  EXPECT_EQ(session_file_name("za\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87").substr(0, 7), "za____~");
}

}  // namespace
}  // namespace albicilla
