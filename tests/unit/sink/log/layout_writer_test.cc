#include "sink/log/layout_writer.h"

#include <gtest/gtest.h>

#include "sink/layout/registry.h"
#include "sink/log/commit_entry.h"
#include "tests/support/memory_disk.h"
#include "tests/support/sink_root.h"

namespace albicilla {
namespace {

using tests::MemoryDisk;

constexpr const char* kState = "commit/layouts";
constexpr const char* kEvents = "events/events.jsonl";

// A group of one record whose line has that number.
std::string group(std::uint64_t seq) {
  const std::string line =
      R"({"timestamp":"t","session_id":"s","request":{"model":"m","n":)" + std::to_string(seq) +
      R"(},"response":null,"exchange":{"id":"e)" + std::to_string(seq) +
      R"(","started_at":"2026-01-13T10:00:00.000000+00:00"},"chain":{"n":1,"h":""}})"
      "\n";
  CommitEntry entry;
  entry.kind = CommitKind::record;
  entry.producer = tests::producer_id(1);
  entry.seq = Seq{seq};
  entry.exchange = tests::exchange_id(1, seq);
  entry.write = {"2026-01-13/s.jsonl", 0, line};
  std::string bytes;
  append_commit_entry(bytes, entry);
  return bytes;
}

LayoutWriter writer(FileSystem& files) {
  return LayoutWriter(files, {{layout_named("events"), "events"},
                              {layout_named("user_model_day"), "days"},
                              {layout_named("trace"), "traces"}});
}

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

std::size_t lines_in(const std::string& content) {
  return static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
}

TEST(LayoutWriter, WritesEachLineOnceHoweverOftenItIsReplayed) {
  MemoryDisk disk;
  must(disk.make_directories("commit"));
  LayoutWriter first = writer(disk);
  must(first.load(kState, {100}));
  must(first.write_group(group(1), {200}));
  must(replace_file(disk, kState, first.state()));  // a checkpoint
  must(first.write_group(group(2), {300}));
  must(first.write_group(group(3), {400}));
  const std::string whole = disk.content(kEvents);
  EXPECT_EQ(lines_in(whole), 3U);
  for (int restart = 0; restart < 3; ++restart) {
    LayoutWriter again = writer(disk);
    must(again.load(kState, {100}));
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
      must(again.write_group(group(seq), {100 + 100 * seq}));
    }
    EXPECT_EQ(disk.content(kEvents), whole);
    EXPECT_EQ(lines_in(disk.content("days/m_20260113.jsonl")), 3U);
  }
}

TEST(LayoutWriter, CutsOffWhatACrashLeftHalfWritten) {
  MemoryDisk disk;
  must(disk.make_directories("commit"));
  LayoutWriter first = writer(disk);
  must(first.load(kState, {100}));
  must(first.write_group(group(1), {200}));
  const std::string whole = disk.content(kEvents);
  disk.put(kEvents, whole + std::string(5000, 'x'));
  LayoutWriter again = writer(disk);
  must(again.load(kState, {100}));
  must(again.write_group(group(1), {200}));
  EXPECT_EQ(disk.content(kEvents), whole);
}

TEST(LayoutWriter, GoesOnBehindWhatAPredecessorLeft) {
  MemoryDisk disk;
  must(disk.make_directories("commit"));
  must(disk.make_directories("events"));
  disk.put(kEvents, "{\"request_id\":\"old\"}\n");
  LayoutWriter first = writer(disk);
  must(first.load(kState, {100}));
  must(first.write_group(group(1), {200}));
  LayoutWriter again = writer(disk);  // no checkpoint came
  must(again.load(kState, {100}));
  must(again.write_group(group(1), {200}));
  EXPECT_EQ(lines_in(disk.content(kEvents)), 2U);
  EXPECT_TRUE(disk.content(kEvents).starts_with("{\"request_id\":\"old\"}\n"));
}

TEST(LayoutWriter, DoesAGroupAgainAfterItFoundNoRoom) {
  MemoryDisk disk;
  must(disk.make_directories("commit"));
  LayoutWriter first = writer(disk);
  must(first.load(kState, {100}));
  must(first.write_group(group(1), {200}));
  disk.set_room(1200);
  Status full;
  std::uint64_t seq = 1;
  while (full) {
    ++seq;
    full = first.write_group(group(seq), {100 + 100 * seq});
  }
  ASSERT_GE(seq, 2U);
  disk.set_room(UINT64_MAX);
  must(first.write_group(group(seq), {100 + 100 * seq}));
  EXPECT_EQ(lines_in(disk.content(kEvents)), seq);
  EXPECT_EQ(lines_in(disk.content("days/m_20260113.jsonl")), seq);
}

TEST(LayoutWriter, MakesThemAnewAndMovesTheOldOnesAside) {
  MemoryDisk disk;
  must(disk.make_directories("commit"));
  LayoutWriter first = writer(disk);
  must(first.load(kState, {100}));
  must(first.write_group(group(1), {200}));
  const std::string whole = disk.content(kEvents);
  must(first.begin_anew());
  const std::string entries = group(1);
  CommitEntryReader again(entries);
  const auto entry = again.next();
  must(first.write_line(entry->write.file, entry->write.line));
  must(first.finish(kState, {300}));
  EXPECT_EQ(disk.content(kEvents), whole);
  EXPECT_EQ(disk.content("events/.before-1/events.jsonl"), whole);
  LayoutWriter later = writer(disk);
  must(later.load(kState, {100}));
  must(later.write_group(group(1), {200}));  // it has that
  must(later.write_group(group(2), {400}));
  EXPECT_EQ(lines_in(disk.content(kEvents)), 2U);
}

}  // namespace
}  // namespace albicilla
