#include "sink/stored_files.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sink/layout/registry.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

class StoredFilesTest : public testing::Test {
 protected:
  static std::string kinds(const Result<std::vector<UploadFile>>& files) {
    std::vector<std::string> words;
    for (const UploadFile& file : *files) {
      words.push_back(file.name + (file.kind == UploadKind::growing ? " growing" : " whole"));
    }
    std::sort(words.begin(), words.end());
    std::string all;
    for (const std::string& word : words) all += word + "\n";
    return all;
  }

  tests::ScratchDirectory scratch_;
  const std::string root_ = scratch_.path("logs");
  const std::string place_ = scratch_.path("place");
  DiskFileSystem disk_;
};

TEST_F(StoredFilesTest, AreSealedDaysAndLayoutFilesThatEndWithTheirDay) {
  for (const char* day : {"2026-01-13", "2026-01-14"}) {
    ASSERT_TRUE(disk_.make_directories(root_ + "/" + day));
    tests::write_whole_file(root_ + "/" + day + "/s.jsonl", "x");
  }
  ASSERT_TRUE(disk_.make_directories(place_));
  for (const char* name : {"m_20260113.jsonl", "m_20260114.jsonl", "notes.txt", "events.jsonl"}) {
    tests::write_whole_file(place_ + "/" + name, "x");
  }
  StoredFiles files(
      disk_, root_,
      {{{layout_named("user_model_day"), place_}, {layout_named("events"), place_}}, ""});
  EXPECT_EQ(kinds(files.files()), "m_20260113.jsonl growing\nm_20260114.jsonl growing\n");
  files.note_ready("2026-01-13");
  EXPECT_EQ(kinds(files.files()),
            "2026-01-13/s.jsonl whole\nm_20260113.jsonl whole\nm_20260114.jsonl growing\n");
  EXPECT_EQ(kinds(files.growing()), "m_20260114.jsonl growing\n");
  // What the log says of its days is known from the first moment on.
  StoredFiles again(disk_, root_, {{{layout_named("user_model_day"), place_}}, "2026-01-13"});
  EXPECT_EQ(kinds(again.growing()), "m_20260114.jsonl growing\n");
}

TEST(DayOfLayoutFile, StandsAtTheNamesEnd) {
  EXPECT_EQ(day_of_layout_file("alice_gpt-4_20260113.jsonl"), "2026-01-13");
  for (const char* other : {"events.jsonl", "a_2026139x.jsonl", "20260113.json", "x", ""}) {
    EXPECT_EQ(day_of_layout_file(other), "") << other;
  }
}

}  // namespace
}  // namespace albicilla
