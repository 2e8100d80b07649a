// albicilla-sink as a process, with real sockets and files.
#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "common/base/crc32c.h"
#include "sink/log/checkpoint_file.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

void expect_each_once(const SinkChild& sink, const std::vector<const WireProducer*>& producers) {
  const RootContent root = read_root(sink.log_root());
  EXPECT_EQ(root.faults, std::vector<std::string>{});
  EXPECT_EQ(root.gap_lines, 0U);
  std::size_t wanted = 0;
  for (const WireProducer* producer : producers) {
    wanted += producer->added();
    for (std::uint64_t seq = 1; seq <= producer->added(); ++seq) {
      const auto found = root.records.find({hex_text(producer->id().bytes), seq});
      ASSERT_TRUE(found != root.records.end()) << "lost seq " << seq;
      EXPECT_EQ(found->second, 1) << "seq " << seq;
    }
  }
  EXPECT_EQ(root.records.size(), wanted);
}

TEST(Sink, AcknowledgesWritesAndStopsWhenAsked) {
  SinkChild sink;
  WireProducer producer(sink.address(), 1);
  for (int i = 0; i < 200; ++i) producer.add("s" + std::to_string(i % 5), 100);
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, {&producer});
}

TEST(Sink, AnswersAHelloAtOnceWithItsIdentity) {
  SinkChild sink;
  WireProducer producer(sink.address(), 1);
  ASSERT_TRUE(producer.run_until([](const Watermark&) { return true; }, kPatience));
  EXPECT_FALSE(producer.last()->sink.is_zero());
  EXPECT_EQ(producer.last()->session_secret.size(), 32U);
  EXPECT_EQ(producer.last()->epoch, 1U);
  EXPECT_TRUE(producer.last()->accepting);
  sink.kill();
  sink.start();
  EXPECT_TRUE(producer.run_until([](const Watermark& mark) { return mark.epoch == 2; }, kPatience));
}

// Of the newest checkpoint, which a sink that stops orderly writes last.
Checkpoint newest_checkpoint(const std::string& log_root) {
  Checkpoint newest;
  for (const auto& entry : std::filesystem::directory_iterator(log_root + "/.commit")) {
    if (!entry.path().filename().string().starts_with("checkpoint-")) continue;
    auto read = parse_checkpoint(bytes_of_file(entry.path().string()));
    EXPECT_TRUE(read);
    if (read && read->number >= newest.number) newest = std::move(*read);
  }
  return newest;
}

TEST(Sink, RemembersWhoHasRetired) {
  SinkChild sink;
  WireProducer gone(sink.address(), 1);
  WireProducer stays(sink.address(), 2);
  for (WireProducer* producer : {&gone, &stays}) {
    producer->add("s");
    ASSERT_TRUE(producer->run(kPatience));
  }
  WireHeader last = gone.header(MessageKind::hello, 1);
  last.retired = true;
  last.opened = 3;
  gone.send_raw(encode(last), std::nullopt);
  // A probe behind it that is answered shows that the hello was read too. The producer's own probes
  // ask for 1, and one of them may have taken this one's place in the answer: it is asked again.
  bool read = false;
  for (int again = 0; again < 100 && !read; ++again) {
    gone.send_raw(encode(gone.header(MessageKind::probe, 2)), std::nullopt);
    read = gone.run_until([](const Watermark& mark) { return mark.probe == Seq{2}; },
                          milliseconds(500));
  }
  ASSERT_TRUE(read) << sink.output();
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  const Checkpoint checkpoint = newest_checkpoint(sink.log_root());
  ASSERT_EQ(checkpoint.producers.size(), 2U);
  for (const auto& [producer, state] : checkpoint.producers) {
    EXPECT_EQ(state.accepted, Seq{1});
    EXPECT_EQ(state.retired, producer == gone.id() ? 1U : 0U);
    EXPECT_EQ(state.opened.value_or(0), producer == gone.id() ? 3U : 0U);
  }
}

TEST(Sink, PutsLargeRecordsTogether) {
  SinkChild sink;
  WireProducer producer(sink.address(), 1);
  for (const std::size_t pad : {1U << 20, 3U << 20, 10U << 20, 100U, (1U << 20) - 300}) {
    producer.add("large", pad);
  }
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0);
  expect_each_once(sink, {&producer});
}

TEST(Sink, LogsARecordOverItsLimitWithoutItsBytes) {
  SinkChild sink({"--record-limit", "2MiB"});
  WireProducer producer(sink.address(), 1);
  producer.add("s", 5 << 20);
  producer.add("s", 10);
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0);
  expect_each_once(sink, {&producer});
}

