#include "sink/log/packer.h"

#include <zstd.h>

#include <gtest/gtest.h>

#include "tests/support/faulty_file.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

using tests::bytes_of_file;
using tests::ScratchDirectory;
using tests::write_whole_file;

std::string unpacked(const std::string& bytes) {
  std::string out(std::size_t{16} << 20, '\0');
  ZSTD_DCtx* stream = ZSTD_createDCtx();
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  ZSTD_outBuffer made{out.data(), out.size(), 0};
  const std::size_t left = ZSTD_decompressStream(stream, &made, &in);
  ZSTD_freeDCtx(stream);
  EXPECT_EQ(left, 0U);
  out.resize(made.pos);
  return out;
}

TEST(Packer, PacksAFileOfAnySizeAndRemovesIt) {
  ScratchDirectory scratch;
  DiskFileSystem files;
  for (const std::size_t size : {0U, 1U, 1000U, 1U << 20, 3'000'001U}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * i % 251));
    write_whole_file(scratch.path("s.jsonl"), bytes);
    ASSERT_TRUE(pack_file(files, scratch.path("s.jsonl")));
    EXPECT_EQ(unpacked(bytes_of_file(scratch.path("s.jsonl.zst"))), bytes);
    EXPECT_FALSE(*files.look(scratch.path("s.jsonl")));
  }
}

TEST(Packer, KeepsThePlainFileUntilThePackedOneIsThere) {
  using tests::FileCall;
  for (const FileCall call :
       {FileCall::append, FileCall::sync, FileCall::rename, FileCall::sync_directory}) {
    ScratchDirectory scratch;
    DiskFileSystem disk;
    tests::FaultyFileSystem files(disk);
    write_whole_file(scratch.path("s.jsonl"), "line\n");
    files.fail(call, EIO);
    EXPECT_FALSE(pack_file(files, scratch.path("s.jsonl")));
    EXPECT_EQ(bytes_of_file(scratch.path("s.jsonl")), "line\n");
    files.end_faults();
    EXPECT_TRUE(pack_file(files, scratch.path("s.jsonl")));
    EXPECT_EQ(unpacked(bytes_of_file(scratch.path("s.jsonl.zst"))), "line\n");
  }
}

TEST(Packer, LeavesDaysThatAreNotSealedAlone) {
  ScratchDirectory scratch;
  DiskFileSystem files;
  SinkCounters counters;
  for (const char* day : {"2026-01-12", "2026-01-13", "2026-01-14"}) {
    ASSERT_TRUE(files.make_directories(scratch.path(day) + "/ab"));
    write_whole_file(scratch.path(day) + "/s.jsonl", "s\n");
    write_whole_file(scratch.path(day) + "/ab/t.jsonl", "t\n");
    write_whole_file(scratch.path(day) + "/.manifest", "m\n");
  }
  Packer packer(files, scratch.path(), counters, [] { return false; });
  ASSERT_TRUE(packer.pack_days("2026-01-13"));
  EXPECT_EQ(counters.packed_files, 4U);
  EXPECT_TRUE(*files.look(scratch.path("2026-01-12/s.jsonl.zst")));
  EXPECT_TRUE(*files.look(scratch.path("2026-01-13/ab/t.jsonl.zst")));
  EXPECT_FALSE(*files.look(scratch.path("2026-01-13/s.jsonl")));
  EXPECT_TRUE(*files.look(scratch.path("2026-01-13/.manifest")));
  EXPECT_TRUE(*files.look(scratch.path("2026-01-14/s.jsonl")));
}

}  // namespace
}  // namespace albicilla
