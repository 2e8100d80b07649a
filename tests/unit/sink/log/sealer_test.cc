#include "sink/log/sealer.h"

#include <gtest/gtest.h>

#include "tests/support/sink_scenario.h"

namespace albicilla {
namespace {

using tests::MemoryDisk;
using tests::SinkRoot;

const std::string kManifest = "root/2026-01-13/.manifest";

void must(const Status& status) { ASSERT_TRUE(status) << status.error().message; }

struct Statements {
  std::vector<ManifestFile> files;
  std::vector<ManifestKey> keys;
  std::vector<SignedCheckpoint> checkpoints;
};

// Of a manifest whose every line must be ours and signed.
Statements statements(const std::string& manifest) {
  Statements found;
  std::size_t at = 0;
  while (at < manifest.size()) {
    const std::size_t end = manifest.find('\n', at);
    const auto line = parse_manifest_line(std::string_view(manifest).substr(at, end - at));
    at = end + 1;
    EXPECT_TRUE(line && line->signature_holds);
    if (!line) continue;
    if (const auto* file = std::get_if<ManifestFile>(&line->what)) found.files.push_back(*file);
    if (const auto* key = std::get_if<ManifestKey>(&line->what)) found.keys.push_back(*key);
    if (const auto* checkpoint = std::get_if<SignedCheckpoint>(&line->what)) {
      found.checkpoints.push_back(*checkpoint);
    }
  }
  return found;
}

TEST(Sealer, SignsWhatEveryFileHolds) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "b"));
  must(root.take(1, 2, "a"));
  must(root.take(1, 3, "b"));
  must(root.finish_group());
  must(root.checkpoint());
  const Statements found = statements(disk.content(kManifest));
  ASSERT_EQ(found.files.size(), 2U);
  EXPECT_EQ(found.files[0].name, "b.jsonl");
  EXPECT_EQ(found.files[0].lines, 2U);
  EXPECT_EQ(found.files[0].bytes, disk.content("root/2026-01-13/b.jsonl").size());
  EXPECT_EQ(found.files[1].index, 1U);
  ASSERT_EQ(found.checkpoints.size(), 1U);
  MerkleTree tree;
  tree.set(0, manifest_leaf(found.files[0]));
  tree.set(1, manifest_leaf(found.files[1]));
  EXPECT_EQ(found.checkpoints[0].root, tree.root());
  EXPECT_EQ(found.checkpoints[0].lines, 3U);
  EXPECT_EQ(found.checkpoints[0].producers[0].accepted, Seq{3});
}

TEST(Sealer, NamesOnlyWhatHasChangedAndSignsSilenceToo) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "a"));
  must(root.take(1, 2, "b"));
  must(root.finish_group());
  must(root.checkpoint());
  must(root.take(1, 3, "b"));
  must(root.finish_group());
  must(root.checkpoint(SinkRoot::Checkpoint::signed_only));
  must(root.checkpoint(SinkRoot::Checkpoint::signed_only));
  const Statements found = statements(disk.content(kManifest));
  EXPECT_EQ(found.files.size(), 3U);
  ASSERT_EQ(found.checkpoints.size(), 3U);
  EXPECT_EQ(found.checkpoints[2].root, found.checkpoints[1].root);
  EXPECT_EQ(found.checkpoints[2].number, 3U);
}

TEST(Sealer, LinksItsCheckpointsOverDaysAndRestarts) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  for (int day = 0; day < 3; ++day) {
    WireHeader header = tests::record_header(1, static_cast<std::uint64_t>(day) + 1, "s");
    header.naming.closed_at = root.clock().wall();
    must(root.take(header, tests::record_piece(1, static_cast<std::uint64_t>(day) + 1)));
    must(root.finish_group());
    must(root.checkpoint());
    must(root.start());
    root.clock().set(root.clock().wall() + std::chrono::hours(24));
  }
  Digest previous{};
  PublicKey key;
  for (const char* day : {"13", "14", "15"}) {
    const std::string manifest = disk.content("root/2026-01-" + std::string(day) + "/.manifest");
    const Statements found = statements(manifest);
    ASSERT_EQ(found.checkpoints.size(), 1U) << day;
    EXPECT_EQ(found.checkpoints[0].previous, previous);
    ASSERT_EQ(found.keys.size(), 1U);
    EXPECT_TRUE(key == PublicKey{} || found.keys[0].previous == key);
    key = found.keys[0].key;
    const std::size_t start = manifest.rfind('\n', manifest.size() - 2) + 1;
    previous = sha256(std::string_view(manifest).substr(start, manifest.size() - start - 1));
  }
  EXPECT_EQ(disk.content("root/.sink/signing_key.pub"), hex_text(key) + "\n");
}

