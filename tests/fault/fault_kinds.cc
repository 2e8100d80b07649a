#include "tests/fault/fault_kinds.h"

namespace albicilla::fault {
namespace {

constexpr std::array kKinds = {
    FaultKind{"kill", "kill -9 of worker, sink, supervisor, several at once, under load", 300, 10,
              run_kills},
    FaultKind{"crash-worker", "each call of a worker that changes a file, killed once", kEveryOne,
              5, run_worker_crash_points},
    FaultKind{"crash-sink", "each call of the sink that changes a file, killed once", kEveryOne, 5,
              run_sink_crash_points},
    FaultKind{"network", "resets and lost bytes, one way or both, between proxy and sink", 50, 3,
              run_network_cuts},
    FaultKind{"pause", "SIGSTOP of worker, sink, supervisor for 1 s and 30 s", 30, 2, run_pauses},
    FaultKind{"full", "no space, no inodes for log, spool or commit log", 60, 3, run_full_disks},
    FaultKind{"eio", "EIO on a write or sync of worker or sink", 60, 2, run_input_output_errors},
};

}  // namespace

std::span<const FaultKind> fault_kinds() { return kKinds; }

}  // namespace albicilla::fault
