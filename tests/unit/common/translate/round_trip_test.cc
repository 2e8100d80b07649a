// Properties over made-up conversations: there and back keeps the meaning of a request and of an
// answer, and a streamed answer adds up to the plain one.
#include <algorithm>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "common/json/tree.h"
#include "common/sse/sse_parser.h"
#include "common/translate/registry.h"

namespace albicilla {
namespace {

const Translation& to_openai() { return *translation_between("anthropic_messages", "openai_chat"); }
const Translation& to_anthropic() {
  return *translation_between("openai_chat", "anthropic_messages");
}

// Makes conversations in the form that both APIs can say exactly: one text block per turn, tool
// calls that are answered, no notes.
class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Json request() {
    Json out = Json::object({{"model", "m-" + word()}, {"max_tokens", below(5000) + 1}});
    if (maybe()) out.set("system", Json::array({text_block()}));
    Json turns = Json::array();
    const std::size_t rounds = below(4) + 1;
    for (std::size_t i = 0; i < rounds; ++i) {
      if (i > 0) turns.push(assistant());
      turns.push(user());
    }
    out.set("messages", std::move(turns));
    if (maybe()) out.set("temperature", Json(Json::Number{"0." + std::to_string(below(90) + 10)}));
    if (maybe()) out.set("top_p", Json(Json::Number{"0.9"}));
    if (maybe()) out.set("stop_sequences", Json::array({Json(word()), Json(word())}));
    if (maybe()) out.set("metadata", Json::object({{"user_id", word()}}));
    if (maybe()) add_tools(out);
    if (maybe()) out.set("stream", true);
    return out;
  }

  Json message() {
    Json content = Json::array();
    if (maybe()) content.push(text_block());
    const std::size_t calls = below(4);
    for (std::size_t i = 0; i < calls; ++i) content.push(tool_use());
    const std::int64_t cached = static_cast<std::int64_t>(below(50));
    return Json::object({{"id", "msg_" + plain_word()},
                         {"type", "message"},
                         {"role", "assistant"},
                         {"model", "m"},
                         {"content", content},
                         {"stop_reason", calls > 0 ? "tool_use"
                                         : maybe() ? "end_turn"
                                                   : "max_tokens"},
                         {"stop_sequence", nullptr},
                         {"usage", Json::object({{"input_tokens", below(1000)},
                                                 {"cache_creation_input_tokens", 0},
                                                 {"cache_read_input_tokens", cached},
                                                 {"output_tokens", below(1000)}})}});
  }

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

 private:
  bool maybe() { return below(2) == 1; }

  std::string plain_word() {
    std::string out;
    for (std::size_t i = 0; i < 6; ++i) out.push_back(static_cast<char>('a' + below(26)));
    return out;
  }

  std::string word() {
    static const char* const kPieces[] = {"a",  "B ", "ż",  "🦅", "\"",  "\\",
                                          "\n", "{",  "}]", "\t",   "<x>", "\u2028"};
    std::string out = plain_word();
    for (std::size_t i = below(5); i > 0; --i) out += kPieces[below(std::size(kPieces))];
    return out + plain_word();
  }

  Json text_block() { return Json::object({{"type", "text"}, {"text", word()}}); }

  Json tool_use() {
    last_ids_.push_back("toolu_" + plain_word());
    Json input = Json::object();
    for (std::size_t i = below(3); i > 0; --i) input.set(word(), value(0));
    return Json::object({{"type", "tool_use"},
                         {"id", last_ids_.back()},
                         {"name", plain_word()},
                         {"input", std::move(input)}});
  }

  Json value(int depth) {
    switch (below(depth < 3 ? 6U : 4U)) {
      case 0:
        return Json(word());
      case 1:
        return Json(Json::Number{"12345678901234567.50"});
      case 2:
        return Json(maybe());
      case 3:
        return Json();
      case 4:
        return Json::array({value(depth + 1), value(depth + 1)});
      default:
        return Json::object({{word(), value(depth + 1)}});
    }
  }

  Json assistant() {
    last_ids_.clear();
    Json content = Json::array();
    if (maybe()) content.push(text_block());
    for (std::size_t i = below(3); i > 0; --i) content.push(tool_use());
    if (content.elements().empty()) content.push(text_block());
    return Json::object({{"role", "assistant"}, {"content", std::move(content)}});
  }

