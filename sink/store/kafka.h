// Feeds a Kafka topic from the log: every line of a file becomes a message whose key is the line's
// session id, so that one session stays in order on one partition. The producer is idempotent;
// after a crash between a delivery and its note in the ledger lines come again, and every message
// says in its headers (albicilla-file, albicilla-offset) which line it is. librdkafka stays behind
// kafka.cc.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "sink/store/pacer.h"
#include "sink/store/store.h"

namespace albicilla {

struct KafkaOptions {
  std::string brokers;  // "host:9092,host:9092"
  std::string topic;
  std::map<std::string, std::string> settings;  // librdkafka's own, for security and tuning
  std::chrono::milliseconds delivery_timeout{60'000};
};

class KafkaStore final : public Store {
 public:
  // `pacer` must outlive the store. Fails when a setting is not known; reaches no broker yet.
  static Result<std::unique_ptr<KafkaStore>> open(KafkaOptions options, Pacer& pacer);
  ~KafkaStore() override;

  std::string_view name() const override { return "kafka"; }
  StoreAbilities abilities() const override { return {.appends = true, .reads_back = false}; }
  // A topic is only ever appended to: `replace` is unsupported, so is what is compressed (.zst).
  StoreAnswer put(const std::string& name, const SourceFile& file, PutMode mode) override;
  // Whole lines only; `size` is behind the last one that was delivered, also when not all were.
  StoreAnswer append(const std::string& name, const SourceFile& file,
                     std::uint64_t position) override;
  StoreAnswer head(const std::string& name) override;
  StoreAnswer remove(const std::string& name) override;

 private:
  struct Producer;
  explicit KafkaStore(std::unique_ptr<Producer> producer);

  std::unique_ptr<Producer> producer_;
  std::map<std::string, std::uint64_t> begun_;  // puts that were cut off, and how far they came
};

}  // namespace albicilla
