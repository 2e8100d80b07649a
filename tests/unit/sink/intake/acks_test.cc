#include "sink/intake/acks.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

ProducerId producer(std::uint8_t byte) {
  ProducerId id;
  id.bytes.fill(byte);
  return id;
}

const SteadyTime kNow{std::chrono::seconds(100)};

TEST(Acks, SaysDurableOnlyWhatWasSynced) {
  ProducerTable producers;
  producers.accept(producer(1), Seq{1}, {});
  Acks acks({SinkId{}, 7, 100, "secret", 50}, producers);
  producers.accept(producer(1), Seq{2}, {});
  Watermark mark = acks.watermark(producer(1));
  EXPECT_EQ(mark.durable, Seq{1});
  EXPECT_EQ(mark.accepted, Seq{2});
  EXPECT_EQ(mark.epoch, 7U);
  EXPECT_EQ(mark.window_bytes, 100U);
  EXPECT_EQ(mark.session_secret, "secret");
  EXPECT_EQ(mark.most_chunks, 50U);
  acks.note_durable(producer(1), Seq{2});
  EXPECT_EQ(acks.watermark(producer(1)).durable, Seq{2});
  EXPECT_EQ(acks.watermark(producer(2)).durable, Seq{0});
}

TEST(Acks, EchoesTheHighestProbeOfTheHighestRound) {
  const ProducerTable producers;
  Acks acks({}, producers);
  const auto echo = [&] {
    const Watermark mark = acks.watermark(producer(1));
    return std::pair(mark.probe.value, mark.round);
  };
  acks.note_probe(producer(1), Seq{5}, 1);
  acks.note_probe(producer(1), Seq{3}, 1);
  EXPECT_EQ(echo(), std::pair(std::uint64_t{5}, 1U));
  acks.note_probe(producer(1), Seq{4}, 2);
  EXPECT_EQ(echo(), std::pair(std::uint64_t{4}, 2U));
  acks.note_probe(producer(1), Seq{9}, 1);
  EXPECT_EQ(echo(), std::pair(std::uint64_t{4}, 2U));
}

TEST(Acks, ForgetsWhoIsSilent) {
  const ProducerTable producers;
  Acks acks({}, producers);
  acks.heard(producer(1), kNow);
  acks.heard(producer(2), kNow + std::chrono::seconds(10));
  std::vector<ProducerId> told;
  acks.for_each_heard(kNow + std::chrono::seconds(5),
                      [&](const ProducerId& id) { told.push_back(id); });
  EXPECT_EQ(told, std::vector<ProducerId>{producer(2)});
}

}  // namespace
}  // namespace albicilla
