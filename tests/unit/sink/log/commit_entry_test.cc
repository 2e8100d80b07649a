#include "sink/log/commit_entry.h"

#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

template <class Id>
Id id_of(std::uint8_t byte) {
  Id id;
  id.bytes.fill(byte);
  return id;
}

std::vector<CommitEntry> every_kind() {
  const LineWrite write{"2026-01-13/s.jsonl", 4096, "{\"a\":1}\n"};
  CommitEntry start;
  start.kind = CommitKind::start;
  start.epoch = 7;
  start.at = WallTime(Microseconds(1768298400000000));
  CommitEntry record;
  record.kind = CommitKind::record;
  record.producer = id_of<ProducerId>(1);
  record.seq = Seq{42};
  record.exchange = id_of<ExchangeId>(2);
  record.write = write;
  CommitEntry quarantine = record;
  quarantine.kind = CommitKind::quarantine;
  CommitEntry gap;
  gap.kind = CommitKind::gap;
  gap.producer = id_of<ProducerId>(1);
  gap.seq = Seq{43};
  gap.last = Seq{50};
  gap.write = write;
  CommitEntry seal;
  seal.kind = CommitKind::seal;
  seal.day = "2026-01-13";
  CommitEntry owner;
  owner.kind = CommitKind::owner;
  owner.producer = gap.producer;
  owner.owner = "web-1";
  CommitEntry retired;
  retired.kind = CommitKind::retired;
  retired.producer = gap.producer;
  retired.seq = gap.last;
  CommitEntry with_total = retired;
  with_total.opened = 51;
  return {start, record, quarantine, gap, seal, owner, retired, with_total};
}

TEST(CommitEntry, ReadsBackWhatWasWritten) {
  std::string bytes;
  for (const CommitEntry& entry : every_kind()) {
    const std::size_t before = bytes.size();
    append_commit_entry(bytes, entry);
    EXPECT_EQ(bytes.size() - before, commit_entry_bytes(entry));
  }
  CommitEntryReader reader(bytes);
  for (const CommitEntry& entry : every_kind()) {
    ASSERT_FALSE(reader.at_end());
    const auto read = reader.next();
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, entry);
  }
  EXPECT_TRUE(reader.at_end());
}

TEST(CommitEntry, RefusesAnEntryCutAnywhere) {
  for (const CommitEntry& entry : every_kind()) {
    std::string bytes;
    append_commit_entry(bytes, entry);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      CommitEntryReader reader(std::string_view(bytes).substr(0, cut));
      EXPECT_FALSE(reader.next()) << cut;
    }
  }
}

TEST(CommitEntry, RefusesUnknownKindsAndLengthsThatDoNotFit) {
  std::string bytes;
  append_commit_entry(bytes, every_kind()[1]);
  for (const char kind : {'\0', '\6', '\xFF'}) {
    std::string changed = bytes;
    changed[0] = kind;
    EXPECT_FALSE(CommitEntryReader(changed).next());
  }
  std::string longer = bytes + "x";
  ++longer[1];
  EXPECT_FALSE(CommitEntryReader(longer).next());
}

}  // namespace
}  // namespace albicilla
