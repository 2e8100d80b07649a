#include "proxy/outbox/outbox.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/outbox_fixture.h"

namespace albicilla {
namespace {

using tests::OutboxFixture;

std::string middle(const std::string& request, const std::string& response) {
  return "\"request\":\"" + request + "\",\"response\":\"" + response +
         "\",\"exchange\":{\"ending\":\"complete\",\"status\":200,\"error\":\"\"}";
}

class OutboxTest : public ::testing::Test, public OutboxFixture {};

TEST_F(OutboxTest, BringsAnExchangeToTheSinkAndLetsGoOfItWhenAcknowledged) {
  sink.start();
  start_outbox();
  ExchangeId id;
  run([&]() -> Task<void> {
    id = co_await exchange("ask", "answer");
    EXPECT_TRUE(outbox().accepting());
  });
  ASSERT_TRUE(sink.wait_for(1));
  const auto taken = sink.taken();
  EXPECT_EQ(taken[0].exchange, id);
  EXPECT_EQ(taken[0].seq, Seq{1});
  EXPECT_EQ(taken[0].middle, middle("ask", "answer"));
  EXPECT_EQ(taken[0].naming.session_hint, "session");
  ASSERT_TRUE(run_until([&] { return outbox().stats().acknowledged_records == 1; }));
  EXPECT_TRUE(outbox().stats().sinks_reached);
  EXPECT_EQ(outbox().session_secret(), "secret of the little sink");
  stop_outbox();
  EXPECT_TRUE(segments().empty());
}

}  // namespace
}  // namespace albicilla
