// Formats that lose nothing: a row, sent to us again as the request and the answer that it holds,
// makes the same row.
#include <random>

#include <nlohmann/json.hpp>

#include "converter/format/registry.h"
#include "tests/unit/converter/conversion.h"

namespace albicilla {
namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& request, const Json& response, const std::string& dialect) {
  Json line;
  line["timestamp"] = "2026-01-13T10:00:00.000000+00:00";
  line["session_id"] = "again";
  line["request"] = request;
  line["response"] = response;
  line["exchange"] = {{"id", "e1"},         {"seq", 1},      {"path", "/v1/x"},
                      {"dialect", dialect}, {"status", 200}, {"ending", "complete"}};
  return line.dump() + "\n";
}

// Chat formats: the last message is the answer.
std::string chat_line(Json row) {
  for (Json& message : row["messages"]) {
    message.erase("weight");
    if (!message.contains("tool_calls")) continue;
    for (Json& call : message["tool_calls"]) {
      Json& arguments = call["function"]["arguments"];
      if (arguments.is_object()) arguments = arguments.dump();
    }
  }
  const Json answer = row["messages"].back();
  row["messages"].erase(row["messages"].size() - 1);
  row["model"] = "m";
  const Json choice = {{"index", 0}, {"message", answer}, {"finish_reason", "stop"}};
  return line_of(row, {{"id", "r"}, {"choices", Json::array({choice})}}, "openai_chat");
}

std::string anthropic_line(Json row) {
  const Json answer = row["messages"].back()["content"];
  row["messages"].erase(row["messages"].size() - 1);
  row["model"] = "m";
  const Json response = {
      {"type", "message"}, {"role", "assistant"}, {"content", answer}, {"stop_reason", "end_turn"}};
  return line_of(row, response, "anthropic_messages");
}

// A conversation of some turns with calls, results, reasoning and awkward texts.
class Talk {
 public:
  explicit Talk(unsigned seed) : random_(seed) {}

  std::string log_line(int turns) {
    Json messages = Json::array();
    messages.push_back({{"role", "system"}, {"content", text()}});
    for (int turn = 0; turn < turns; ++turn) {
      messages.push_back({{"role", "user"}, {"content", text()}});
      for (int round = pick(3); round > 0; --round) add_calls(messages);
      Json answer = {{"role", "assistant"}, {"content", text()}};
      if (pick(2) == 0) answer["reasoning_content"] = text();
      messages.push_back(answer);
    }
    const Json tool = {{"type", "function"},
                       {"function", {{"name", "f"}, {"parameters", {{"type", "object"}}}}}};
    return chat_line({{"messages", messages}, {"tools", Json::array({tool})}});
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  std::string text() {
    const char* const words[] = {"plain",   "zażółć",      "🦅",  "\"quoted\"",
                                 "a\\b",    "line\nbreak", "\ttab", "漢字",
                                 "<think>", "{\"a\": 1}",  "\x7f",  "\xE2\x80\xA8"};
    std::string text = "w" + std::to_string(++count_);
    for (int i = pick(6); i > 0; --i) text += std::string(" ") + words[pick(12)];
    return text + "!";
  }

  void add_calls(Json& messages) {
    Json calls = Json::array();
    Json results = Json::array();
    for (int i = 1 + pick(3); i > 0; --i) {
      const std::string id = "call_" + std::to_string(++count_);
      const Json arguments = {{"path", text()}, {"count", pick(100)}, {"deep", {{"list", {1, 2}}}}};
      const Json function = {{"name", "f"}, {"arguments", arguments.dump()}};
      calls.push_back({{"id", id}, {"type", "function"}, {"function", function}});
      results.push_back({{"role", "tool"}, {"tool_call_id", id}, {"content", text()}});
    }
    messages.push_back({{"role", "assistant"}, {"content", nullptr}, {"tool_calls", calls}});
    for (Json& result : results) messages.push_back(result);
  }

  std::mt19937 random_;
  int count_ = 0;
};

struct Lossless {
  std::string format;
  std::string (*line)(Json);
};

class RoundTrip : public Conversion, public testing::WithParamInterface<Lossless> {};

TEST_P(RoundTrip, ARowMakesItselfAgain) {
  choose(GetParam().format);
  options_.meta = MetaPlace::none;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    Talk talk(seed);
    write_log("a.jsonl", talk.log_line(1 + static_cast<int>(seed % 5)));
    const std::string row = files().at("conversations.jsonl");
    ASSERT_FALSE(row.empty()) << written("rejects.jsonl");
    write_log("a.jsonl", GetParam().line(Json::parse(row)));
    ASSERT_EQ(files().at("conversations.jsonl"), row) << written("rejects.jsonl");
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTrip,
                         testing::Values(Lossless{"openai", chat_line}, Lossless{"trl", chat_line},
                                         Lossless{"mistral", chat_line},
                                         Lossless{"anthropic", anthropic_line}),
                         [](const auto& instance) { return instance.param.format; });

}  // namespace
}  // namespace albicilla
