#include "common/io/curve_keys.h"

#include <gtest/gtest.h>

#include "tests/support/scratch_directory.h"

namespace albicilla {
namespace {

class CurveKeysTest : public testing::Test {
 protected:
  tests::ScratchDirectory scratch_;
  DiskFileSystem files_;
  const std::string sink_ = scratch_.path("sink");
  const std::string worker_ = scratch_.path("worker");
};

TEST_F(CurveKeysTest, KeepsAPairThatIsThere) {
  ASSERT_TRUE(make_sink_keys(files_, sink_));
  const auto made = load_sink_keys(files_, sink_);
  ASSERT_TRUE(made);
  EXPECT_TRUE(is_curve_key(made->public_key));
  ASSERT_TRUE(make_sink_keys(files_, sink_));
  EXPECT_EQ(*load_sink_keys(files_, sink_), *made);
}

TEST_F(CurveKeysTest, GivesAWorkerItsOwnPairAndTheKeyOfItsSink) {
  const CurvePair own = make_curve_pair();
  const CurvePair sink = make_curve_pair();
  const CurvePair second = make_curve_pair();
  ASSERT_TRUE(make_worker_keys(files_, worker_, own, sink.public_key));
  ASSERT_TRUE(files_.make_directories(worker_ + "/sinks"));
  tests::write_whole_file(worker_ + "/sinks/loghost_5557.public", second.public_key + "\n");
  const auto any = load_worker_keys(files_, worker_, "tcp://other:5557");
  ASSERT_TRUE(any) << any.error().message;
  EXPECT_EQ(any->own, own);
  EXPECT_EQ(any->sink, sink.public_key);
  EXPECT_EQ(load_worker_keys(files_, worker_, "tcp://loghost:5557")->sink, second.public_key);
  EXPECT_FALSE(make_worker_keys(files_, worker_, own, sink.public_key));
}

TEST_F(CurveKeysTest, RefusesHalvesThatDoNotBelongTogether) {
  ASSERT_TRUE(make_sink_keys(files_, sink_));
  tests::write_whole_file(sink_ + "/sink.public", make_curve_pair().public_key);
  const auto loaded = load_sink_keys(files_, sink_);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("does not belong to"), std::string::npos);
}

TEST_F(CurveKeysTest, AllowsAndForbidsByName) {
  const CurvePair pair = make_curve_pair();
  ASSERT_TRUE(allow_worker(files_, sink_, "web-1", pair.public_key));
  EXPECT_TRUE(allow_worker(files_, sink_, "web-1", pair.public_key));
  EXPECT_FALSE(allow_worker(files_, sink_, "web-1", make_curve_pair().public_key));
  for (const char* name : {"", ".hidden", "a/b", "a b"}) {
    EXPECT_FALSE(allow_worker(files_, sink_, name, pair.public_key)) << name;
  }
  EXPECT_FALSE(allow_worker(files_, sink_, "web-2", "no key"));
  tests::write_whole_file(sink_ + "/workers/broken.public", "no key\n");
  const auto allowed = load_allowed_workers(files_, sink_);
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->names.size(), 1U);
  EXPECT_EQ(allowed->names.at(pair.public_key), "web-1");
  EXPECT_EQ(allowed->unusable, "broken.public");
  EXPECT_TRUE(forbid_worker(files_, sink_, "web-1"));
  EXPECT_FALSE(forbid_worker(files_, sink_, "web-1"));
  EXPECT_TRUE(load_allowed_workers(files_, sink_)->names.empty());
}

}  // namespace
}  // namespace albicilla
