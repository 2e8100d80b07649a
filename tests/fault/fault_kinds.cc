#include "tests/fault/fault_kinds.h"

namespace albicilla::fault {
namespace {

constexpr std::array kKinds = {
    TortureKind{"kill", "kill -9 of worker, sink, supervisor, several at once, under load", 300, 10,
                run_kills},
    TortureKind{"crash-worker", "each call of a worker that changes a file, killed once", kEveryOne,
                5, run_worker_crash_points},
    TortureKind{"crash-sink", "each call of the sink that changes a file, killed once", kEveryOne,
                5, run_sink_crash_points},
    TortureKind{"network", "resets and lost bytes, one way or both, between proxy and sink", 50, 3,
                run_network_cuts},
    TortureKind{"pause", "SIGSTOP of worker, sink, supervisor for 1 s and 30 s", 30, 2, run_pauses},
    TortureKind{"full", "no space, no inodes for log, spool or commit log", 60, 3, run_full_disks},
    TortureKind{"eio", "EIO on a write or sync of worker or sink", 60, 2, run_input_output_errors},
    TortureKind{"power", "loss of what was not synced, with --durability fsync", 100, 2,
                run_power_cuts},
    TortureKind{"clock", "jumps of the wall clock by seconds, days or years, ahead and back", 40, 3,
                run_clock_jumps},
    TortureKind{"damage", "flipped bits and cut files in spool and commit log", 500, 10,
                run_damages},
    TortureKind{"mutation", "changes of a sealed log, which albicilla-verify must find", 1000, 100,
                run_mutations},
};

}  // namespace

std::span<const TortureKind> fault_kinds() { return kKinds; }

}  // namespace albicilla::fault
