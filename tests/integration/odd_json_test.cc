// Odd JSON as request, as answer and as an event of a stream: passed on byte for byte, logged
// without loss in lines that are valid JSON, and nobody dies of it. ALBICILLA_JSON_CASES=DIR takes
// the files of a directory (a published suite of parsing cases, say) instead of our own cases.
#include "tests/support/hostile/odd_json.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include "common/base/base64.h"
#include "common/json/scan.h"
#include "common/json/walk.h"
#include "common/record/log_line.h"
#include "tests/integration/relay_fixture.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::support {
namespace {

using nlohmann::json;

constexpr std::string_view kDone = "\n\ndata: [DONE]\n\n";

std::vector<OddJson> cases() {
  const char* directory = std::getenv("ALBICILLA_JSON_CASES");
  if (directory == nullptr) return odd_json();
  std::vector<OddJson> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() != ".json") continue;
    found.push_back(
        {entry.path().filename().string(), tests::bytes_of_file(entry.path().string())});
  }
  return found;
}

class OddJsonTest : public testing::Test {
 protected:
  OddJsonTest() {
    pipeline_ = std::make_unique<Pipeline>(Pipeline::Options{
        .workers = 1, .upstream = upstream_.url(), .flags = {"--capture-limit", "64MiB"}});
  }

  void TearDown() override {
    if (HasFailure())
      std::cerr << "proxy and sink said:\n" << pipeline_->output().substr(0, 20'000);
  }

  // Answers with the case that the target names; a request's body comes back.
  void serve(UpstreamPeer& peer) {
    while (const auto request = peer.read_request()) {
      const std::size_t number =
          std::strtoul(request->c_str() + request->find("case=") + 5, nullptr, 10);
      const bool streamed = request->find("kind=stream") != std::string::npos;
      const bool asked = request->find("kind=request") != std::string::npos;
      const std::string body = asked ? request->substr(request->find("\r\n\r\n") + 4)
                                     : wire_of(number, streamed ? "stream" : "answer");
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: " +
                std::string(streamed ? "text/event-stream" : "application/json") +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }

  std::string wire_of(std::size_t number, std::string_view kind) const {
    const std::string& bytes = cases_[number].bytes;
    return kind == "stream" ? "data: " + bytes + std::string(kDone) : bytes;
  }

  std::vector<std::string> log_lines() const {
    std::vector<std::string> lines;
    for (const auto& path : tests::files_below(pipeline_->log_root())) {
      if (path.filename() != "odd.jsonl") continue;
      std::ifstream file(path);
      for (std::string line; std::getline(file, line);) lines.push_back(line);
    }
    return lines;
  }

  const std::vector<OddJson> cases_ = cases();
  ScriptedUpstream upstream_{[this](UpstreamPeer& peer) { serve(peer); }};
  std::unique_ptr<Pipeline> pipeline_;
};

// What the proxy adds to a request that names no model, the one byte-level change it makes.
std::string without_default_model(std::string body) {
  const std::string member = R"("model":"gpt-4o-mini")";
  std::size_t at = body.find(member);
  if (at == std::string::npos) return body;
  const bool comma = body[at - 1] == ',';
  return body.erase(comma ? at - 1 : at, member.size() + (comma ? 1 : 0));
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first));
}

// Does the logged value say exactly these bytes: as JSON, as text, or as base64?
bool says(std::string_view value, const std::string& bytes) {
  if (bytes.empty()) return value == "null";
  if (check_json(bytes)) {
    std::string minified;
    append_minified(minified, bytes);
    if (value == trimmed(bytes) || value == minified) return true;
  }
  if (json_exact_text(value) == bytes) return true;
  const std::string_view coded = json_inside(json_member(value, "base64"));
  std::string expected;
  append_base64(expected, bytes);
  return !coded.empty() && coded == expected;
}

// An event that no assembler takes stands in `unassembled`; what makes no object stays as its text.
bool keeps_event(std::string_view value, const std::string& bytes, const std::string& stream) {
  if (says(value, stream)) return true;
  if (bytes.find_first_of("\r\n") != std::string::npos)
    return true;  // is several lines of a stream
  std::string_view text;
  for (JsonElements texts(json_member(value, "unassembled")); texts.next(text);) {
    if (says(text, bytes) || json_exact_text(text) == bytes) return true;
  }
  return trimmed(bytes).empty() || value.find(trimmed(bytes)) != std::string_view::npos;
}

TEST_F(OddJsonTest, PassesUntouchedAndIsLoggedWithoutLoss) {
  ASSERT_TRUE(pipeline_->ready());
  ASSERT_GE(cases_.size(), 100U);
  const auto workers = pipeline_->workers();
  for (std::size_t number = 0; number < cases_.size(); ++number) {
    for (const std::string kind : {"request", "answer", "stream"}) {
      SCOPED_TRACE(cases_[number].name + " as " + kind);
      const std::string sent = kind == "request" ? cases_[number].bytes : R"({"model":"m"})";
      const Reply reply =
          ask(pipeline_->port(),
              {.method = "POST",
               .target = "/v1/chat/completions?case=" + std::to_string(number) + "&kind=" + kind,
               .fields = {{"Content-Type", "application/json"}, {"agent-session-id", "odd"}},
               .body = sent});
      EXPECT_EQ(reply.status, 200U);
      EXPECT_TRUE(without_default_model(reply.body) == wire_of(number, kind))
          << reply.body.substr(0, 200);
    }
  }
  EXPECT_EQ(pipeline_->workers(), workers) << "a worker has died";
  std::vector<std::string> lines;
  EXPECT_TRUE(eventually([&] {
    lines = log_lines();
    return lines.size() >= 3 * cases_.size();
  }));
  EXPECT_EQ(lines.size(), 3 * cases_.size());
  for (const std::string& line : lines) {
    EXPECT_TRUE(check_json(line)) << line.substr(0, 300);
    const auto view = view_line(line);
    ASSERT_TRUE(view);
    const std::string query = json_text(json_member(view->exchange, "query")).value_or("");
    const std::size_t number = std::strtoul(query.c_str() + 5, nullptr, 10);
    ASSERT_LT(number, cases_.size());
    SCOPED_TRACE(cases_[number].name + " " + query);
    const std::string& bytes = cases_[number].bytes;
    // Another parser says so too, unless a number is beyond its doubles.
    const bool beyond = check_json(bytes) && !json::accept(bytes);
    EXPECT_TRUE(beyond || json::accept(line)) << line.substr(0, 300);
    if (query.ends_with("request")) {
      EXPECT_TRUE(says(view->request, bytes)) << view->request.substr(0, 300);
    } else if (query.ends_with("answer")) {
      EXPECT_TRUE(says(view->response, bytes)) << view->response.substr(0, 300);
    } else {
      EXPECT_TRUE(keeps_event(view->response, bytes, wire_of(number, "stream")))
          << view->response.substr(0, 300);
    }
  }
}

}  // namespace
}  // namespace albicilla::support
