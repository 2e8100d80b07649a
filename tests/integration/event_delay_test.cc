// What the proxy adds to the delay of an event, with spool and sink at work: the same stream read
// direct and through it, at three cadences. Every chunk must arrive as the upstream wrote it, none
// merged, none split, none held back. ALBICILLA_DELAY_EVENTS sets the number of events (the figures
// of the README: 2000); the table goes to stdout.
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "tests/integration/pipeline_fixture.h"
#include "tests/support/scripted_upstream.h"

namespace albicilla::support {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

struct Cadence {
  std::string name;
  std::size_t piece;        // bytes of one write; 0: a whole event
  microseconds between{0};  // two writes
};

std::size_t events_wanted() {
  const char* wanted = std::getenv("ALBICILLA_DELAY_EVENTS");
  return wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 100;
}

std::string chunk(std::string_view bytes) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return std::string(size.data()).append(bytes).append("\r\n");
}

// The chunks of a stream and when each was written or had arrived.
struct Chunks {
  std::vector<std::string> bytes;
  std::vector<SteadyClock::time_point> at;
};

class PacedUpstream {
 public:
  PacedUpstream(const Cadence& cadence, std::size_t events)
      : upstream_([this, cadence, events](UpstreamPeer& peer) { play(peer, cadence, events); }) {}

  std::string url() const { return upstream_.url(); }
  std::uint16_t port() const { return upstream_.port(); }
  Chunks take_written() {
    const std::lock_guard lock(mutex_);
    return std::exchange(written_, {});
  }

 private:
  void play(UpstreamPeer& peer, const Cadence& cadence, std::size_t events) {
    while (peer.read_request()) {
      peer.send(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
          "Transfer-Encoding: chunked\r\n\r\n");
      auto next = SteadyClock::now();
      for (std::size_t i = 0; i < events; ++i) {
        const std::string event =
            R"(data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":)"
            R"({"content":"word )" +
            std::to_string(i) + "\"}}]}\n\n";
        const std::size_t piece = cadence.piece == 0 ? event.size() : cadence.piece;
        for (std::size_t at = 0; at < event.size(); at += piece) {
          next += cadence.between;
          std::this_thread::sleep_until(next);
          send(peer, event.substr(at, piece));
        }
      }
      send(peer, "data: [DONE]\n\n");
      peer.send("0\r\n\r\n");
    }
  }

  void send(UpstreamPeer& peer, const std::string& bytes) {
    {
      const std::lock_guard lock(mutex_);
      written_.bytes.push_back(bytes);
      written_.at.push_back(SteadyClock::now());
    }
    peer.send(chunk(bytes));
  }

  std::mutex mutex_;
  Chunks written_;
  ScriptedUpstream upstream_;  // last: its threads use the others
};

// Takes whole chunks off what has been received.
void take_chunks(std::string& received, Chunks& chunks, bool& ended) {
  while (true) {
    const std::size_t line = received.find("\r\n");
    if (line == std::string::npos) return;
    const std::size_t size = std::strtoul(received.c_str(), nullptr, 16);
    if (received.size() < line + 2 + size + 2) return;
    ended = size == 0;
    if (ended) return;
    chunks.bytes.push_back(received.substr(line + 2, size));
    chunks.at.push_back(SteadyClock::now());
    received.erase(0, line + 2 + size + 2);
  }
}

Chunks read_stream(std::uint16_t port, const std::string& session) {
  Chunks chunks;
  WireClient client(port);
  client.send(to_bytes(chat_ask({.session = session, .stream = true})));
  std::string received;
  bool in_body = false;
  bool ended = false;
  while (!ended) {
    const std::string more = client.take_some(kPatience);
    if (more.empty()) break;
    received += more;
    const std::size_t head = in_body ? 0 : received.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    if (!std::exchange(in_body, true)) received.erase(0, head + 4);
    take_chunks(received, chunks, ended);
  }
  EXPECT_TRUE(ended);
  return chunks;
}

std::vector<microseconds> delays(const Chunks& written, const Chunks& arrived) {
  std::vector<microseconds> all;
  for (std::size_t i = 0; i < std::min(written.at.size(), arrived.at.size()); ++i) {
    all.push_back(std::chrono::duration_cast<microseconds>(arrived.at[i] - written.at[i]));
  }
  std::sort(all.begin(), all.end());
  return all;
}

long long quantile(const std::vector<microseconds>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(share * last)].count();
}

class EventDelay : public PipelineTest {
 protected:
  void measure(const Cadence& cadence, std::size_t events) {
    PacedUpstream upstream(cadence, events);
    const Chunks direct = read_stream(upstream.port(), "direct");
    const auto direct_delays = delays(upstream.take_written(), direct);
    start({.upstream = upstream.url()});
    const Chunks proxied = read_stream(pipeline_->port(), "s-1");
    const Chunks written = upstream.take_written();
    EXPECT_EQ(proxied.bytes, written.bytes) << cadence.name << ": a chunk was merged or split";
    const auto proxied_delays = delays(written, proxied);
    std::printf(
        "%-8s %7zu chunks | direct p50 %6lld p99 %6lld max %7lld us | proxy p50 %6lld p99 "
        "%6lld max %7lld us\n",
        cadence.name.c_str(), written.bytes.size(), quantile(direct_delays, 0.5),
        quantile(direct_delays, 0.99), quantile(direct_delays, 1), quantile(proxied_delays, 0.5),
        quantile(proxied_delays, 0.99), quantile(proxied_delays, 1));
    // Held back would mean by a timer or until more has come; a busy machine is no hold-back.
    EXPECT_LT(quantile(proxied_delays, 0.5), quantile(direct_delays, 0.5) + 20'000);
    EXPECT_EQ(line_of("s-1").json["exchange"]["ending"], "complete");
    pipeline_.reset();
  }
};

TEST_F(EventDelay, IsSmallWhenAnEventDribblesInByteByByte) {
  measure({"dribble", 1, microseconds(200)}, events_wanted() / 5);
}

TEST_F(EventDelay, IsSmallAtTwentyMilliseconds) {
  measure({"20 ms", 0, milliseconds(20)}, events_wanted());
}

TEST_F(EventDelay, IsSmallInABurst) {
  measure({"burst", 0, microseconds(0)}, events_wanted() * 20);
}

}  // namespace
}  // namespace albicilla::support
