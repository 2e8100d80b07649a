#include "tests/fault/log_evidence.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "tests/support/sha256.h"

namespace albicilla::fault {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 6> kNames = {"timestamp", "session_id", "request",
                                                    "response",  "exchange",   "chain"};

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos) {
    ++at;
  }
  return at;
}

// Behind the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// Behind the value that begins at `at`, in valid JSON.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0) {
      return std::min(text.find_first_of(",}] \t\r\n", at), text.size());
    } else {
      at = text.find_first_of("\"{}[]", at);
      if (at == std::string_view::npos) return text.size();
    }
    if (depth == 0) return at;
  }
  return at;
}

std::string marker_in(std::string_view request) {
  constexpr std::string_view kOpening = "[[marker ";
  const std::size_t at = request.find(kOpening);
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + kOpening.size();
  const std::size_t end = request.find("]]", start);
  return end == std::string_view::npos ? std::string()
                                       : std::string(request.substr(start, end - start));
}

std::string text_field(const dom::element& object, std::string_view name) {
  std::string_view value;
  return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

std::uint64_t number_field(const dom::element& object, std::string_view name) {
  std::uint64_t value = 0;
  return object[name].get(value) == simdjson::SUCCESS ? value : 0;
}

void add_chat_text(const dom::element& choice, std::string& text) {
  text += text_field(choice, "text");  // legacy completions
  dom::element message;
  if (choice["message"].get(message) != simdjson::SUCCESS) return;
  text += text_field(message, "content");
  dom::array calls;
  if (message["tool_calls"].get(calls) != simdjson::SUCCESS) return;
  for (const dom::element call : calls) {
    dom::element function;
    if (call["function"].get(function) == simdjson::SUCCESS) {
      text += text_field(function, "arguments");
    }
  }
}

// Anthropic's content blocks, or the content parts of a message of the Responses API.
void add_parts(const dom::element& holder, std::string& text) {
  dom::array parts;
  if (holder["content"].get(parts) != simdjson::SUCCESS) return;
  for (const dom::element part : parts) {
    if (part.is_object()) text += text_field(part, "text");
  }
}

// What the answer adds up to, as the mock provider's journal counts it.
std::string text_of_response(const dom::element& line) {
  std::string text;
  dom::element response;
  if (line["response"].get(response) != simdjson::SUCCESS || !response.is_object()) return text;
  dom::element choice;
  if (response.at_pointer("/choices/0").get(choice) == simdjson::SUCCESS) {
    add_chat_text(choice, text);
  }
  add_parts(response, text);
  dom::array output;
  if (response["output"].get(output) != simdjson::SUCCESS) return text;
  for (const dom::element item : output) {
    add_parts(item, text);
    text += text_field(item, "arguments");
  }
  return text;
}

std::string read_members(std::string_view line, LineEvidence& evidence) {
  const auto members = members_of(line);
  if (!members || members->size() != kNames.size()) return "not the six members of a line";
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if ((*members)[i].name != kNames[i]) return "members out of order";
  }
  const std::string_view request = (*members)[2].text;
  evidence.marker = marker_in(request);
  evidence.request_sha256 = support::sha256_hex(request);
  evidence.response_sha256 = support::sha256_hex((*members)[3].text);
  return {};
}

}  // namespace

std::optional<std::vector<Member>> members_of(std::string_view object) {
  std::vector<Member> members;
  std::size_t at = skip_blanks(object, 0);
  if (at >= object.size() || object[at] != '{') return std::nullopt;
  at = skip_blanks(object, at + 1);
  while (at < object.size() && object[at] == '"') {
    Member member;
    const std::size_t name_end = skip_string(object, at);
    member.name = object.substr(at + 1, name_end - at - 2);
    at = skip_blanks(object, skip_blanks(object, name_end) + 1);
    const std::size_t value_end = skip_value(object, at);
    member.text = object.substr(at, value_end - at);
    members.push_back(member);
    at = skip_blanks(object, value_end);
    if (at < object.size() && object[at] == ',') at = skip_blanks(object, at + 1);
  }
  return members;
}

LineEvidence read_line(std::string_view line, std::string where) {
  thread_local dom::parser parser;
  LineEvidence evidence;
  evidence.where = std::move(where);
  dom::element json;
  if (parser.parse(line.data(), line.size()).get(json) != simdjson::SUCCESS) {
    evidence.fault = "not JSON";
    evidence.marker = marker_in(line);
    return evidence;
  }
  evidence.fault = read_members(line, evidence);
  if (!evidence.fault.empty()) return evidence;
  evidence.session = text_field(json, "session_id");
  dom::element exchange;
  if (json["exchange"].get(exchange) != simdjson::SUCCESS || !exchange.is_object()) {
    evidence.fault = "no exchange";
    return evidence;
  }
  evidence.exchange_id = text_field(exchange, "id");
  evidence.producer = text_field(exchange, "producer");
  evidence.seq = number_field(exchange, "seq");
  evidence.ending = text_field(exchange, "ending");
  evidence.status = number_field(exchange, "status");
  evidence.request_bytes = number_field(exchange, "request_bytes");
  evidence.response_bytes = number_field(exchange, "response_bytes");
  bool streaming = false;
  evidence.streaming = exchange["streaming"].get(streaming) == simdjson::SUCCESS && streaming;
  evidence.text_sha256 = support::sha256_hex(text_of_response(json));
  return evidence;
}

std::vector<LineEvidence> read_log_root(const std::string& root) {
  std::vector<LineEvidence> lines;
  for (auto it = std::filesystem::recursive_directory_iterator(root);
       it != std::filesystem::recursive_directory_iterator(); ++it) {
    if (it->path().filename().string().starts_with('.')) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || it->path().extension() != ".jsonl") continue;
    std::ifstream file(it->path(), std::ios::binary);
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
      std::string where = it->path().string() + ":" + std::to_string(number);
      lines.push_back(read_line(line, std::move(where)));
      if (file.eof()) lines.back().fault = "no newline at its end";
    }
  }
  return lines;
}

NamedGaps read_gaps(const std::string& root) {
  NamedGaps gaps;
  dom::parser parser;
  for (const auto& day : std::filesystem::directory_iterator(root)) {
    std::ifstream file(day.path() / ".gaps.jsonl", std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      dom::element json;
      dom::element gap;
      if (parser.parse(line).get(json) != simdjson::SUCCESS) continue;
      if (json["gap"].get(gap) != simdjson::SUCCESS) continue;
      ++gaps.lines;
      dom::element exchanges;
      if (gap["exchange"].get(exchanges) == simdjson::SUCCESS) {
        ++gaps.repeats;
      } else if (gap["exchanges"].get(exchanges) != simdjson::SUCCESS) {
        gaps.exchanges += number_field(gap, "to") - number_field(gap, "from") + 1;
      } else if (exchanges.is_null()) {
        ++gaps.unknown;
      } else {
        gaps.exchanges += number_field(gap, "exchanges");
      }
    }
  }
  return gaps;
}

}  // namespace albicilla::fault
