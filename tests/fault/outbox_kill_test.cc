// A worker's outbox under kill -9 at random moments, over and over on one spool: everything that
// was said to be written comes to the sink, every exchange once. And one that dies of a record.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string_view>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <gtest/gtest.h>

#include "common/io/file.h"
#include "tests/support/outbox_fixture.h"

namespace albicilla {
namespace {

using tests::LittleSink;
using tests::OutboxFixture;

constexpr const char* kWorkerRole = "outbox-worker";
constexpr const char* kPoisonedRole = "poisoned-worker";
constexpr std::string_view kPoison = "poison";
constexpr int kKills = 25;
// Whoever kills may come late on a busy machine: what is left behind must not grow with that.
constexpr std::size_t kMostReports = 600;

// What the worker tells through this descriptor, one write each: a letter and 16 bytes.
constexpr int kReports = 100;
constexpr char kOpened = 'o';  // the request is written
constexpr char kClosed = 'c';  // the closing is written
constexpr std::size_t kReportBytes = 17;

void report(char what, const ExchangeId& id) {
  std::array<char, kReportBytes> bytes{what};
  std::copy(id.bytes.begin(), id.bytes.end(), bytes.begin() + 1);
  ASSERT_EQ(::write(kReports, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

Task<void> one_after_another(OutboxFixture& fixture, std::size_t& reports) {
  for (; reports < kMostReports; reports += 2) {
    const OpenedFacts opened = fixture.opened_facts();
    Outbox& outbox = fixture.outbox();
    outbox.opened(opened);
    const PartFacts request{opened.id, Direction::request, 0, Microseconds(0)};
    if (!co_await outbox.written(outbox.part(request, std::string(700, 'q')))) co_return;
    report(kOpened, opened.id);
    for (std::uint32_t number = 0; number < 3; ++number) {
      const PartFacts response{opened.id, Direction::response, number, Microseconds(number)};
      outbox.part(response, "piece");
    }
    if (!co_await outbox.written(outbox.closed(fixture.closed_facts(opened)))) co_return;
    report(kClosed, opened.id);
  }
}

// The worker that is killed: this same program, told where its spool is.
void run_worker(const std::string& place) {
  OutboxFixture fixture;
  fixture.config.spool_directory = place + "/spool";
  fixture.config.sinks = {{"ipc://" + place + "/records", "ipc://" + place + "/watermarks", {}}};
  fixture.config.segment_bytes = std::uint64_t{128} << 10;
  fixture.config.slot_patience = std::chrono::seconds(5);
  fixture.start_outbox();
  std::size_t reports = 0;
  for (int i = 0; i < 8; ++i) {
    boost::asio::co_spawn(fixture.loop(), one_after_another(fixture, reports),
                          boost::asio::detached);
  }
  const auto work = boost::asio::make_work_guard(fixture.loop());
  fixture.loop().run();
}

// Dies of one record, as when a library overruns its stack: nothing can be caught.
RenderedRecord die_of_poison(const ExchangeFacts& facts, const RenderOrder& order) {
  if (facts.request_body == kPoison && !order.raw) std::abort();
  return tests::plain_middle(facts, order);
}

// The worker that dies of what stands in its spool.
void run_poisoned_worker(const std::string& place) {
  OutboxFixture fixture;
  fixture.config.spool_directory = place + "/spool";
  fixture.config.sinks = {{"ipc://" + place + "/records", "ipc://" + place + "/watermarks", {}}};
  fixture.render = die_of_poison;
  fixture.start_outbox();
  const auto work = boost::asio::make_work_guard(fixture.loop());
  fixture.loop().run();
}

struct Worker {
  pid_t pid = -1;
  Fd reports;
};

Worker start_worker(const std::string& place, std::string role = kWorkerRole) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], kReports);
  std::string program = "/proc/self/exe";
  std::string spool = place;
  std::array<char*, 4> arguments = {program.data(), role.data(), spool.data(), nullptr};
  Worker worker;
  EXPECT_EQ(
      ::posix_spawn(&worker.pid, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  worker.reports = Fd(ends[0]);
  return worker;
}

// Reads what comes until `most` bytes are there or the worker is gone.
std::string read_reports(const Fd& reports, std::size_t most) {
  std::string bytes;
  std::array<char, 4096> buffer{};
  while (bytes.size() < most) {
    const ssize_t count = ::read(reports.get(), buffer.data(), buffer.size());
    if (count <= 0) break;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

TEST(OutboxKill, LosesNothingThatWasWrittenAndRepeatsNothing) {
  OutboxFixture fixture;
  fixture.config.segment_bytes = std::uint64_t{128} << 10;
  const std::string place = fixture.scratch.path();
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::set<ExchangeId> opened;
  std::set<ExchangeId> closed;
  fixture.sink.start();
  for (int kill = 0; kill < kKills; ++kill) {
    Worker worker = start_worker(place);
    // Now and then the sink dies too.
    if (kill % 4 == 3) {
      fixture.sink.stop();
      fixture.sink.start();
    }
    std::string reports = read_reports(worker.reports, (random() % kMostReports) * kReportBytes);
    ASSERT_EQ(::kill(worker.pid, SIGKILL), 0);
    reports += read_reports(worker.reports, SIZE_MAX);
    ASSERT_EQ(::waitpid(worker.pid, nullptr, 0), worker.pid);
    for (std::size_t at = 0; at + kReportBytes <= reports.size(); at += kReportBytes) {
      const auto id = id_from_bytes<ExchangeId>(std::string_view(reports).substr(at + 1, 16));
      (reports[at] == kOpened ? opened : closed).insert(*id);
    }
  }
  fixture.start_outbox();
  // However long it takes on a busy machine, it never stands still for as long as run_until()
  // waits.
  const auto stats = [&] { return fixture.outbox().stats(); };
  const auto all_acknowledged = [&] {
    return stats().sinks_reached && stats().unacknowledged_records == 0;
  };
  while (!all_acknowledged()) {
    const std::uint64_t before = stats().acknowledged_records;
    ASSERT_TRUE(fixture.run_until(
        [&] { return all_acknowledged() || stats().acknowledged_records > before; }));
  }
  EXPECT_EQ(fixture.outbox().stats().gaps, 0U);
  fixture.stop_outbox();
  EXPECT_TRUE(fixture.sink.gaps().empty());
  EXPECT_GT(closed.size(), 100U);
  std::map<ExchangeId, std::string> lines;
  for (const LittleSink::Taken& taken : fixture.sink.taken()) {
    EXPECT_TRUE(lines.try_emplace(taken.exchange, taken.middle).second) << "twice";
  }
  for (const ExchangeId& id : opened) EXPECT_TRUE(lines.contains(id)) << "lost";
  for (const ExchangeId& id : closed) {
    ASSERT_TRUE(lines.contains(id)) << "lost";
    EXPECT_NE(lines[id].find("\"response\":\"piecepiecepiece\""), std::string::npos);
    EXPECT_NE(lines[id].find("\"ending\":\"complete\""), std::string::npos);
  }
  EXPECT_TRUE(fixture.segments().empty());
}

TEST(OutboxKill, SendsARecordRawThatHasKilledTwoWorkers) {
  OutboxFixture fixture;
  fixture.start_outbox();
  fixture.run([&]() -> Task<void> {
    for (const char* request : {"before", kPoison.data(), "behind"}) {
      co_await fixture.exchange(request, "answer");
    }
  });
  fixture.abandon_outbox();
  fixture.sink.start();
  for (int death = 0; death < 2; ++death) {
    const Worker worker = start_worker(fixture.scratch.path(), kPoisonedRole);
    int status = 0;
    ASSERT_EQ(::waitpid(worker.pid, &status, 0), worker.pid);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  }
  fixture.render = die_of_poison;
  fixture.start_outbox();
  ASSERT_TRUE(fixture.sink.wait_for(3));
  for (const LittleSink::Taken& taken : fixture.sink.taken()) {
    const bool is_raw = taken.middle.find("\"raw\":true") != std::string::npos;
    EXPECT_EQ(is_raw, taken.middle.find(kPoison) != std::string::npos) << taken.middle;
  }
}

}  // namespace
}  // namespace albicilla

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 3 && std::string_view(argv[1]) == albicilla::kWorkerRole) {
    albicilla::run_worker(argv[2]);
    return 1;  // it is killed, it never ends
  }
  if (argc == 3 && std::string_view(argv[1]) == albicilla::kPoisonedRole) {
    albicilla::run_poisoned_worker(argv[2]);
  }
  return RUN_ALL_TESTS();
}
