// What the sink counts about itself: the loop and its threads add, the status server reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace albicilla {

using Counter = std::atomic<std::uint64_t>;

struct SinkCounters {
  Counter records{0};       // accepted
  Counter record_bytes{0};  // of their rendered lines
  Counter duplicates{0};    // dropped, they were accepted before
  Counter quarantined{0};   // a Seq that came again under another exchange id
  Counter ahead{0};         // dropped, a record before them was missing
  Counter unusable{0};      // accepted, but their bytes are no JSON
  Counter gaps{0};
  Counter missing{0};        // Seqs in those gaps
  Counter bad_messages{0};   // header, size or crc wrong
  Counter foreign{0};        // meant for another sink
  Counter refused{0};        // dropped while not accepting
  Counter usurped{0};        // dropped, their producer belongs to another worker's key
  Counter refused_peers{0};  // connections without an allowed key
  Counter torn_files{0};     // log files with bytes that the commit log does not know
  Counter shrunk_files{0};   // log files that somebody cut

  Counter session_hits{0};    // exchanges without a session whose history was known
  Counter session_misses{0};  // ... with a history that nobody knows
  Counter session_fuzzy{0};   // ... found by likeness

  Counter groups{0};
  Counter group_bytes{0};
  Counter sync_microseconds{0};
  Counter checkpoints{0};         // written, for a restart
  Counter signed_checkpoints{0};  // in the manifests
  Counter packed_files{0};
  Counter uploaded_bytes{0};
  Counter uploaded_files{0};
  Counter upload_failures{0};   // attempts that are repeated
  Counter upload_conflicts{0};  // other bytes are in the store
  Counter uploads_waiting{0};   // how things stand now
  Counter stores_refusing{0};   // the same: a person must act
  Counter erased_lines{0};      // tombstones stand for them
  Counter removed_days{0};      // by retention
  Counter checkpoint_microseconds{0};

  // How things stand now.
  Counter producers{0};
  Counter files{0};
  Counter open_files{0};
  Counter erasures_waiting{0};
  Counter sessions_active{0};
  Counter sessions_created{0};
  Counter sessions_expired{0};
  std::atomic<double> free_bytes{1};   // share of the fuller of its disks
  std::atomic<double> free_inodes{1};  // the same
  std::atomic<bool> started{false};
  std::atomic<bool> accepting{false};
};

}  // namespace albicilla
