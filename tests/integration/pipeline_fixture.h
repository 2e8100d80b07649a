// What the pipeline tests have in common: one pipeline per test, chat completions with a session
// and a marker, and the lines that they leave.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/pipeline/pipeline.h"
#include "tests/support/sha256.h"

namespace albicilla::support {

using nlohmann::json;

struct ChatAsk {
  std::string session = "s-1";
  std::string marker = "m-1";
  std::string words = {};  // for the mock provider
  bool stream = false;
  std::string more = {};  // further members of the body, each with a comma in front
};

inline std::string chat_body(const ChatAsk& chat) {
  std::string body = R"({"model":"gpt-4o","stream":)";
  body += chat.stream ? "true" : "false";
  body += chat.more;
  body += R"(,"messages":[{"role":"user","content":"[[marker )" + chat.marker;
  return body + R"(]] Zürich 日本"}],"seed":12345678901234567890,"top_p":1.0})";
}

inline Ask chat_ask(const ChatAsk& chat) {
  return {.method = "POST",
          .target = "/v1/chat/completions",
          .fields = {{"Content-Type", "application/json"},
                     {"agent-session-id", chat.session},
                     {"x-mock", chat.words}},
          .body = chat_body(chat)};
}

class PipelineTest : public testing::Test {
 protected:
  void start(Pipeline::Options options = {}) {
    pipeline_ = std::make_unique<Pipeline>(std::move(options));
    if (!pipeline_->ready()) throw std::runtime_error("the pipeline is not ready");
  }

  void TearDown() override {
    if (HasFailure() && pipeline_) std::cerr << "proxy and sink said:\n" << pipeline_->output();
  }

  Reply chat(const ChatAsk& what) { return ask(pipeline_->port(), chat_ask(what)); }

  // The only line of a session.
  Line line_of(std::string_view session) {
    auto lines = pipeline_->lines_of(session, 1);
    EXPECT_EQ(lines.size(), 1U) << "lines of " << session;
    return lines.empty() ? Line{} : std::move(lines.front());
  }

  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace albicilla::support
