// Against librdkafka's own mock cluster: brokers on the loopback that speak the protocol. It shows
// what the producer does, not what a real cluster's disks do.
#include "sink/store/kafka.h"

#include <map>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

constexpr const char* kTopic = "albicilla";
constexpr int kPartitions = 4;

// Brokers, and a consumer that reads everything.
class MockCluster {
 public:
  MockCluster() {
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(handle_, 3);
    rd_kafka_mock_topic_create(cluster_, kTopic, kPartitions, 3);
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  rd_kafka_mock_cluster_t* get() const { return cluster_; }

  struct Message {
    std::string key;
    std::string value;
    std::string file;
    std::string offset;
    int partition = 0;
  };

  // Until `count` messages have come or nothing does for a while.
  std::vector<Message> consume(std::size_t count) const {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers());
    set(conf, "group.id", "reader");
    set(conf, "auto.offset.reset", "earliest");
    rd_kafka_t* const consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t* const all = rd_kafka_topic_partition_list_new(kPartitions);
    for (int i = 0; i < kPartitions; ++i) {
      rd_kafka_topic_partition_list_add(all, kTopic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_assign(consumer, all);
    rd_kafka_topic_partition_list_destroy(all);
    std::vector<Message> messages;
    for (int silent = 0; messages.size() < count && silent < 100;) {
      rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer, 100);
      if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        messages.push_back(read(message));
      } else {
        ++silent;
      }
      if (message != nullptr) rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return messages;
  }

 private:
  static void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0);
  }
  static std::string header(const rd_kafka_message_t* message, const char* name) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return "";
    rd_kafka_header_get_last(headers, name, &value, &size);
    return {static_cast<const char*>(value), size};
  }
  static Message read(const rd_kafka_message_t* message) {
    return {{static_cast<const char*>(message->key), message->key_len},
            {static_cast<const char*>(message->payload), message->len},
            header(message, "albicilla-file"),
            header(message, "albicilla-offset"),
            message->partition};
  }

  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

std::string line(const std::string& session, int number) {
  return R"({"timestamp":"t","session_id":")" + session + R"(","request":)" +
         std::to_string(number) + "}\n";
}

class KafkaTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = KafkaStore::open({cluster_.brokers(), kTopic, {}, kTimeout}, pacer_);
    ASSERT_TRUE(store) << store.error().message;
    store_ = *std::move(store);
  }
  SourceFile file(std::string_view bytes) {
    tests::write_whole_file(scratch_.path("file"), bytes);
    return *SourceFile::open(disk_, scratch_.path("file"));
  }

  static constexpr std::chrono::milliseconds kTimeout{20'000};
  tests::ScratchDirectory scratch_;
  DiskFileSystem disk_;
  SystemClock clock_;
  Pacer pacer_{clock_, 0};
  MockCluster cluster_;
  std::unique_ptr<KafkaStore> store_;
};

TEST_F(KafkaTest, MakesAMessageOfEveryLineKeyedByItsSession) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += line("s" + std::to_string(i % 7), i);
  const StoreAnswer put = store_->put("2026-01-13/a.jsonl", file(bytes), PutMode::create);
  ASSERT_EQ(put.verdict, StoreVerdict::confirmed) << put.message;
  const auto messages = cluster_.consume(300);
  ASSERT_EQ(messages.size(), 300U);
  std::map<std::string, std::string> by_session;
  std::map<std::string, int> partition_of;
  for (const auto& message : messages) {
    EXPECT_EQ(message.file, "2026-01-13/a.jsonl");
    EXPECT_EQ(bytes.substr(std::stoul(message.offset), message.value.size()), message.value);
    by_session[message.key] += message.value + "\n";
    const auto known = partition_of.try_emplace(message.key, message.partition).first;
    EXPECT_EQ(known->second, message.partition) << message.key;
  }
  for (int session = 0; session < 7; ++session) {
    std::string wanted;
    const std::string key = "s" + std::to_string(session);
    for (int i = session; i < 300; i += 7) wanted += line(key, i);
    EXPECT_EQ(by_session[key], wanted);  // in order, once
  }
}

TEST_F(KafkaTest, SendsWhatAFileHasGainedAndNoHalfLine) {
  const std::string one = line("s", 1);
  const std::string two = line("s", 2);
  const StoreAnswer first = store_->append("f", file(one + two.substr(0, 10)), 0);
  EXPECT_EQ(first.verdict, StoreVerdict::confirmed);
  EXPECT_EQ(first.size, one.size());
  const StoreAnswer second = store_->append("f", file(one + two), first.size);
  EXPECT_EQ(second.size, one.size() + two.size());
  const auto messages = cluster_.consume(2);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[1].value + "\n", two);
}

TEST_F(KafkaTest, SendsNothingTwiceWhenABrokerAnswersWithErrors) {
  const rd_kafka_resp_err_t retried = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
  rd_kafka_mock_push_request_errors(cluster_.get(), 0 /* Produce */, 4, retried, retried, retried,
                                    retried);
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += line("s", i);
  const StoreAnswer put = store_->put("f", file(bytes), PutMode::create);
  ASSERT_EQ(put.verdict, StoreVerdict::confirmed) << put.message;
  const auto messages = cluster_.consume(51);
  ASSERT_EQ(messages.size(), 50U);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].value + "\n", line("s", static_cast<int>(i)));
  }
}

TEST_F(KafkaTest, TakesALineWithoutASessionByTheNameOfItsFile) {
  ASSERT_EQ(
      store_->put("events/events.jsonl", file("{\"request_id\":1}\n"), PutMode::create).verdict,
      StoreVerdict::confirmed);
  const auto messages = cluster_.consume(1);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].key, "events/events.jsonl");
}

TEST_F(KafkaTest, SaysWhatATopicCannotDo) {
  EXPECT_EQ(store_->put("f", file("x\n"), PutMode::replace).verdict, StoreVerdict::unsupported);
  EXPECT_EQ(store_->put("f.zst", file("x\n"), PutMode::create).verdict, StoreVerdict::unsupported);
  EXPECT_EQ(store_->head("f").verdict, StoreVerdict::unsupported);
  EXPECT_EQ(store_->remove("f").verdict, StoreVerdict::unsupported);
}

TEST_F(KafkaTest, GivesUpWhenItIsToldToStop) {
  auto nowhere = KafkaStore::open({"127.0.0.1:1", kTopic, {}, std::chrono::hours(1)}, pacer_);
  ASSERT_TRUE(nowhere);
  pacer_.stop();
  EXPECT_EQ((*nowhere)->put("f", file(line("s", 1)), PutMode::create).verdict,
            StoreVerdict::unavailable);
}

TEST_F(KafkaTest, IsUnavailableWhileNoBrokerAnswers) {
  auto nowhere =
      KafkaStore::open({"127.0.0.1:1", kTopic, {}, std::chrono::milliseconds(300)}, pacer_);
  ASSERT_TRUE(nowhere);
  const StoreAnswer put = (*nowhere)->put("f", file(line("s", 1)), PutMode::create);
  EXPECT_EQ(put.verdict, StoreVerdict::unavailable) << put.message;
}

}  // namespace
}  // namespace albicilla
