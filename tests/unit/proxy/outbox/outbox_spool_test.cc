#include "proxy/outbox/outbox.h"
#include "tests/support/scratch_directory.h"
#include "tests/unit/proxy/outbox/outbox_test_base.h"

namespace albicilla {
namespace {

using tests::bytes_of_file;
using tests::expect_each_once;
using tests::LittleSink;
using tests::middle;

using OutboxSpoolTest = tests::OutboxTest;

// Two bytes inside a request of many B: a disk that flips.
void damage_big_request(const std::vector<std::string>& segments) {
  for (const std::string& path : segments) {
    std::string bytes = tests::bytes_of_file(path);
    const std::size_t at = bytes.find("BBBBBBBB");
    if (at == std::string::npos) continue;
    bytes.replace(at + 100, 2, "??");
    tests::write_whole_file(path, bytes);
  }
}

TEST_F(OutboxSpoolTest, OneLongStreamPinsNothing) {
  config.segment_bytes = std::uint64_t{64} << 10;
  sink.start();
  start_outbox();
  const OpenedFacts stream = opened_facts();
  std::string body;
  std::uint32_t number = 0;
  run([&]() -> Task<void> {
    outbox().opened(stream);
    for (int i = 0; i < 200; ++i) {
      const std::string event = "event " + std::to_string(i) + ";";
      const PartFacts part{stream.id, Direction::response, number++, Microseconds(i)};
      outbox().part(part, event);
      body += event;
      co_await exchange(std::string(5000, 'b'), "x");
    }
  });
  ASSERT_TRUE(all_acknowledged(200));
  // A megabyte has gone through; what is left is the stream's own entries and the newest segments.
  exchanges(1);
  EXPECT_TRUE(run_until([&] { return segments().size() <= 4; }));
  run([&]() -> Task<void> {
    EXPECT_TRUE(co_await outbox().written(outbox().closed(closed_facts(stream))));
  });
  ASSERT_TRUE(sink.wait_for(202));
  EXPECT_EQ(sink.taken().back().exchange, stream.id);
  EXPECT_EQ(sink.taken().back().middle, middle("", body));
}

TEST_F(OutboxSpoolTest, KeepsNothingThatWasAcknowledgedWhenItIsToForget) {
  config.forgets_acknowledged = true;
  sink.start();
  start_outbox();
  const OpenedFacts stream = opened_facts();
  run([&]() -> Task<void> {
    outbox().opened(stream);
    outbox().part({stream.id, Direction::response, 0, Microseconds(1)}, "still open");
    co_await exchange("a secret question", "a secret answer");
  });
  ASSERT_TRUE(all_acknowledged(1));
  const auto holds = [&](std::string_view text) {
    for (const std::string& path : segments()) {
      if (bytes_of_file(path).find(text) != std::string::npos) return true;
    }
    return false;
  };
  // A segment may go between the listing and the reading; then it is gone.
  EXPECT_TRUE(run_until([&] { return !holds("secret"); }));
  EXPECT_TRUE(holds("still open"));
  run([&]() -> Task<void> {
    EXPECT_TRUE(co_await outbox().written(outbox().closed(closed_facts(stream))));
  });
  ASSERT_TRUE(sink.wait_for(2));
  EXPECT_EQ(sink.taken().back().middle, middle("", "still open"));
  EXPECT_TRUE(run_until([&] { return !holds("still open"); }));
}

TEST_F(OutboxSpoolTest, NamesTheGapOfARecordThatTheDiskHasLost) {
  start_outbox();
  exchanges(3);
  std::string big(200000, 'B');
  run([&]() -> Task<void> { co_await exchange(big, "x"); });
  exchanges(2);
  abandon_outbox();
  // Overwrites the large record's request after the start has read it: a flipped disk.
  sink.set_accepting(false);
  sink.start();
  start_outbox();
  ASSERT_TRUE(run_until([&] { return outbox().stats().sinks_reached; }));
  damage_big_request(segments());
  sink.set_accepting(true);
  ASSERT_TRUE(sink.wait_for(5));
  EXPECT_EQ(outbox().stats().gaps, 1U);
  const auto gaps = sink.gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from, Seq{4});
  EXPECT_EQ(gaps[0].to, Seq{4});
}

TEST_F(OutboxSpoolTest, NamesTheGapOfAnUnreadableRecordAtTheEnd) {
  start_outbox();
  exchanges(2);
  run([&]() -> Task<void> { co_await exchange(std::string(200000, 'B'), "x"); });
  abandon_outbox();
  sink.set_accepting(false);
  sink.start();
  start_outbox();
  ASSERT_TRUE(run_until([&] { return outbox().stats().sinks_reached; }));
  damage_big_request(segments());
  sink.set_accepting(true);
  ASSERT_TRUE(sink.wait_for(2));
  ASSERT_TRUE(run_until([&] { return outbox().stats().unacknowledged_records == 0; }));
  const auto gaps = sink.gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].from, Seq{3});
  EXPECT_EQ(gaps[0].to, Seq{3});
  EXPECT_EQ(outbox().stats().false_watermarks, 0U);
}

TEST_F(OutboxSpoolTest, SendsTheGapOfADamagedSpoolToTheSink) {
  start_outbox();
  exchanges(3);
  abandon_outbox();
  const std::string path = segments().front();
  const std::string bytes = tests::bytes_of_file(path);
  tests::write_whole_file(path, std::string_view(bytes).substr(0, bytes.size() - 10));
  sink.start();
  start_outbox();
  // Two whole ones, the third without its closing, and the name of what is missing.
  ASSERT_TRUE(sink.wait_for(4));
  std::map<MessageKind, int> kinds;
  for (const LittleSink::Taken& taken : sink.taken()) {
    ++kinds[taken.kind];
    if (taken.kind != MessageKind::gap) continue;
    EXPECT_NE(taken.middle.find("\"from\":" + std::to_string(taken.seq.value)), std::string::npos);
    EXPECT_NE(taken.middle.find("spool shorter than it was written"), std::string::npos);
  }
  EXPECT_EQ(kinds,
            (std::map<MessageKind, int>{
                {MessageKind::record, 2}, {MessageKind::gap, 1}, {MessageKind::recovered, 1}}));
  EXPECT_EQ(outbox().stats().gaps, 1U);
}

TEST_F(OutboxSpoolTest, SpreadsRecordsOverSinksWithProducersOfTheirOwn) {
  tests::ScratchDirectory other_place;
  LittleSink other(other_place.path());
  config.sinks.push_back(other.address());
  sink.start();
  other.start();
  start_outbox();
  run([&]() -> Task<void> {
    for (std::uint32_t i = 0; i < 10; ++i) {
      OpenedFacts opened = opened_facts();
      opened.sink = i % 2;
      outbox().opened(opened);
      EXPECT_TRUE(co_await outbox().written(outbox().closed(closed_facts(opened))));
    }
  });
  ASSERT_TRUE(sink.wait_for(5));
  ASSERT_TRUE(other.wait_for(5));
  expect_each_once(sink.taken(), 5);
  expect_each_once(other.taken(), 5);
  EXPECT_NE(sink.taken()[0].producer, other.taken()[0].producer);
  other.stop();
}

}  // namespace
}  // namespace albicilla
