#include "sink/store/kafka.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "common/json/walk.h"

namespace albicilla {

namespace {

constexpr std::size_t kGroupBytes = 1024 * 1024;  // produced and awaited together
constexpr std::size_t kMostLine = 64 * 1024 * 1024;
constexpr int kPollMilliseconds = 100;

std::string what(std::string_view action, const std::string& name) {
  return "kafka: " + std::string(action) + " " + name;
}

// What the delivery reports of one group add up to.
struct Delivery {
  std::size_t waiting = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* const delivery = static_cast<Delivery*>(message->_private);
  if (delivery == nullptr) return;
  --delivery->waiting;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) delivery->error = message->err;
}

StoreVerdict verdict_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return StoreVerdict::refused;
    default:
      return StoreVerdict::unavailable;
  }
}

// Whole lines, newline included, of at least one line or up to kGroupBytes from `offset`.
Result<std::string> read_lines(const SourceFile& file, std::uint64_t offset) {
  for (std::size_t want = kGroupBytes;; want *= 2) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(want, file.size() - offset));
    auto bytes = file.read(offset, size);
    if (!bytes) return bytes;
    const std::size_t end = bytes->rfind('\n');
    if (end != std::string::npos) {
      bytes->resize(end + 1);
      return bytes;
    }
    if (offset + size == file.size()) return std::string();  // a line that is still written
    if (want > kMostLine) return our_error("a line of more than 64 MiB");
  }
}

std::string key_of(std::string_view line, const std::string& name) {
  auto session = json_text(json_member(line, "session_id"));
  return session ? *std::move(session) : name;
}

}  // namespace

struct KafkaStore::Producer {
  KafkaOptions options;
  Pacer& pacer;
  rd_kafka_t* handle = nullptr;

  Producer(KafkaOptions all, Pacer& shared) : options(std::move(all)), pacer(shared) {}
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() { close(); }

  void close() {
    if (handle == nullptr) return;
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(handle, kPollMilliseconds);
    rd_kafka_destroy(handle);
    handle = nullptr;
  }

  Status open() {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    std::map<std::string, std::string> all = {
        {"bootstrap.servers", options.brokers},
        {"client.id", "albicilla-sink"},
        {"enable.idempotence", "true"},
        {"linger.ms", "5"},
        {"message.max.bytes", std::to_string(kMostLine)},
        {"message.timeout.ms", std::to_string(options.delivery_timeout.count())}};
    for (const auto& [key, value] : options.settings) all[key] = value;
    char error[512] = "";
    for (const auto& [key, value] : all) {
      if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error, sizeof(error)) !=
          RD_KAFKA_CONF_OK) {
        rd_kafka_conf_destroy(conf);
        return client_error("kafka setting " + key + ": " + error);
      }
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
    if (handle == nullptr) {
      rd_kafka_conf_destroy(conf);
      return client_error(std::string("kafka: ") + error);
    }
    return {};
  }

  // An idempotent producer that has met a gap in its numbers never recovers; a new one does.
  void renew_after_fatal() {
    char reason[512] = "";
    if (rd_kafka_fatal_error(handle, reason, sizeof(reason)) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    close();
    (void)open().ok();  // the same settings were accepted before
  }

  rd_kafka_resp_err_t produce(std::string_view line, const std::string& name, std::uint64_t offset,
                              Delivery& delivery) {
    const std::string key = key_of(line, name);
    const std::string at = std::to_string(offset);
    while (true) {
      const rd_kafka_resp_err_t error = rd_kafka_producev(
          handle, RD_KAFKA_V_TOPIC(options.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_KEY(key.data(), key.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(line.data()), line.size()),
          RD_KAFKA_V_HEADER("albicilla-file", name.data(), static_cast<ssize_t>(name.size())),
          RD_KAFKA_V_HEADER("albicilla-offset", at.data(), static_cast<ssize_t>(at.size())),
          RD_KAFKA_V_OPAQUE(&delivery), RD_KAFKA_V_END);
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return error;
      if (pacer.stopped()) return RD_KAFKA_RESP_ERR__PURGE_QUEUE;
      rd_kafka_poll(handle, kPollMilliseconds);
    }
  }

  // Produces whole lines and waits until all are delivered or have failed: `delivery` must not die
  // before its reports.
  rd_kafka_resp_err_t send(std::string_view lines, const std::string& name, std::uint64_t offset) {
    Delivery delivery;
    while (!lines.empty() && delivery.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::size_t end = lines.find('\n');
      if (end > 0) {
        const rd_kafka_resp_err_t error = produce(lines.substr(0, end), name, offset, delivery);
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
          ++delivery.waiting;
        } else {
          delivery.error = error;
        }
      }
      offset += end + 1;
      lines.remove_prefix(end + 1);
    }
    while (delivery.waiting > 0) {
      if (pacer.stopped()) {
        rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
      }
      rd_kafka_poll(handle, kPollMilliseconds);
    }
    return delivery.error;
  }
};

KafkaStore::KafkaStore(std::unique_ptr<Producer> producer) : producer_(std::move(producer)) {}

KafkaStore::~KafkaStore() = default;

Result<std::unique_ptr<KafkaStore>> KafkaStore::open(KafkaOptions options, Pacer& pacer) {
  auto producer = std::make_unique<Producer>(std::move(options), pacer);
  Status status = producer->open();
  if (!status) return status.error();
  return std::unique_ptr<KafkaStore>(new KafkaStore(std::move(producer)));
}

StoreAnswer KafkaStore::append(const std::string& name, const SourceFile& file,
                               std::uint64_t position) {
  while (position < file.size()) {
    const auto lines = read_lines(file, position);
    if (!lines) {
      return {StoreVerdict::unavailable, position, "",
              what("append", name) + ": " + lines.error().message};
    }
    if (lines->empty()) break;
    if (!producer_->pacer.wait_to_send(lines->size())) {
      return {StoreVerdict::unavailable, position, "", what("append", name) + ": shutting down"};
    }
    const rd_kafka_resp_err_t error = producer_->send(*lines, name, position);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      producer_->renew_after_fatal();
      return {verdict_of(error), position, "",
              what("append", name) + ": " + rd_kafka_err2str(error)};
    }
    position += lines->size();
  }
  return {StoreVerdict::confirmed, position, "", ""};
}

StoreAnswer KafkaStore::put(const std::string& name, const SourceFile& file, PutMode mode) {
  if (mode == PutMode::replace || name.ends_with(".zst")) {
    return {StoreVerdict::unsupported, 0, "",
            what("put", name) + ": a topic takes plain lines and keeps them"};
  }
  std::uint64_t& done = begun_[name];
  StoreAnswer answer = append(name, file, done);
  done = answer.size;
  if (answer.holds() && answer.size != file.size()) {
    answer.verdict = StoreVerdict::unavailable;
    answer.message = what("put", name) + ": the last line has no end";
  }
  if (answer.holds()) begun_.erase(name);
  return answer;
}

StoreAnswer KafkaStore::head(const std::string& name) {
  return {StoreVerdict::unsupported, 0, "", what("head", name) + ": a topic is not looked into"};
}

StoreAnswer KafkaStore::remove(const std::string& name) {
  return {StoreVerdict::unsupported, 0, "", what("remove", name) + ": a topic's retention removes"};
}

}  // namespace albicilla