  Json user() {
    Json content = Json::array();
    for (const std::string& id : last_ids_) {
      Json result = Json::object({{"type", "tool_result"}, {"tool_use_id", id}});
      if (maybe()) result.set("is_error", true);
      if (maybe()) result.set("content", Json::array({text_block()}));
      content.push(std::move(result));
    }
    const bool silent = !last_ids_.empty() && maybe();
    last_ids_.clear();
    if (!silent) content.push(text_block());
    if (!silent && maybe()) {
      content.push(Json::object(
          {{"type", "image"},
           {"source",
            Json::object({{"type", "base64"}, {"media_type", "image/png"}, {"data", "AAAA"}})}}));
    }
    return Json::object({{"role", "user"}, {"content", std::move(content)}});
  }

  void add_tools(Json& out) {
    Json tool = Json::object({{"name", plain_word()},
                              {"description", word()},
                              {"input_schema", Json::object({{"type", "object"}})}});
    out.set("tools", Json::array({std::move(tool)}));
    if (maybe()) out.set("tool_choice", Json::object({{"type", maybe() ? "any" : "none"}}));
  }

  std::mt19937 random_;
  std::vector<std::string> last_ids_;
};

// Member order is not meaning.
Json sorted(const Json& value) {
  if (value.is_array()) {
    Json::Array out;
    for (const Json& element : value.elements()) out.push_back(sorted(element));
    return Json(std::move(out));
  }
  if (!value.is_object()) return value;
  Json::Object out;
  for (const auto& [name, member] : value.members()) out.emplace_back(name, sorted(member));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return Json(std::move(out));
}

TEST(RoundTrip, OfARequestKeepsItsMeaning) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Json request = Maker(seed).request();
    const auto there = to_openai().request(dump_json(request));
    ASSERT_TRUE(there) << there.error().message;
    EXPECT_TRUE(there->notes.empty()) << there->notes.front();
    const auto back = to_anthropic().request(there->body);
    ASSERT_TRUE(back) << back.error().message << "\n" << there->body;
    EXPECT_TRUE(back->notes.empty()) << back->notes.front();
    const auto again = parse_json(back->body);
    ASSERT_TRUE(again);
    EXPECT_EQ(dump_json(sorted(*again)), dump_json(sorted(request))) << "seed " << seed;
  }
}

TEST(RoundTrip, OfAnAnswerKeepsItsMeaning) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const Json message = Maker(seed).message();
    const auto there = to_anthropic().response({}, 200, dump_json(message));
    ASSERT_EQ(there.status, 200) << there.error;
    const auto back = to_openai().response({}, 200, there.body);
    ASSERT_EQ(back.status, 200) << back.error;
    EXPECT_EQ(back.body, dump_json(message)) << "seed " << seed;
  }
}

// Both ways in a row, cut at random: what arrives is the message that was sent.
TEST(RoundTrip, OfAStreamedAnswerAddsUpToThePlainOne) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Maker maker(seed);
    const Json message = maker.message();
    AnswerTerms terms;
    terms.streaming = true;
    const auto chunks = to_anthropic().response(terms, 200, dump_json(message));
    ASSERT_TRUE(chunks.content_type.starts_with("text/event-stream"));
    const auto translator = to_openai().stream(terms);
    std::string events;
    for (std::size_t at = 0; at < chunks.body.size();) {
      const std::size_t size = maker.below(40) + 1;
      events += translator->feed(std::string_view(chunks.body).substr(at, size));
      at += size;
    }
    events += translator->finish();
    ASSERT_TRUE(translator->ended_well());

    // Put together as a client does.
    Json::Array content;
    std::vector<std::string> inputs;
    Json stop;
    Json usage;
    SseParser parser;
    for (const SseEvent& event : parser.feed(events)) {
      const auto data = parse_json(event.data);
      ASSERT_TRUE(data);
      if (event.name == "content_block_start") {
        content.push_back(data->at("content_block"));
        inputs.emplace_back();
      } else if (event.name == "content_block_delta") {
        const Json& delta = data->at("delta");
        content.back().set("text", std::string(content.back().at("text").text()) +
                                       std::string(delta.at("text").text()));
        inputs.back() += delta.at("partial_json").text();
      } else if (event.name == "content_block_stop" &&
                 content.back().at("type").text() == "tool_use") {
        content.back().erase("text");
        if (!inputs.back().empty()) content.back().set("input", *parse_json(inputs.back()));
      } else if (event.name == "message_delta") {
        stop = data->at("delta").at("stop_reason");
        usage = data->at("usage");
      }
    }
    EXPECT_EQ(dump_json(Json(content)), dump_json(message.at("content"))) << "seed " << seed;
    EXPECT_EQ(stop.text(), message.at("stop_reason").text());
    EXPECT_EQ(dump_json(usage), dump_json(message.at("usage")));
  }
}

}  // namespace
}  // namespace albicilla
