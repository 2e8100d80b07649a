#include "sink/store/uploader.h"

#include <deque>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>

#include "sink/store/local.h"
#include "sink/store/s3.h"
#include "tests/support/scratch_directory.h"
#include "tests/support/stores/s3_server.h"

namespace albicilla {
namespace {

using namespace std::chrono_literals;
using tests::ScratchDirectory;

constexpr std::chrono::milliseconds kBound{20'000};
constexpr UploadPace kQuick{1ms, 5ms, 600'000ms};

// Every *.jsonl below a directory, sealed unless its name says "open".
class FolderSource final : public UploadSource {
 public:
  explicit FolderSource(std::string root) : root_(std::move(root)) {}
  Result<std::vector<UploadFile>> files() override {
    std::vector<UploadFile> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      if (entry.path().extension() != ".jsonl") continue;
      const std::string name = std::filesystem::relative(entry.path(), root_).string();
      found.push_back({entry.path().string(), name,
                       name.starts_with("open") ? UploadKind::growing : UploadKind::whole});
    }
    return found;
  }

 private:
  std::string root_;
};

// A store that answers as it is told, and then as the store below it.
class ToldStore final : public Store {
 public:
  explicit ToldStore(Store& below) : below_(below) {}
  std::deque<StoreAnswer> answers;  // used up first, before the store below hears of it
  std::function<void()> on_put;
  std::atomic<int> puts{0};

  std::string_view name() const override { return "told"; }
  StoreAbilities abilities() const override { return below_.abilities(); }
  StoreAnswer put(const std::string& name, const SourceFile& file, PutMode mode) override {
    puts += 1;
    if (on_put) on_put();
    if (!answers.empty()) {
      StoreAnswer answer = answers.front();
      answers.pop_front();
      return answer;
    }
    return below_.put(name, file, mode);
  }
  StoreAnswer append(const std::string& name, const SourceFile& file,
                     std::uint64_t position) override {
    if (late_appends > 0) {
      --late_appends;
      return {StoreVerdict::other_position, position, "", "an append is on its way"};
    }
    StoreAnswer answer = below_.append(name, file, position);
    if (lose_append) {
      lose_append = false;
      return {StoreVerdict::unavailable, 0, "", "the answer got lost"};
    }
    return answer;
  }
  StoreAnswer head(const std::string& name) override { return below_.head(name); }
  StoreAnswer remove(const std::string& name) override { return below_.remove(name); }
  bool lose_append = false;
  int late_appends = 0;

 private:
  Store& below_;
};

class UploaderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_);
    restart();
  }
  // As a new process would: nothing is kept but the disk.
  void restart() {
    uploader_.reset();
    auto ledger = UploadLedger::open(disk_, scratch_.path("ledger"));
    ASSERT_TRUE(ledger);
    ledger_ = *std::move(ledger);
    pacer_ = std::make_unique<Pacer>(clock_, 0);
    below_ = std::make_unique<LocalStore>(scratch_.path("store"), disk_, *pacer_);
    auto told = std::make_unique<ToldStore>(*below_);
    if (store_) told->answers = store_->answers;
    store_ = std::move(told);
    uploader_ =
        std::make_unique<Uploader>(UploadParts{*store_, source_, *ledger_, disk_, *pacer_}, kQuick);
  }
  void write(const std::string& name, std::string_view bytes) {
    tests::write_whole_file(root_ + "/" + name, bytes);
  }
  UploadFile file(const std::string& name, UploadKind kind = UploadKind::whole) {
    return {root_ + "/" + name, name, kind};
  }
  std::string stored(const std::string& name) {
    const std::string path = scratch_.path("store/" + name);
    return std::filesystem::exists(path) ? tests::bytes_of_file(path) : "nothing";
  }

  ScratchDirectory scratch_;
  const std::string root_ = scratch_.path("logs");
  DiskFileSystem disk_;
  SystemClock clock_;
  FolderSource source_{root_};
  std::unique_ptr<UploadLedger> ledger_;
  std::unique_ptr<Pacer> pacer_;
  std::unique_ptr<LocalStore> below_;
  std::unique_ptr<ToldStore> store_;
  std::unique_ptr<Uploader> uploader_;
};

TEST_F(UploaderTest, FindsWhatIsOnTheDiskWhenItStarts) {
  write("a.jsonl", "aa");
  write("b.jsonl", "b");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "aa");
  EXPECT_EQ(stored("b.jsonl"), "b");
  EXPECT_TRUE(uploader_->confirmed("a.jsonl", 2));
  EXPECT_FALSE(uploader_->confirmed("a.jsonl", 3));
  EXPECT_EQ(uploader_->counters().files_total, 2U);
  EXPECT_EQ(uploader_->counters().bytes_total, 3U);
}

TEST_F(UploaderTest, TakesWhatIsSealedWhileItRuns) {
  uploader_->start();
  write("a.jsonl", "aa");
  uploader_->enqueue(file("a.jsonl"));
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "aa");
}

TEST_F(UploaderTest, AsksTheStoreNothingAboutWhatTheLedgerKnows) {
  write("a.jsonl", "aa");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  restart();
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(store_->puts, 0);
  EXPECT_TRUE(uploader_->confirmed("a.jsonl", 2));
}

TEST_F(UploaderTest, TriesAgainUntilTheStoreTakesIt) {
  write("a.jsonl", "aa");
  for (int i = 0; i < 5; ++i) {
    store_->answers.push_back({StoreVerdict::unavailable, 0, "", "status 503"});
  }
  store_->answers.push_back({StoreVerdict::refused, 0, "", "status 403"});
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "aa");
  EXPECT_EQ(uploader_->counters().failures_total, 6U);
  EXPECT_FALSE(uploader_->counters().refused);
}

