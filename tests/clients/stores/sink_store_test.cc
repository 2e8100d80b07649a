// The sink as a process that brings its days to a real server: killed on the way, slow, with a
// wrong key, an expired certificate, a full store, a lost ledger. In the end every object has the
// bytes of its file, and no file is gone.
#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/id128.h"
#include "tests/clients/stores/store_environment.h"
#include "tests/support/pipeline/pipeline.h"
#include "tests/support/sink_child.h"

namespace albicilla::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using support::eventually;
using testing::HasSubstr;

constexpr milliseconds kPatience{120'000};
constexpr const char* kSlow = "1500000";  // bytes a second: a few seconds for what a test writes

class SinkStore : public testing::Test {
 protected:
  void SetUp() override {
    set_key(from_environment("STORE_KEY"));
    ::setenv(store_is_azure() ? "AZURE_STORAGE_ACCOUNT_NAME" : "AWS_ACCESS_KEY_ID",
             from_environment("STORE_ACCOUNT").c_str(), 1);
  }
  static void set_key(const std::string& key) {
    ::setenv(store_is_azure() ? "AZURE_STORAGE_ACCOUNT_KEY" : "AWS_SECRET_ACCESS_KEY", key.c_str(),
             1);
  }

  std::vector<std::string> flags(const std::string& endpoint, const char* rate = "0",
                                 const std::string& more = {}) const {
    std::string store = store_is_azure() ? "azure_blob:container=" : "s3:path_style=true,bucket=";
    store += from_environment("STORE_ROOM") + ",prefix=" + prefix_ + ",endpoint=" + endpoint + more;
    return {"--store",      store,
            "--store-rate", rate,
            "--layout",     "user_model_day:" + place(),
            "--http",       "127.0.0.1:" + std::to_string(http_)};
  }
  std::vector<std::string> flags() const { return flags(from_environment("STORE_ENDPOINT")); }

  std::uint64_t metric(const std::string& name) const {
    const std::string page = "\n" + support::ask(http_, {.target = "/metrics"}).body;
    const std::string row = "\nalbicilla_sink_" + name + " ";
    const std::size_t at = page.find(row);
    return at == std::string::npos ? UINT64_MAX : std::stoull(page.substr(at + row.size()));
  }

  // A day that is over.
  void fill_day(SinkChild& sink, std::uint8_t number) {
    WireProducer producer(sink.address(), number);
    producer.date(SystemClock().wall() - std::chrono::hours(72));
    for (int i = 0; i < 240; ++i) producer.add("s" + std::to_string(i % 30), 20'000);
    ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  }
  void fill_today(SinkChild& sink, std::uint8_t number) {
    WireProducer producer(sink.address(), number);
    for (int i = 0; i < 40; ++i) producer.add("today", 5'000);
    ASSERT_TRUE(producer.run(kPatience)) << sink.output();
  }

  // Local files that the store should hold: of sealed days, and the layout's where it appends.
  std::map<std::string, std::string> wanted() const {
    std::map<std::string, std::string> files;
    const std::string today = utc_day(SystemClock().wall());
    const auto add_all = [&](const std::string& root, bool open_too) {
      if (!fs::exists(root)) return;
      for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const std::string name = fs::relative(entry.path(), root).string();
        if (!entry.is_regular_file() || (!open_too && name.starts_with(today))) continue;
        if (!open_too && !name.starts_with("20")) continue;  // the sink's own
        files[name] = bytes_of_file(entry.path().string());
      }
    };
    add_all(root(), false);
    if (store_is_azure()) add_all(place(), true);
    return files;
  }
  std::string differences() const {
    const auto store = store_of_environment();
    std::string all;
    for (const auto& [name, bytes] : wanted()) {
      const auto stored = store->bytes(prefix_ + name);
      if (stored && *stored == bytes) continue;
      all += name + ": " + (stored ? std::to_string(stored->size()) : "nothing") + " of " +
             std::to_string(bytes.size()) + " bytes; ";
    }
    return all;
  }
  // Until the sink says that all is there; then looks.
  void expect_everything_there(const SinkChild& sink) {
    std::string differ;
    EXPECT_TRUE(eventually(
        [&] {
          if (metric("uploads_waiting") != 0) return false;
          differ = differences();
          return differ.empty();
        },
        kPatience))
        << differ << sink.output();
    EXPECT_GE(wanted().size(), 30U);
    EXPECT_EQ(metric("upload_conflicts_total"), 0U);
    EXPECT_EQ(metric("stores_refusing"), 0U);
  }
  void wait_sealed(const SinkChild& sink) {
    EXPECT_TRUE(eventually([&] { return sink.output().find("days sealed") != std::string::npos; },
                           kPatience))
        << sink.output();
  }

  std::string root() const { return scratch_.path("logs"); }
  std::string place() const { return scratch_.path("place"); }

  ScratchDirectory scratch_;
  const std::string prefix_ = hex_text(random_bytes16()) + "/";
  const std::uint16_t http_ = support::free_port();
};

TEST_F(SinkStore, GetsEveryByteOverKillsAndALostLedger) {
  SinkChild sink(flags(from_environment("STORE_ENDPOINT"), kSlow), root());
  fill_day(sink, 1);
  wait_sealed(sink);
  for (int kill = 0; kill < 3; ++kill) {
    const std::uint64_t before = metric("uploaded_files_total");
    EXPECT_TRUE(eventually([&] { return metric("uploaded_files_total") > before; }, kPatience));
    sink.kill();
    sink.start();
    ASSERT_TRUE(sink.wait_ready());
    fill_today(sink, static_cast<std::uint8_t>(10 + kill));
  }
  EXPECT_EQ(sink.stop(), 0);
  sink.set_flags(flags());
  sink.start();
  ASSERT_TRUE(sink.wait_ready());
  expect_everything_there(sink);
  EXPECT_EQ(sink.stop(), 0);

  // Nothing is known of what arrived: nothing may be there twice.
  fs::remove_all(root() + "/.sink/stores");
  sink.start();
  ASSERT_TRUE(sink.wait_ready());
  fill_today(sink, 20);
  expect_everything_there(sink);
  EXPECT_GT(metric("uploaded_files_total"), 0U);
}

TEST_F(SinkStore, SaysThatAKeyIsWrongAndGoesOnWithTheRightOne) {
  set_key(store_is_azure() ? "d3Jvbmc=" : "wrong");
  SinkChild sink(flags(), root());
  fill_day(sink, 1);
  fill_today(sink, 2);
  EXPECT_TRUE(eventually([&] { return metric("stores_refusing") == 1; }, kPatience))
      << sink.output();
  EXPECT_GT(metric("upload_failures_total"), 0U);
  EXPECT_GT(metric("uploads_waiting"), 0U);
  EXPECT_THAT(sink.output(), HasSubstr("verdict=refused"));
  EXPECT_THAT(sink.output(), HasSubstr("403"));
  EXPECT_THAT(sink.output(), testing::Not(HasSubstr("d3Jvbmc=")));
  EXPECT_EQ(sink.stop(), 0);
  set_key(from_environment("STORE_KEY"));
  sink.start();
  ASSERT_TRUE(sink.wait_ready());
  expect_everything_there(sink);
}

TEST_F(SinkStore, TrustsNoExpiredCertificate) {
  const std::string expired = from_environment("STORE_EXPIRED_ENDPOINT");
  ASSERT_FALSE(expired.empty()) << "the script that runs this sets STORE_EXPIRED_ENDPOINT";
  SinkChild sink(flags(expired, "0", ",ca_file=" + from_environment("STORE_EXPIRED_CA")), root());
  fill_day(sink, 1);
  EXPECT_TRUE(eventually([&] { return metric("upload_failures_total") > 0; }, kPatience))
      << sink.output();
  EXPECT_THAT(sink.output(), HasSubstr("certificate"));
  EXPECT_EQ(metric("uploaded_bytes_total"), 0U);
  EXPECT_EQ(sink.stop(), 0);
  sink.set_flags(flags());
  sink.start();
  ASSERT_TRUE(sink.wait_ready());
  expect_everything_there(sink);
}

TEST_F(SinkStore, WaitsForAStoreThatIsFull) {
  const std::string full = from_environment("STORE_FULL_ENDPOINT");
  ASSERT_FALSE(full.empty()) << "the script that runs this sets STORE_FULL_ENDPOINT";
  SinkChild sink(flags(full), root());
  fill_day(sink, 1);
  EXPECT_TRUE(eventually([&] { return metric("upload_failures_total") > 0; }, kPatience))
      << sink.output();
  EXPECT_GT(metric("uploads_waiting"), 0U);
  ASSERT_EQ(std::system(from_environment("STORE_MAKE_ROOM").c_str()), 0);
  ::setenv("STORE_ENDPOINT", full.c_str(), 1);
  expect_everything_there(sink);
}

}  // namespace
}  // namespace albicilla::tests

int main(int argc, char** argv) {
  if (std::getenv("STORE") == nullptr) {
    std::fputs("sink_store_test: no STORE in the environment; azurite.sh and ceph.sh set it\n",
               stderr);
    return 2;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
