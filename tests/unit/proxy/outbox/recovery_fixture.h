// A slot in which tests leave generations as dead workers would, and a start that finds them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "proxy/outbox/backlog.h"
#include "proxy/outbox/entry_reader.h"
#include "proxy/outbox/extent.h"
#include "proxy/outbox/recovery.h"
#include "tests/support/scratch_directory.h"

namespace albicilla {

inline ExchangeId id(std::uint8_t number) {
  ExchangeId made;
  made.bytes[15] = number;
  return made;
}

inline OpenedFacts opened(std::uint8_t number) {
  OpenedFacts facts;
  facts.id = id(number);
  facts.started_at = WallTime(Microseconds(1000000));
  facts.dialect = "openai_chat";
  return facts;
}

inline ClosedFacts closed(std::uint8_t number) {
  ClosedFacts facts;
  facts.id = id(number);
  facts.seq = Seq{1};
  return facts;
}

inline PartFacts answer(std::uint8_t number, std::uint32_t part) {
  return {id(number), Direction::response, part, Microseconds(500 + part)};
}

struct Ended {
  Ending ending = Ending::complete;
  std::string response;
  Seq seq;
  bool operator==(const Ended&) const = default;
};
// What a spool holds that is closed, by exchange; each must be there once.
using Held = std::map<ExchangeId, Ended>;

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    auto claimed = claim_slot(disk, scratch.path("spool"), 0, std::chrono::milliseconds(0));
    EXPECT_TRUE(claimed);
    slot = std::move(*claimed);
  }

  static GenerationFacts facts() {
    GenerationFacts made;
    made.sinks = {{random_id<ProducerId>(), "ipc://sink"}};
    return made;
  }

  // Writes a generation as a worker that died would leave it.
  void write_generation(GenerationNumber number, Batch& batch,
                        std::uint64_t segment_bytes = 1 << 20) {
    Generation generation(generation_directory(slot, number), facts(), 0);
    GenerationWriter writer(disk, generation, {segment_bytes, false});
    ASSERT_TRUE(writer.start());
    ASSERT_TRUE(writer.write(batch));
    writer.finish();
  }

  // What a start of a worker does with what earlier ones have left; nothing is acknowledged.
  Held restart(FileSystem& files) {
    Backlog backlog(files, slot, room, counters);
    const auto older = list_generations(files, slot);
    EXPECT_TRUE(older);
    backlog.read(*older);
    const GenerationNumber next = older->empty() ? 1 : older->back() + 1;
    settled = backlog.settle({generation_directory(slot, next), facts(), {1 << 20, false}});
    return held_by(backlog);
  }
  Held restart() { return restart(disk); }

  Held held_by(const Backlog& backlog) {
    Held held;
    gaps.clear();
    for (const OldGeneration& old : backlog.generations()) {
      EntryReader reader(disk, *old.generation);
      Seq after;
      while (const auto record = old.generation->index.next(0, after)) {
        after = record->seq;
        ExchangeBuilder exchange;
        bool gap = false;
        for (const EntryPlace& place : record->places) {
          const auto entry = reader.read(place);
          EXPECT_TRUE(entry);
          gap = static_cast<EntryType>(entry->type) == EntryType::gap_close;
          if (gap) {
            gaps.push_back(*parse_gap(entry->payload));
            continue;
          }
          EXPECT_TRUE(exchange.add(static_cast<EntryType>(entry->type), entry->payload));
        }
        if (gap) continue;
        const auto whole = exchange.finish(ProducerId{});
        if (!whole) continue;  // its beginning was damaged: a gap, counted when it is sent
        const bool first =
            held.try_emplace(whole->opened.id,
                             Ended{whole->closed.ending, whole->response_body, whole->closed.seq})
                .second;
        EXPECT_TRUE(first) << "closed twice";
      }
    }
    return held;
  }

  // What was kept of the damage at this offset.
  std::string bytes_of_torn(std::size_t offset) {
    for (const auto& entry : std::filesystem::directory_iterator(slot.directory)) {
      if (entry.path().string().ends_with(".torn-" + std::to_string(offset))) {
        return tests::bytes_of_file(entry.path().string());
      }
    }
    return "no such file";
  }

  // The slot with one generation of these bytes, of which none was promised to anybody.
  void start_anew(std::string_view segment) {
    std::filesystem::remove_all(slot.directory);
    std::filesystem::create_directories(generation_directory(slot, 1));
    EXPECT_TRUE(ExtentFile::open(disk, generation_directory(slot, 1)));
    tests::write_whole_file(only_segment(), segment);
  }

  static std::string with_flipped_bit(std::string bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
  }

  std::string only_extent() { return generation_directory(slot, 1) + "/extent"; }
  std::string only_segment() { return segment_path(generation_directory(slot, 1), 1); }

  tests::ScratchDirectory scratch{tests::ScratchPlace::memory};
  DiskFileSystem disk;
  Slot slot;
  SpoolRoom room{std::uint64_t{1} << 30};
  OutboxCounters counters;
  bool settled = false;
  std::vector<GapFacts> gaps;  // that held_by() has found
};

}  // namespace albicilla
