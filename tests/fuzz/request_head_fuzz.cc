// Properties of a request's way to the upstream: it parses the same wherever its bytes are cut;
// what the framing policy lets through has one meaning; and the head that goes on is one request
// for our upstream with the same target, whatever the client's said.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/traffic/framing_policy.h"
#include "proxy/traffic/http_parser.h"
#include "proxy/traffic/plan.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

struct Parsed {
  RequestHead head;
  std::string body;
  bool head_done = false;
  bool done = false;
  bool failed = false;
};

Parsed parse(std::string_view stream, std::size_t step, const HeadLimits& limits = {}) {
  RequestParser parser(limits);
  Parsed parsed;
  std::string pending;
  for (std::size_t at = 0; at < stream.size() && !parser.done(); at += step) {
    pending += stream.substr(at, step);
    for (std::size_t taken = 1; taken > 0 && !pending.empty() && !parser.done();) {
      taken = parser.feed(pending);
      for (const BodySlice& slice : parser.slices()) parsed.body += slice.bytes;
      pending.erase(0, taken);
      if (parser.fault() != HeadFault::none) break;
    }
    if (parser.fault() != HeadFault::none) break;
  }
  parsed.failed = parser.fault() != HeadFault::none;
  parsed.head_done = parser.head_done();
  parsed.done = parser.done();
  parsed.head = parser.head();
  return parsed;
}

TrafficSettings settings() {
  TrafficSettings made;
  made.upstream.url = {"http", "upstream.test", 80, ""};
  made.upstream.base_url = "http://upstream.test";
  made.default_model = "m";
  return made;
}

void check_accepted(const RequestHead& head) {
  const std::size_t hosts = count_header(head.headers, "host");
  expect(hosts == 1 || (hosts == 0 && head.minor_version == 0));
  expect(count_header(head.headers, "content-length") <= 1);
  expect(count_header(head.headers, "transfer-encoding") <= 1);
  expect(!find_header(head.headers, "content-length") ||
         !find_header(head.headers, "transfer-encoding"));
  expect(head.method != "CONNECT" && head.method != "TRACE");
  expect(head.target.starts_with('/') || head.target == "*");
}

void check_forwarded(const RequestHead& head) {
  static const TrafficSettings kSettings = settings();
  const Plan plan = make_plan(kSettings, {head, head.headers, "passthrough", std::nullopt});
  HeadLimits generous;
  generous.head_bytes *= 4;
  generous.target_bytes *= 4;
  generous.fields *= 2;
  const Parsed again = parse(plan.head, plan.head.size(), generous);
  expect(again.head_done && !again.failed);
  expect(!check_request_framing(again.head));
  expect(again.head.method == head.method && again.head.target == head.target);
  expect(find_header(again.head.headers, "host") == "upstream.test");
}

// Beast looks at a head that comes in pieces only when it is whole: what is wrong with the beginning
// of one is seen at its end then, never not at all.
void check_seen_later(std::string_view stream, std::size_t step, bool whole_failed) {
  const std::string ended = std::string(stream) + "\r\n\r\n";
  const Parsed later = parse(ended, whole_failed ? step : ended.size());
  expect(later.failed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = bytes[0] % 32 + std::size_t{1};
  const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const Parsed whole = parse(stream, stream.size());
  const Parsed cut = parse(stream, step);
  if (whole.failed != cut.failed) check_seen_later(stream, step, whole.failed);
  if (whole.failed || cut.failed) return 0;
  expect(whole.head_done == cut.head_done && whole.done == cut.done && whole.body == cut.body);
  if (!whole.head_done) return 0;
  expect(whole.head == cut.head);
  if (check_request_framing(whole.head)) return 0;
  check_accepted(whole.head);
  check_forwarded(whole.head);
  return 0;
}
