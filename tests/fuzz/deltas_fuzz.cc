// Property: no delta is lost. The bytes steer a stream of text, reasoning and tool-call deltas over
// several choices or blocks; what was sent piece by piece must stand joined in the object.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "common/dialect/registry.h"
#include "common/json/scan.h"
#include "common/json/tree.h"
#include "common/sse/sse_reader.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

// Hands out the fuzzer's bytes; zeros when they are used up.
class Choices {
 public:
  Choices(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), left_(size) {}
  bool more() const { return left_ > 0; }
  std::size_t below(std::size_t bound) {
    if (left_ == 0) return 0;
    --left_;
    return *bytes_++ % bound;
  }
  // A piece of text with characters that need care.
  std::string text() {
    static const std::array<std::string, 8> kPieces = {
        "", "a", "\"", "\\", "\n", "\xC5\x82", "\xF0\x9F\xA6\x85", "data: "};
    return kPieces[below(8)] + kPieces[below(8)];
  }

 private:
  const std::uint8_t* bytes_;
  std::size_t left_;
};

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

Json assemble(std::string_view dialect, const std::string& stream) {
  const auto assembler = dialect_named(dialect).assembler();
  SseEvent event;
  for (SseReader reader(stream); reader.next(event);) assembler->feed(event);
  const auto text = assembler->finish();
  expect(text.has_value());
  auto tree = parse_json(*text);
  expect(tree.has_value());
  return std::move(*tree);
}

struct ChatChoice {
  std::string content, reasoning, refusal;
  std::map<std::size_t, std::string> arguments;
};

// One chunk; what it says is noted in `sent`.
std::string chat_chunk(Choices& choices, std::map<std::size_t, ChatChoice>& sent) {
  static const char* const kFields[] = {"content", "reasoning_content", "refusal"};
  const std::size_t index = choices.below(3);
  const std::size_t kind = choices.below(4);
  ChatChoice& choice = sent[index];
  const std::string text = choices.text();
  std::string delta;
  if (kind < 3) {
    (kind == 0 ? choice.content : kind == 1 ? choice.reasoning : choice.refusal) += text;
    delta = quoted(kFields[kind]) + ":" + quoted(text);
  } else {
    const std::size_t call = choices.below(3);
    const bool fresh = !choice.arguments.contains(call);
    choice.arguments[call] += text;
    const std::string number = std::to_string(call);
    delta = R"("tool_calls":[{"index":)" + number +
            (fresh ? R"(,"id":"c)" + number + R"(","type":"function")" : "") + R"(,"function":{)" +
            (fresh ? R"("name":"f)" + number + "\"," : "") + R"("arguments":)" + quoted(text) +
            "}}]";
  }
  return R"(data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":)" +
         std::to_string(index) + R"(,"delta":{)" + delta + R"(},"finish_reason":null}]})" + "\n\n";
}

void check_chat(Choices& choices) {
  std::map<std::size_t, ChatChoice> sent;
  std::string stream;
  while (choices.more()) stream += chat_chunk(choices, sent);
  if (sent.empty()) return;
  const Json object = assemble("openai_chat", stream);
  expect(object.at("choices").elements().size() == sent.size());
  std::size_t at = 0;
  for (const auto& [index, choice] : sent) {
    const Json& got = object.at("choices").elements()[at++];
    expect(got.at("index").integer() == static_cast<std::int64_t>(index));
    const Json& message = got.at("message");
    expect(message.at("content").text() == choice.content);
    expect(message.at("reasoning_content").text() == choice.reasoning);
    expect(message.at("refusal").text() == choice.refusal);
    expect(message.at("tool_calls").elements().size() == choice.arguments.size());
    std::size_t call = 0;
    for (const auto& [number, arguments] : choice.arguments) {
      const Json& function = message.at("tool_calls").elements()[call++].at("function");
      expect(function.at("name").text() == "f" + std::to_string(number));
      expect(function.at("arguments").text() == arguments);
    }
  }
}

void check_anthropic(Choices& choices) {
  std::map<std::size_t, std::string> sent;
  std::string stream = R"(data: {"type":"message_start","message":{"type":"message","content":[]}})"
                       "\n\n";
  while (choices.more()) {
    const std::size_t index = choices.below(4);
    const std::string number = std::to_string(index);
    const bool thinks = index == 0;
    if (!sent.contains(index)) {
      stream += R"(data: {"type":"content_block_start","index":)" + number +
                R"(,"content_block":{"type":")" + (thinks ? "thinking" : "text") + "\"}}\n\n";
    }
    const std::string text = choices.text();
    sent[index] += text;
    stream += R"(data: {"type":"content_block_delta","index":)" + number +
              (thinks ? R"(,"delta":{"type":"thinking_delta","thinking":)"
                      : R"(,"delta":{"type":"text_delta","text":)") +
              quoted(text) + "}}\n\n";
  }
  const Json object = assemble("anthropic_messages", stream);
  expect(object.at("content").elements().size() == sent.size());
  std::size_t at = 0;
  for (const auto& [index, text] : sent) {
    const Json& block = object.at("content").elements()[at++];
    expect(block.at(index == 0 ? "thinking" : "text").text() == text);
  }
}

void check_responses(Choices& choices) {
  std::map<std::size_t, std::string> sent;
  std::string stream =
      R"(data: {"type":"response.created","response":{"object":"response","status":"in_progress","output":[]}})"
      "\n\n";
  while (choices.more()) {
    const std::size_t index = choices.below(4);
    const std::string text = choices.text();
    sent[index] += text;
    stream += R"(data: {"type":"response.output_text.delta","sequence_number":1,"output_index":)" +
              std::to_string(index) + R"(,"content_index":0,"delta":)" + quoted(text) + "}\n\n";
  }
  const Json object = assemble("openai_responses", stream);
  expect(object.at("output").elements().size() == sent.size());
  std::size_t at = 0;
  for (const auto& [index, text] : sent) {
    const Json& item = object.at("output").elements()[at++];
    expect(item.at("content").elements().at(0).at("text").text() == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Choices choices(bytes, size);
  const std::size_t dialect = choices.below(3);
  if (dialect == 0) check_chat(choices);
  if (dialect == 1) check_anthropic(choices);
  if (dialect == 2) check_responses(choices);
  return 0;
}
