// Writes an invented log: make_log ROOT [sessions] [days] [turns] [last day].
// Sizes in the README of converter/viewer are of its logs.
#include <cstdio>
#include <cstdlib>

#include "tests/bench/viewer/log_maker.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: make_log ROOT [sessions] [days] [turns] [last day]\n");
    return 2;
  }
  albicilla::viewer::Invention wish;
  if (argc > 2) wish.sessions = std::strtoull(argv[2], nullptr, 10);
  if (argc > 3) wish.days = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
  if (argc > 4) wish.turns = std::strtod(argv[4], nullptr);
  if (argc > 5) wish.last_day = argv[5];
  const std::uint64_t bytes = albicilla::viewer::invent_log(argv[1], wish);
  std::printf("%llu sessions, %.1f MB\n", static_cast<unsigned long long>(wish.sessions),
              static_cast<double>(bytes) / 1e6);
  return 0;
}
