#include "sink/log/commit_thread.h"

#include <poll.h>

#include <gtest/gtest.h>

#include "common/base/digest.h"
#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::bytes_of_file;
using tests::FaultyFileSystem;
using tests::FileCall;
using tests::ScratchDirectory;

class CommitThreadTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.make_directories(scratch_.path(".commit")));
    auto log = CommitLog::begin(files_, {scratch_.path(".commit"), SinkId{}, 1 << 20}, {});
    ASSERT_TRUE(log);
    auto sealer = Sealer::open(files_, {scratch_.path(), scratch_.path("key"), SinkId{}},
                               FileTable(), clock_.wall());
    ASSERT_TRUE(sealer);
    sealer_.emplace(std::move(*sealer));
    checkpoint_thread_.emplace(checkpoints_, *sealer_, clock_, counters_, wakeup_);
    commits_.emplace(std::move(*log), writer_, *checkpoint_thread_, counters_, wakeup_);
  }

  CommitJob job_with_line() {
    CommitJob job;
    job.group.assign(kGroupHeaderBytes, '\0');
    CommitEntry entry;
    entry.kind = CommitKind::record;
    entry.write = {"day/s.jsonl", 0, "line\n"};
    append_commit_entry(job.group, entry);
    return job;
  }

  // Waits for the report to be as wanted, ten seconds at most.
  template <class Wanted>
  bool wait_for(Wanted wanted) {
    const SteadyTime end = clock_.steady() + std::chrono::seconds(10);
    while (clock_.steady() < end) {
      if (wanted(commits_->report())) return true;
      pollfd polled{wakeup_.fd(), POLLIN, 0};
      ::poll(&polled, 1, 100);
      wakeup_.drain();
    }
    return false;
  }

  ScratchDirectory scratch_;
  DiskFileSystem disk_;
  FaultyFileSystem files_{disk_};
  SystemClock clock_;
  SinkCounters counters_;
  Wakeup wakeup_;
  Checkpoints checkpoints_{files_, scratch_.path(), scratch_.path(".commit"), SinkId{}};
  LogWriter writer_{files_, scratch_.path(), 8};
  std::optional<Sealer> sealer_;
  std::optional<CheckpointThread> checkpoint_thread_;
  std::optional<CommitThread> commits_;
};

TEST_F(CommitThreadTest, SyncsAGroupBeforeItsLinesAreWritten) {
  files_.hold(FileCall::sync);
  commits_->hand_over(job_with_line());
  const std::uint64_t before = files_.calls(FileCall::sync);
  EXPECT_FALSE(commits_->report().idle);
  EXPECT_EQ(commits_->report().synced_jobs, 0U);
  EXPECT_EQ(bytes_of_file(scratch_.path("day/s.jsonl")), "");
  files_.release();
  EXPECT_TRUE(wait_for([](const auto& report) { return report.idle && report.synced_jobs == 1; }));
  EXPECT_LE(before, files_.calls(FileCall::sync));
  EXPECT_EQ(bytes_of_file(scratch_.path("day/s.jsonl")), "line\n");
}

TEST_F(CommitThreadTest, NeverTriesAFailedSyncAgain) {
  files_.fail(FileCall::sync, EIO, 0, 1);
  const std::uint64_t before = files_.calls(FileCall::sync);
  commits_->hand_over(job_with_line());
  EXPECT_TRUE(wait_for([](const auto& report) { return report.failure.has_value(); }));
  EXPECT_EQ(commits_->report().synced_jobs, 0U);
  EXPECT_FALSE(commits_->report().idle);
  EXPECT_EQ(files_.calls(FileCall::sync), before + 1);
  EXPECT_EQ(bytes_of_file(scratch_.path("day/s.jsonl")), "");
}

TEST_F(CommitThreadTest, WaitsForRoomInTheLogFilesAfterTheSync) {
  files_.set_room(0);
  commits_->hand_over(job_with_line());
  EXPECT_TRUE(wait_for([](const auto& report) { return report.no_room; }));
  EXPECT_EQ(commits_->report().synced_jobs, 1U);
  EXPECT_FALSE(commits_->report().idle);
  files_.end_faults();
  EXPECT_TRUE(wait_for([](const auto& report) { return report.idle && !report.no_room; }));
  EXPECT_EQ(bytes_of_file(scratch_.path("day/s.jsonl")), "line\n");
}

TEST_F(CommitThreadTest, WaitsForRoomInTheCommitLogBeforeAnythingIsWritten) {
  CommitJob large;
  large.group.assign(kGroupHeaderBytes, '\0');
  CommitEntry entry;
  entry.kind = CommitKind::start;
  while (large.group.size() < (std::size_t{2} << 20)) {  // more than the segment holds
    append_commit_entry(large.group, entry);
  }
  files_.set_room(0);
  commits_->hand_over(std::move(large));
  EXPECT_TRUE(wait_for([](const auto& report) { return report.no_room; }));
  EXPECT_EQ(commits_->report().synced_jobs, 0U);
  files_.end_faults();
  EXPECT_TRUE(wait_for([](const auto& report) { return report.synced_jobs == 1; }));
}

TEST_F(CommitThreadTest, LeavesAJobWithoutRoomWhenItIsToStop) {
  files_.set_room(0);
  commits_->hand_over(job_with_line());
  EXPECT_TRUE(wait_for([](const auto& report) { return report.no_room; }));
  commits_.reset();
  EXPECT_EQ(bytes_of_file(scratch_.path("day/s.jsonl")), "");
}

}  // namespace
}  // namespace albicilla
