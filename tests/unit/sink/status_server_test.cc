#include "sink/status_server.h"

#include <httplib.h>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(StatusServer, AnswersHealthAndMetrics) {
  SinkCounters counters;
  counters.records = 42;
  auto server = StatusServer::start("127.0.0.1:0", counters);
  ASSERT_TRUE(server) << server.error().message;
  httplib::Client client("127.0.0.1", (*server)->port());
  const auto health = client.Get("/healthz");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->body, "{\"ok\":true,\"started\":false,\"accepting\":false}\n");
  const auto metrics = client.Get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_NE(metrics->body.find("\nalbicilla_sink_records_total 42\n"), std::string::npos);
  EXPECT_NE(metrics->body.find("\nalbicilla_sink_accepting 0\n"), std::string::npos);
}

TEST(StatusServer, LooksAtTheDiskWhenItIsAsked) {
  SinkCounters counters;
  auto server =
      StatusServer::start("127.0.0.1:0", counters, [&counters] { counters.free_bytes = 0.25; });
  ASSERT_TRUE(server);
  const auto metrics = httplib::Client("127.0.0.1", (*server)->port()).Get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_NE(metrics->body.find("\nalbicilla_sink_disk_free_ratio 0.25"), std::string::npos);
}

TEST(StatusServer, SaysWhenItsPortIsTaken) {
  SinkCounters counters;
  auto first = StatusServer::start("127.0.0.1:0", counters);
  ASSERT_TRUE(first);
  EXPECT_FALSE(StatusServer::start("127.0.0.1:" + std::to_string((*first)->port()), counters));
  EXPECT_FALSE(StatusServer::start("nowhere", counters));
  EXPECT_FALSE(StatusServer::start(":80", counters));
  EXPECT_FALSE(StatusServer::start("127.0.0.1:99999", counters));
}

}  // namespace
}  // namespace albicilla
