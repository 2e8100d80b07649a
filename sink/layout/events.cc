#include "sink/layout/events.h"

#include <algorithm>

#include "common/json/walk.h"
#include "common/json/writer.h"
#include "sink/layout/exchange_fields.h"

namespace albicilla {

namespace {

constexpr std::uint64_t kClientError = 400;

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Bytes of the first `characters` characters, and how many there are in all.
struct Measured {
  std::size_t kept_bytes = 0;
  std::uint64_t characters = 0;
};
Measured measure(std::string_view text, std::uint64_t most) {
  Measured measured{text.size(), 0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues_a_character(text[i])) continue;
    if (measured.characters == most) measured.kept_bytes = i;
    ++measured.characters;
  }
  return measured;
}

std::string json_string(std::string_view text) {
  std::string json;
  JsonWriter(json).text(text);
  return json;
}

// What went wrong, as a JSON value.
std::string error_of(const ExchangeFields& exchange, const LayoutLimits& limits) {
  const std::string_view said = exchange.raw("error");
  if (said != "null") return limited_field(said, limits);
  if (exchange.number("status") < kClientError) return "null";
  if (exchange.is_true("streaming")) return "\"upstream streaming error\"";
  const std::string_view response = exchange.line().view.response;
  const JsonKind kind = json_kind(response);
  const bool tree = kind == JsonKind::object || kind == JsonKind::array;
  return limited_field(tree ? json_string(response) : std::string(response), limits);
}

// What the client of an OpenAI stream saw, line by line, or the answer that it makes where the line
// does not hold that.
std::string response_of(const ExchangeFields& exchange, const LayoutLimits& limits) {
  const std::string_view assembled = exchange.line().view.response;
  if (limits.event_chunks == 0 || exchange.provider() != "openai") return std::string(assembled);
  std::string stream;
  JsonElements chunks(exchange.raw("wire"));
  for (std::string_view chunk; chunks.next(chunk);) {
    JsonElements pair(chunk);
    std::string_view content;
    if (pair.next(content) && pair.next(content)) stream += json_text(content).value_or("");
  }
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().key("sse_chunks").begin_array();
  std::uint64_t kept = 0;
  for (std::string_view rest = stream; !rest.empty() && kept < limits.event_chunks;) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.starts_with("data:")) continue;
    writer.text(line);
    ++kept;
  }
  writer.end_array().end_object();
  return kept == 0 ? std::string(assembled) : json;
}

}  // namespace

std::string limited_field(std::string_view raw, const LayoutLimits& limits) {
  const JsonKind kind = json_kind(raw);
  const bool is_text = kind == JsonKind::string;
  const bool is_tree = kind == JsonKind::object || kind == JsonKind::array;
  if (limits.full_fields || (!is_text && !is_tree)) return std::string(raw);
  const std::string text = is_text ? json_text(raw).value_or("") : std::string(raw);
  const Measured measured = measure(text, limits.field_characters);
  if (measured.characters <= limits.field_characters) return std::string(raw);
  return json_string(text.substr(0, measured.kept_bytes) + "... (truncated, " +
                     std::to_string(measured.characters) + " total chars)");
}

void derive_event(const LayoutLine& line, const LayoutLimits& limits,
                  std::vector<DerivedLine>& out) {
  const ExchangeFields exchange(line);
  DerivedLine& made = out.emplace_back();
  made.file = "events.jsonl";
  const auto started = std::chrono::duration_cast<std::chrono::milliseconds>(
      exchange.started_at().time_since_epoch());
  const std::uint64_t latency = exchange.duration_ms();
  const std::string_view usage = json_first_member(line.view.response, "usage");
  JsonWriter writer(made.text);
  writer.begin_object().key("request_id").raw(exchange.raw("id"));
  writer.key("protocol").raw(exchange.raw("dialect"));
  writer.key("client_app").raw(exchange.raw("client_app"));
  writer.key("user_id").raw(exchange.raw("user_id"));
  writer.key("upstream_id").raw(exchange.raw("upstream_id"));
  writer.key("model").raw(exchange.raw("model"));
  writer.key("started_at_ms").number(started.count());
  writer.key("ended_at_ms").number(started.count() + static_cast<std::int64_t>(latency));
  writer.key("latency_ms").number(latency).key("status_code").raw(exchange.raw("status"));
  writer.key("error").raw(error_of(exchange, limits));
  writer.key("prompt").raw(limited_field(line.view.request, limits));
  writer.key("response").raw(limited_field(response_of(exchange, limits), limits));
  writer.key("usage").raw(usage.empty() ? "null" : usage).end_object();
  made.text += "\n";
}

}  // namespace albicilla