TEST_F(UploaderTest, LeavesNoOtherFileBehindOneThatFails) {
  write("a.jsonl", "a");
  write("b.jsonl", "b");
  store_->answers.push_back({StoreVerdict::unavailable, 0, "", "this one only"});
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "a");
  EXPECT_EQ(stored("b.jsonl"), "b");
}

TEST_F(UploaderTest, GoesOnAfterARestartInTheMiddle) {
  write("a.jsonl", "aa");
  store_->answers.assign(1000, {StoreVerdict::unavailable, 0, "", "down"});
  uploader_->start();
  while (uploader_->counters().failures_total == 0) std::this_thread::yield();
  uploader_->stop();
  EXPECT_FALSE(uploader_->confirmed("a.jsonl", 2));
  store_->answers.clear();
  restart();
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "aa");
}

TEST_F(UploaderTest, GivesUpAConflictAndKeepsBothSides) {
  write("a.jsonl", "ours");
  std::filesystem::create_directories(scratch_.path("store"));
  tests::write_whole_file(scratch_.path("store/a.jsonl"), "theirs");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "theirs");
  EXPECT_EQ(tests::bytes_of_file(root_ + "/a.jsonl"), "ours");
  EXPECT_EQ(uploader_->counters().conflicts_total, 1U);
  EXPECT_FALSE(uploader_->confirmed("a.jsonl", 4));
}

TEST_F(UploaderTest, ReplacesAFileOfItsOwnThatErasureRewrote) {
  write("a.jsonl", "a secret");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  write("a.jsonl", "erased");
  uploader_->enqueue(file("a.jsonl"));
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "erased");
  write("a.jsonl", "longer than before");
  restart();
  uploader_->start();  // found by the scan alone: its size is another one
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("a.jsonl"), "longer than before");
}

TEST_F(UploaderTest, AppendsWhatAGrowingFileHasGained) {
  write("open.jsonl", "one\n");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  write("open.jsonl", "one\ntwo\n");
  store_->lose_append = true;  // it arrives, but nobody hears of it
  uploader_->enqueue(file("open.jsonl", UploadKind::growing));
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("open.jsonl"), "one\ntwo\n");
  EXPECT_EQ(uploader_->counters().failures_total, 1U);
  write("open.jsonl", "one\ntwo\nthree\n");
  restart();
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("open.jsonl"), "one\ntwo\nthree\n");
}

TEST_F(UploaderTest, ForgetsAFileThatRetentionHasTaken) {
  write("a.jsonl", "a");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  std::filesystem::remove(root_ + "/a.jsonl");
  restart();
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  uploader_->stop();
  EXPECT_EQ(ledger_->size(), 0U);
}

TEST_F(UploaderTest, EndsInTheMiddleOfAPacedTransfer) {
  write("a.jsonl", std::string(4'000'000, 'x'));
  uploader_.reset();
  pacer_ = std::make_unique<Pacer>(clock_, 1000);  // would take more than an hour
  below_ = std::make_unique<LocalStore>(scratch_.path("store"), disk_, *pacer_);
  ToldStore store(*below_);
  Uploader uploader({store, source_, *ledger_, disk_, *pacer_}, kQuick);
  uploader.start();
  while (store.puts == 0) std::this_thread::yield();
  uploader.stop();
  EXPECT_EQ(stored("a.jsonl"), "nothing");
  EXPECT_FALSE(uploader.confirmed("a.jsonl", 4'000'000));
}

TEST_F(UploaderTest, EndsWhileAServerDoesNotAnswer) {
  const AwsCredentials keys{"AK", "SK", ""};
  tests::S3Server server("logs", keys);
  server.hold();
  S3Options options;
  options.endpoint = *parse_endpoint(server.endpoint());
  options.bucket = "logs";
  options.addressing = S3Addressing::path_style;
  options.credentials = keys;
  S3 store(options,
           std::make_unique<HttpClient>(HttpClient::Options{options.endpoint, ""}, *pacer_),
           clock_);
  ToldStore told(store);
  write("a.jsonl", "a");
  Uploader uploader({told, source_, *ledger_, disk_, *pacer_}, kQuick);
  uploader.start();
  while (told.puts == 0) std::this_thread::yield();
  const auto before = std::chrono::steady_clock::now();
  store.interrupt();
  uploader.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 15s);
  server.release();
}

TEST(ObjectName, KeepsPredecessorsNamesAtTheRoot) {
  EXPECT_EQ(object_name("user_model_day", "gpt-4_20241021.jsonl"), "gpt-4_20241021.jsonl");
  EXPECT_EQ(object_name("session", "2026-01-13/s.jsonl.zst"), "2026-01-13/s.jsonl.zst");
  EXPECT_EQ(object_name("events", "events.jsonl"), "events/events.jsonl");
}

TEST_F(UploaderTest, LooksAgainWhenAnAppendOfAProcessBeforeIsOnItsWay) {
  write("open.jsonl", "aa");
  store_->late_appends = 3;
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("open.jsonl"), "aa");
  EXPECT_EQ(uploader_->counters().conflicts_total, 0U);
}

TEST_F(UploaderTest, GivesUpAGrowingFileThatHasBecomeShorter) {
  write("open.jsonl", "aaaa");
  uploader_->start();
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  ASSERT_EQ(stored("open.jsonl"), "aaaa");
  write("open.jsonl", "b");
  uploader_->enqueue(file("open.jsonl", UploadKind::growing));
  ASSERT_TRUE(uploader_->wait_until_idle(kBound));
  EXPECT_EQ(stored("open.jsonl"), "aaaa");
  EXPECT_EQ(uploader_->counters().conflicts_total, 1U);
}

}  // namespace
}  // namespace albicilla
