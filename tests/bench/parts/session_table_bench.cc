// Sessions by history: what a decision costs with so many sessions known.
#include <string>

#include <benchmark/benchmark.h>

#include "common/session/session_table.h"

namespace albicilla {
namespace {

ConversationKey key_of(std::uint64_t session, std::uint64_t turn) {
  ConversationKey key;
  for (std::size_t i = 0; i < 8; ++i) {
    key.bytes[i] = static_cast<std::uint8_t>(session >> (8 * i));
    key.bytes[8 + i] = static_cast<std::uint8_t>(turn >> (8 * i));
  }
  return key;
}

ConversationHint hint_of(std::uint64_t session, std::uint64_t turn) {
  ConversationHint hint;
  if (turn > 0) hint.continues.push_back(key_of(session, turn));
  hint.reaches.push_back(key_of(session, turn + 1));
  hint.messages = static_cast<std::uint32_t>(2 * turn + 1);
  return hint;
}

// Every session goes on by a turn, one after another.
void BM_SessionTable(benchmark::State& state) {
  const auto sessions = static_cast<std::uint64_t>(state.range(0));
  SessionTable table(SessionTableLimits{sessions, std::chrono::hours(1)});
  const WallTime now{};
  for (std::uint64_t i = 0; i < sessions; ++i) {
    table.note("session-" + std::to_string(i), hint_of(i, 0), now);
  }
  std::uint64_t step = 0;
  for (auto _ : state) {
    const ConversationHint hint = hint_of(step % sessions, step / sessions + 1);
    const SessionChoice choice = table.choose(hint, now);
    table.note(choice.id, hint, now);
    ++step;
  }
}
BENCHMARK(BM_SessionTable)->Arg(100)->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace albicilla
