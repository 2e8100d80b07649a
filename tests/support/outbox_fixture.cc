#include "tests/support/outbox_fixture.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

namespace albicilla::tests {

namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kTurn{5};
constexpr std::chrono::milliseconds kLongestTurn{100};

}  // namespace

RenderedRecord plain_middle(const ExchangeFacts& facts, const RenderOrder& order) {
  RenderedRecord record;
  record.middle = "\"request\":\"" + facts.request_body + "\",\"response\":\"" +
                  facts.response_body + "\",\"exchange\":{\"ending\":\"" +
                  std::string(to_string(facts.closed.ending)) +
                  "\",\"status\":" + std::to_string(facts.closed.status) + ",\"error\":\"" +
                  facts.closed.error + "\"}";
  if (order.raw) record.middle += ",\"raw\":true";
  record.naming.started_at = facts.opened.started_at;
  record.naming.closed_at = facts.closed.closed_at;
  record.naming.session_hint = facts.opened.session_hint;
  record.naming.session_source = facts.opened.session_source;
  record.naming.dialect = facts.opened.dialect;
  return record;
}

OutboxFixture::OutboxFixture()
    : sink(scratch.path()), loop_(std::make_unique<boost::asio::io_context>(1)) {
  config.spool_directory = scratch.path("spool");
  config.sinks = {sink.address()};
  config.segment_bytes = std::uint64_t{1} << 20;
  config.spool_limit_bytes = std::uint64_t{64} << 20;
  config.sink_policy.timing = {std::chrono::milliseconds(100), std::chrono::milliseconds(100),
                               std::chrono::milliseconds(1000)};
  config.sink_policy.first_backoff = std::chrono::milliseconds(50);
  config.sink_policy.longest_backoff = std::chrono::milliseconds(400);
  config.slot_patience = std::chrono::milliseconds(100);
}

OutboxFixture::~OutboxFixture() {
  outbox_.reset();
  sink.stop();
}

void OutboxFixture::start_outbox(FileSystem* files) {
  auto started = Outbox::start(config, {*loop_, files == nullptr ? disk : *files, clock, render,
                                        [this](const Error& error) { broken.push_back(error); }});
  ASSERT_TRUE(started) << started.error().message;
  outbox_ = std::move(*started);
}

void OutboxFixture::stop_outbox(std::chrono::milliseconds patience) {
  if (!outbox_) return;
  outbox_->stop(patience);
  outbox_.reset();
  loop_ = std::make_unique<boost::asio::io_context>(1);
}

void OutboxFixture::abandon_outbox() {
  outbox_.reset();  // without stop(): what only an orderly end says stays unsaid
  loop_ = std::make_unique<boost::asio::io_context>(1);
}

void OutboxFixture::run(std::function<Task<void>()> task) {
  bool done = false;
  boost::asio::co_spawn(
      *loop_,
      [&]() -> Task<void> {
        co_await task();
        done = true;
      },
      boost::asio::detached);
  EXPECT_TRUE(run_until([&] { return done; }));
}

bool OutboxFixture::run_until(const std::function<bool()>& done) {
  // A loop without work comes back at once: asking it again and again would take the processor from
  // the threads that are waited for.
  const auto work = boost::asio::make_work_guard(*loop_);
  // A turn that took long was spent without a processor, by the others too: it counts as a short
  // one.
  std::chrono::nanoseconds waited{0};
  while (!done()) {
    if (waited > kPatience) return false;
    const auto before = std::chrono::steady_clock::now();
    loop_->restart();
    loop_->run_one_for(kTurn);
    waited +=
        std::min<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - before, kLongestTurn);
  }
  return true;
}

OpenedFacts OutboxFixture::opened_facts(std::string_view session) {
  OpenedFacts facts;
  facts.started_at = clock.wall();
  facts.id = ids_.next(facts.started_at);
  facts.method = "POST";
  facts.path = "/v1/chat/completions";
  facts.request_headers = {{"content-type", "application/json"}};
  facts.session_hint = session;
  facts.session_source = SessionSource::header;
  facts.dialect = "openai_chat";
  facts.slot = config.slot;
  return facts;
}

ClosedFacts OutboxFixture::closed_facts(const OpenedFacts& opened) {
  ClosedFacts facts;
  facts.id = opened.id;
  facts.sink = opened.sink;
  facts.closed_at = clock.wall();
  facts.ending = Ending::complete;
  facts.status = 200;
  return facts;
}

Task<ExchangeId> OutboxFixture::exchange(std::string request, std::string response) {
  const OpenedFacts opened = opened_facts();
  outbox_->opened(opened);
  const SpoolPosition asked =
      outbox_->part({opened.id, Direction::request, 0, Microseconds(0)}, request);
  const Status in_spool = co_await outbox_->written(asked);
  EXPECT_TRUE(in_spool) << in_spool.error().message;
  const std::string_view answer = response;
  const PartFacts first{opened.id, Direction::response, 0, Microseconds(1)};
  outbox_->part(first, answer.substr(0, answer.size() / 2));
  const PartFacts second{opened.id, Direction::response, 1, Microseconds(2)};
  outbox_->part(second, answer.substr(answer.size() / 2));
  const Status closed = co_await outbox_->written(outbox_->closed(closed_facts(opened)));
  EXPECT_TRUE(closed) << closed.error().message;
  co_return opened.id;
}

std::vector<std::string> OutboxFixture::segments() const {
  std::vector<std::string> paths;
  for (const auto& file : files_below(spool_path())) {
    if (file.extension() == ".seg") paths.push_back(file.string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace albicilla::tests