TEST(Sink, WritesEveryRecordOnceThroughKills) {
  SinkChild sink({"--commit-segment", "4MiB", "--checkpoint-bytes", "8MiB"});
  std::atomic<int> left{3};
  std::vector<std::unique_ptr<WireProducer>> producers;
  std::vector<std::thread> threads;
  for (std::uint8_t number = 1; number <= 3; ++number) {
    producers.push_back(std::make_unique<WireProducer>(sink.address(), number));
    threads.emplace_back([&left, &producer = *producers.back(), number] {
      std::mt19937 random(number);
      for (int batch = 0; batch < 20; ++batch) {
        for (int i = 0; i < 100; ++i) {
          const std::size_t pad = random() % 50 == 0 ? random() % 3'000'000 : random() % 4000;
          producer.add("s" + std::to_string(random() % 20), pad);
        }
        EXPECT_TRUE(producer.run(kPatience));
      }
      --left;
    });
  }
  std::mt19937 random(7);
  int kills = 0;
  while (left > 0 && kills < 12) {
    ASSERT_TRUE(sink.wait_ready());
    std::this_thread::sleep_for(milliseconds(random() % 300));  // the kill's moment is random
    sink.kill();
    sink.start();
    ++kills;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(kills, 3);
  ASSERT_TRUE(sink.wait_ready());  // before, SIGTERM ends it like any program
  EXPECT_EQ(sink.stop(), 0) << sink.output();
  expect_each_once(sink, {producers[0].get(), producers[1].get(), producers[2].get()});
}

TEST(Sink, RefusesASecondSinkOnTheSameRoot) {
  SinkChild first;
  WireProducer producer(first.address(), 1);
  producer.add("s");
  ASSERT_TRUE(producer.run(kPatience));
  SinkChild second({}, first.log_root());
  EXPECT_EQ(second.wait(), 1);
  EXPECT_NE(second.output().find("another sink runs on"), std::string::npos) << second.output();
}

TEST(Sink, NamesTheGapOfAProducerThatLostItsRecords) {
  SinkChild sink;
  WireProducer producer(sink.address(), 1);
  producer.add("s");
  ASSERT_TRUE(producer.run(kPatience));
  for (int i = 0; i < 5; ++i) producer.add("s");
  producer.forget_up_to(4);
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0);
  const RootContent root = read_root(sink.log_root());
  EXPECT_EQ(root.faults, std::vector<std::string>{});
  EXPECT_EQ(root.gap_lines, 1U);
  EXPECT_EQ(root.records.size(), 3U);
}

TEST(Sink, BelievesNothingOfWhoExpectsAnotherSink) {
  SinkChild sink;
  WireProducer producer(sink.address(), 1);
  SinkId other;
  other.bytes.fill(9);
  producer.expect_sink(other);
  producer.add("s");
  ASSERT_TRUE(producer.run_until([](const Watermark&) { return true; }, kPatience));
  EXPECT_FALSE(producer.run(milliseconds(1500)));
  EXPECT_EQ(producer.last()->accepted, Seq{0});
  EXPECT_NE(producer.last()->sink, other);
}

TEST(Sink, SurvivesWhateverIsSentToIt) {
  SinkChild sink;
  {
    WireProducer hostile(sink.address(), 1);
    std::mt19937 random(3);
    const std::string good = encode(hostile.header(MessageKind::record, 1));
    for (int i = 0; i < 2000; ++i) {
      std::string header = i % 2 == 0 ? good : std::string(random() % 200, '\0');
      for (char& c : header) {
        if (random() % 8 == 0) c = static_cast<char>(random());
      }
      if (i % 3 == 0) {
        hostile.send_raw(header, std::nullopt);
      } else {
        hostile.send_raw(header, std::string(random() % 1000, 'x'));
      }
    }
    WireHeader record = hostile.header(MessageKind::record, 1);
    record.crc = crc32c("right") + 1;
    hostile.send_raw(encode(record), "right");
    record.crc = crc32c("right");
    record.pieces = 0;
    hostile.send_raw(encode(record), "right");
    hostile.run_until([](const Watermark&) { return true; }, kPatience);
  }
  WireProducer producer(sink.address(), 2);
  producer.add("s");
  EXPECT_TRUE(producer.run(kPatience)) << sink.output();
  EXPECT_EQ(sink.stop(), 0);
}

TEST(Sink, KeepsABoundedNumberOfFilesOpenOverManySessions) {
  SinkChild sink({"--open-files", "64"});
  WireProducer producer(sink.address(), 1);
  std::size_t most = 0;
  for (int batch = 0; batch < 10; ++batch) {
    for (int i = 0; i < 2'000; ++i) producer.add("session-" + std::to_string(batch * 2'000 + i));
    ASSERT_TRUE(producer.run(kPatience)) << sink.output();
    most = std::max(most, sink.open_descriptors());
  }
  EXPECT_LT(most, 64U + 40U);
  EXPECT_EQ(sink.stop(), 0);
  EXPECT_EQ(read_root(sink.log_root()).files, 20'000U);
}

}  // namespace
}  // namespace albicilla::tests
