#include "sink/layout/trace.h"

#include "common/json/tree.h"
#include "common/json/walk.h"
#include "common/json/writer.h"
#include "sink/layout/exchange_fields.h"

namespace albicilla {

namespace {

// "2026-11-21T00-09-46-224Z"
std::string file_time(WallTime time) {
  std::string text = iso8601(time).substr(0, 23);
  for (char& c : text) {
    if (c == ':' || c == '.') c = '-';
  }
  return text + "Z";
}

std::string headers(const ExchangeFields& exchange, std::string_view name,
                    const LayoutLimits& limits) {
  return limits.trace_headers ? exchange.headers(name) : "{}";
}

std::string_view body(std::string_view raw, const LayoutLimits& limits) {
  const bool too_large = limits.trace_body_bytes != 0 && raw.size() > limits.trace_body_bytes;
  return limits.trace_bodies && !too_large ? raw : "null";
}

// As they came, without their times.
void write_chunks(JsonWriter& writer, std::string_view wire, std::uint64_t most) {
  JsonElements chunks(wire);
  for (std::string_view chunk; most > 0 && chunks.next(chunk); --most) {
    JsonElements pair(chunk);
    std::string_view content;
    if (pair.next(content) && pair.next(content)) writer.raw(content);
  }
}

}  // namespace

void derive_trace(const LayoutLine& line, const LayoutLimits& limits,
                  std::vector<DerivedLine>& out) {
  const ExchangeFields exchange(line);
  const std::string id = exchange.text("id");
  if (id.empty()) return;
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("timestamp").raw(exchange.raw("started_at"));
  writer.key("request").begin_object().key("method").raw(exchange.raw("method"));
  writer.key("url").text(exchange.text("upstream") + exchange.text("path") +
                         (exchange.text("query").empty() ? "" : "?" + exchange.text("query")));
  writer.key("headers").raw(headers(exchange, "request_headers", limits));
  writer.key("body").raw(body(line.view.request, limits));
  writer.key("query_params").raw(exchange.raw("query")).end_object();
  writer.key("response").begin_object().key("status_code").raw(exchange.raw("status"));
  writer.key("headers").raw(headers(exchange, "response_headers", limits));
  writer.key("body").raw(body(line.view.response, limits));
  writer.key("chunks").begin_array();
  if (limits.trace_bodies) write_chunks(writer, exchange.raw("wire"), limits.trace_chunks);
  writer.end_array();
  writer.key("is_streaming").raw(exchange.raw("streaming")).end_object();
  writer.key("duration_ms").raw(exchange.raw("duration_ms"));
  writer.key("trace_id").raw(exchange.raw("id")).end_object();
  DerivedLine& made = out.emplace_back();
  // The id tells two of one millisecond apart.
  made.file = "trace-" + file_time(exchange.started_at()) + "-" + id + ".json";
  const auto tree = parse_json(text);
  made.text = (tree ? dump_json_pretty(*tree) : text) + "\n";
  made.method = PutMethod::replace;
}

}  // namespace albicilla