TEST(Sealer, LeavesNoLineForADayThatIsSealed) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  root.clock().set(root.clock().wall() + std::chrono::hours(24));
  must(root.seal_days("2026-01-13"));
  EXPECT_TRUE(statements(disk.content(kManifest)).checkpoints.back().final);
  const std::string sealed = disk.content("root/2026-01-13/s.jsonl");
  must(root.take(1, 2, "s"));  // it closed on the 13th
  must(root.finish_group());
  EXPECT_EQ(disk.content("root/2026-01-13/s.jsonl"), sealed);
  EXPECT_NE(disk.content("root/2026-01-14/s.jsonl"), "");
  must(root.start());
  EXPECT_EQ(root.state().sealed_until, "2026-01-13");
  must(root.take(1, 3, "s"));
  must(root.finish_group());
  must(root.checkpoint());
  EXPECT_EQ(disk.content("root/2026-01-13/s.jsonl"), sealed);
  EXPECT_EQ(statements(disk.content(kManifest)).checkpoints.size(), 1U);
}

TEST(Sealer, WritesNothingToASealedDayInAReplay) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  root.clock().set(root.clock().wall() + std::chrono::hours(24));
  must(root.seal_days("2026-01-13"));
  // Packed meanwhile; and the newest checkpoint is gone, so that the replay begins before the
  // lines.
  must(disk.remove("root/2026-01-13/s.jsonl"));
  std::string newest;
  for (const std::string& path : disk.paths()) {
    if (path.find("checkpoint-") != std::string::npos) newest = path;
  }
  disk.put(newest, "damaged");
  must(root.start());
  EXPECT_EQ(disk.content("root/2026-01-13/s.jsonl"), "");
  EXPECT_EQ(root.state().producers.accepted(tests::producer_id(1)), Seq{1});
}

TEST(Sealer, KeepsADayClosedWhenItDiedBeforeTheLogSaidSo) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  root.clock().set(root.clock().wall() + std::chrono::hours(24));
  const std::uint64_t before = disk.changes();
  must(root.seal_days("2026-01-13"));
  const std::uint64_t calls = disk.changes() - before;
  for (std::uint64_t left = 0; left < calls; ++left) {
    SCOPED_TRACE(left);
    MemoryDisk again;
    SinkRoot dying(again);
    must(dying.start());
    must(dying.take(1, 1, "s"));
    must(dying.finish_group());
    dying.clock().set(root.clock().wall());
    again.die_after(left);
    EXPECT_FALSE(dying.seal_days("2026-01-13"));
    again.revive();
    must(dying.start());
    must(dying.take(1, 2, "s"));
    must(dying.finish_group());
    must(dying.seal_days("2026-01-13"));
    const Statements found = statements(again.content(kManifest));
    EXPECT_TRUE(found.checkpoints.back().final);
    for (std::size_t i = 0; i + 1 < found.checkpoints.size(); ++i) {
      EXPECT_FALSE(found.checkpoints[i].final);
    }
    tests::check_promise(dying, again);
  }
}

TEST(Sealer, TriesAgainWhenThereIsRoomAgain) {
  MemoryDisk disk;
  SinkRoot root(disk);
  must(root.start());
  must(root.take(1, 1, "s"));
  must(root.finish_group());
  disk.set_room(0);
  const Status full = root.checkpoint();
  ASSERT_FALSE(full);
  EXPECT_TRUE(is_no_room(full.error()));
  disk.set_room(UINT64_MAX);
  must(root.checkpoint());
  const Statements found = statements(disk.content(kManifest));
  EXPECT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.checkpoints.size(), 1U);
}

}  // namespace
}  // namespace albicilla
