#include "tests/fault/fault_kinds.h"

namespace albicilla::fault {
namespace {

constexpr std::array kKinds = {
    FaultKind{"kill", "kill -9 of worker, sink, supervisor, several at once, under load", 300, 10,
              run_kills},
};

}  // namespace

std::span<const FaultKind> fault_kinds() { return kKinds; }

}  // namespace albicilla::fault
