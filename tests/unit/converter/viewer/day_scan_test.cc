#include "converter/viewer/day_scan.h"

#include <filesystem>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

#include "converter/reading/iso8601.h"
#include "tests/bench/viewer/log_maker.h"
#include "tests/support/packed.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::viewer {
namespace {

constexpr const char* kDay = "2026-01-13";
constexpr std::uint64_t kLines = 100;
constexpr std::uint64_t kLineBytes = 30'000;
constexpr std::uint64_t kTurn = std::uint64_t{512} << 10;
// The end of a turn is seen between two reads.
constexpr std::uint64_t kRead = std::uint64_t{256} << 10;

class DayScanTest : public testing::Test {
 protected:
  // What one scan of some files delivered.
  struct Scanned {
    std::uint64_t bytes = 0;
    std::vector<std::uint64_t> numbers;  // of lines
    std::map<std::string, FileProgress> files;
    std::vector<std::string> unfinished;
  };

  // A file of kLines lines; gives its name.
  std::string make_file(const std::string& session) {
    MadeLine line;
    line.session = session;
    line.closed_at = *parse_iso8601("2026-01-13T08:00:00Z");
    line.request = R"({"model":"m","messages":[{"role":"user","content":")" +
                   std::string(kLineBytes, '.') + R"("}]})";
    std::string name;
    for (std::uint64_t i = 0; i < kLines; ++i) name = log_.append(line);
    return name;
  }

  Scanned scan(const std::vector<LogFile>& files, std::uint64_t most_bytes,
               const std::map<std::string, FileProgress>& known = {}) {
    Scanned scanned;
    scan_.begin(kDay, most_bytes, [&](Batch batch) {
      scanned.bytes += batch.raw_bytes;
      for (const LineEntry& line : batch.lines) scanned.numbers.push_back(line.number);
      for (const FileProgress& file : batch.files) scanned.files[file.name] = file;
      return Status();
    });
    for (const LogFile& file : files) {
      const auto found = known.find(file.name);
      EXPECT_TRUE(scan_.scan_file(file, found == known.end() ? FileProgress{} : found->second));
    }
    EXPECT_TRUE(scan_.finish());
    scanned.unfinished = scan_.unfinished();
    return scanned;
  }

  LogFile file(const std::string& name) { return *find_log_file(root_.path(), name); }

  tests::ScratchDirectory root_;
  LogMaker log_{root_.path()};
  DayScan scan_{root_.path(), HashKey{}};
};

using Names = std::vector<std::string>;

TEST_F(DayScanTest, LeavesWhatIsMoreThanATurnAndNamesTheFile) {
  const std::string name = make_file("s");
  const Scanned first = scan({file(name)}, kTurn);
  EXPECT_GE(first.bytes, kTurn);
  EXPECT_LT(first.bytes, kTurn + kRead);
  EXPECT_EQ(first.files.at(name).offset, first.bytes);
  EXPECT_EQ(first.unfinished, Names{name});
}

TEST_F(DayScanTest, ComesToTheEndInTurnsWithEachLineOnce) {
  const std::string name = make_file("s");
  std::map<std::string, FileProgress> known;
  std::vector<std::uint64_t> numbers;
  int turns = 0;
  for (bool more = true; more; ++turns) {
    const Scanned turn = scan({file(name)}, kTurn, known);
    numbers.insert(numbers.end(), turn.numbers.begin(), turn.numbers.end());
    known = turn.files;
    more = !turn.unfinished.empty();
    ASSERT_LT(turns, 10);
  }
  std::vector<std::uint64_t> all(kLines);
  std::iota(all.begin(), all.end(), 1);
  EXPECT_EQ(numbers, all);
  EXPECT_EQ(known.at(name).offset, file(name).bytes);
  EXPECT_EQ(known.at(name).chain, ChainState::sound);
  EXPECT_GE(turns, 4);
}

TEST_F(DayScanTest, BoundsEachOfSeveralFilesAlone) {
  const std::string large = make_file("a");
  const std::string other = make_file("b");
  MadeLine line;
  line.session = "c";
  line.closed_at = *parse_iso8601("2026-01-13T08:00:00Z");
  const std::string small = log_.append(line);
  const Scanned turn = scan({file(large), file(other), file(small)}, kTurn);
  EXPECT_EQ(turn.unfinished, (Names{large, other}));
  EXPECT_EQ(turn.files.at(small).offset, file(small).bytes);
  EXPECT_LT(turn.bytes, 2 * (kTurn + kRead));
  EXPECT_EQ(scan({file(small)}, kTurn).unfinished, Names{});
}

TEST_F(DayScanTest, ReadsAllWithoutABound) {
  const std::string name = make_file("s");
  const Scanned all = scan({file(name)}, UINT64_MAX);
  EXPECT_EQ(all.numbers.size(), kLines);
  EXPECT_EQ(all.unfinished, Names{});
}

// Nothing would come back for the rest of a file that does not grow.
TEST_F(DayScanTest, ReadsASealedFileWhole) {
  const std::string name = make_file("s");
  const std::string path = root_.path() + "/" + name;
  tests::write_whole_file(path + ".zst", tests::packed_zstd(tests::bytes_of_file(path)));
  std::filesystem::remove(path);
  const Scanned all = scan({file(name)}, kTurn);
  EXPECT_EQ(all.numbers.size(), kLines);
  EXPECT_EQ(all.unfinished, Names{});
}

TEST_F(DayScanTest, DoesNotComeBackForAFileThatIsGone) {
  const std::string name = make_file("s");
  const LogFile gone = file(name);
  std::filesystem::remove(root_.path() + "/" + name);
  const Scanned turn = scan({gone}, kTurn);
  EXPECT_EQ(turn.bytes, 0U);
  EXPECT_EQ(turn.unfinished, Names{});
}

}  // namespace
}  // namespace albicilla::viewer
