#include "sink/store/s3.h"

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"
#include "tests/support/stores/faulty_transport.h"
#include "tests/support/stores/s3_server.h"

namespace albicilla {
namespace {

const AwsCredentials kKeys{"AK", "SK", ""};

class S3Test : public testing::Test {
 protected:
  void SetUp() override {
    options_.endpoint = *parse_endpoint(server_.endpoint());
    options_.bucket = "logs";
    options_.addressing = S3Addressing::path_style;
    options_.credentials = kKeys;
    options_.part_bytes = 1000;
    auto transport = std::make_unique<tests::FaultyTransport>(
        std::make_unique<HttpClient>(HttpClient::Options{options_.endpoint, ""}, pacer_));
    transport_ = transport.get();
    store_ = std::make_unique<S3>(options_, std::move(transport), clock_);
  }
  SourceFile file(std::string_view bytes) {
    tests::write_whole_file(scratch_.path("file"), bytes);
    return *SourceFile::open(disk_, scratch_.path("file"));
  }
  StoreAnswer put(std::string_view bytes) {
    return store_->put("a.jsonl", file(bytes), PutMode::create);
  }

  tests::ScratchDirectory scratch_;
  DiskFileSystem disk_;
  SystemClock clock_;
  Pacer pacer_{clock_, 0};
  tests::S3Server server_{"logs", kKeys};
  S3Options options_;
  tests::FaultyTransport* transport_ = nullptr;
  std::unique_ptr<S3> store_;
};

TEST(S3Host, PutsTheBucketIntoTheNameUnlessToldOtherwise) {
  S3Options options;
  options.endpoint = *parse_endpoint("https://s3.eu-west-1.amazonaws.com");
  options.bucket = "logs";
  EXPECT_EQ(s3_host(options).host, "logs.s3.eu-west-1.amazonaws.com");
  options.addressing = S3Addressing::path_style;
  EXPECT_EQ(s3_host(options).host, "s3.eu-west-1.amazonaws.com");
}

TEST_F(S3Test, LeavesNoPartsBehindWhenAnUploadFails) {
  const std::string bytes(3500, 'x');
  transport_->answer_instead("PUT", {503, {}, "<Error><Code>SlowDown</Code></Error>"});
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::unavailable);
  EXPECT_EQ(server_.unfinished_uploads(), 0U);
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(server_.object("a.jsonl"), bytes);
}

TEST_F(S3Test, CleansUpAfterAnUploadThatACrashCutOff) {
  const std::string bytes(3500, 'x');
  transport_->answer_instead("PUT", {500, {}, ""});
  transport_->answer_instead("DELETE", {500, {}, ""});  // the crash comes before the abort
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::unavailable);
  EXPECT_EQ(server_.unfinished_uploads(), 1U);
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::confirmed);
  EXPECT_EQ(server_.unfinished_uploads(), 0U);
}

TEST_F(S3Test, BelievesNo200ThatHoldsAnError) {
  const std::string bytes(3500, 'x');
  transport_->answer_instead("POST", {200, {}, "<R><UploadId>u</UploadId></R>"});
  // The parts then fail, because the server knows no such upload.
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::unavailable);
  transport_->lose_answer_to("POST");
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::unavailable);
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::confirmed);
}

TEST_F(S3Test, TellsALostRaceFromItsOwnLostAnswer) {
  const std::string bytes = "same";
  // Nothing there when it asks first, and something when it puts.
  server_.put_object("a.jsonl", "other");
  transport_->answer_instead("HEAD", {404, {}, ""});
  EXPECT_EQ(put(bytes).verdict, StoreVerdict::conflict);
  EXPECT_EQ(server_.object("a.jsonl"), "other");
}

TEST_F(S3Test, AsksBeforeItSendsAWholeFileAgain) {
  ASSERT_EQ(put("bytes").verdict, StoreVerdict::confirmed);
  const std::size_t sent = transport_->sent().size();
  EXPECT_EQ(put("bytes").verdict, StoreVerdict::already_there);
  EXPECT_EQ(transport_->sent().size(), sent + 1);
  EXPECT_EQ(transport_->sent().back(), "HEAD /logs/a.jsonl");
}

}  // namespace
}  // namespace albicilla
