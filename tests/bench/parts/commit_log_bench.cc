// The sink's group commit on a real disk: a group appended and synced, by its size.
#include <string>

#include <benchmark/benchmark.h>

#include "common/io/file.h"
#include "sink/log/commit_log.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

void BM_CommitGroup(benchmark::State& state) {
  const tests::ScratchDirectory scratch;
  DiskFileSystem files;
  if (!files.make_directories(scratch.path(".commit"))) {
    return state.SkipWithError("no directory for the log");
  }
  auto log = CommitLog::begin(files, {scratch.path(".commit"), SinkId{}}, {});
  if (!log) return state.SkipWithError(log.error().message.c_str());
  const auto bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    std::string group(kGroupHeaderBytes + bytes, 'g');
    const bool done = log->ensure_room(group.size()) && log->append(group) && log->sync();
    if (!done) return state.SkipWithError("the group was not committed");
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_CommitGroup)->Arg(2'000)->Arg(100'000)->Arg(1 << 20)->Arg(8 << 20)->UseRealTime();

}  // namespace
}  // namespace albicilla
