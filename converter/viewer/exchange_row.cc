#include "converter/viewer/exchange_row.h"

#include <charconv>

#include "converter/viewer/json_member.h"
#include "converter/viewer/log_tree.h"

namespace albicilla::viewer {

const char* exchange_columns() {
  return "e.id, s.name, f.name, e.offset, e.bytes, e.closed_at, e.started_at, e.status, "
         "e.duration_us, e.first_byte_us, e.input_tokens, e.output_tokens, e.cached_tokens, "
         "e.reasoning_tokens, e.failed, e.streaming, e.asked, e.tools, e.calls, e.edge, "
         "e.previous, e.model, e.user, e.client, e.dialect, e.ending, e.uuid, e.method, e.path, "
         "e.upstream, e.latest, e.error, p.name";
}

ExchangeRow exchange_from(const Statement& row) {
  ExchangeRow e;
  int column = 0;
  e.id = row.integer(column++);
  e.session = row.text(column++);
  e.file = row.text(column++);
  e.line = e.id & 0xffffffff;
  for (std::int64_t* into : {&e.offset, &e.bytes, &e.closed_at, &e.started_at}) {
    *into = row.integer(column++);
  }
  for (auto* into : {&e.status, &e.duration_us, &e.first_byte_us, &e.input_tokens, &e.output_tokens,
                     &e.cached_tokens, &e.reasoning_tokens}) {
    *into = row.optional_integer(column++);
  }
  e.failed = row.integer(column++) != 0;
  e.streaming = row.integer(column++) != 0;
  for (std::int64_t* into : {&e.asked, &e.tools, &e.calls}) *into = row.integer(column++);
  e.edge = static_cast<Edge>(row.integer(column++));
  e.previous = row.optional_integer(column++);
  for (std::string* into : {&e.model, &e.user, &e.client, &e.dialect, &e.ending, &e.uuid, &e.method,
                            &e.path, &e.upstream, &e.latest, &e.error}) {
    *into = row.text(column++);
  }
  e.previous_file = row.text(column);
  if (e.previous && !e.previous_file.empty()) e.previous_line = *e.previous & 0xffffffff;
  return e;
}

ExchangeRow exchange_from(const FreshExchange& fresh) {
  const LineEntry& entry = fresh.entry;
  const LineFacts& f = entry.facts;
  ExchangeRow e;
  e.session = f.session;
  e.file = fresh.file;
  e.line = static_cast<std::int64_t>(entry.number);
  e.offset = static_cast<std::int64_t>(entry.offset);
  e.bytes = static_cast<std::int64_t>(entry.bytes);
  e.closed_at = micros(f.closed_at);
  e.started_at = micros(f.started_at);
  e.status = f.status;
  e.duration_us = f.duration_us;
  e.first_byte_us = f.first_byte_us;
  e.input_tokens = f.input_tokens;
  e.output_tokens = f.output_tokens;
  e.cached_tokens = f.cached_tokens;
  e.reasoning_tokens = f.reasoning_tokens;
  e.failed = f.failed();
  e.streaming = f.streaming;
  e.asked = static_cast<std::int64_t>(f.asked);
  e.tools = static_cast<std::int64_t>(f.tools);
  e.calls = static_cast<std::int64_t>(entry.calls);
  e.edge = fresh.edge;
  e.model = f.model;
  e.user = f.user;
  e.client = f.client;
  e.dialect = f.dialect;
  e.ending = f.ending;
  e.uuid = f.id;
  e.method = f.method;
  e.path = f.path;
  e.upstream = f.upstream;
  e.latest = entry.latest;
  e.error = f.error;
  return e;
}

void write_exchange(JsonWriter& json, const ExchangeRow& e) {
  json.begin_object();
  put(json, "ref", e.ref());
  put(json, "session", e.session);
  put(json, "id", e.uuid);
  put(json, "closed_at", e.closed_at);
  put(json, "started_at", e.started_at);
  put(json, "status", e.status);
  put(json, "failed", e.failed);
  put(json, "ending", e.ending);
  put(json, "error", e.error);
  put(json, "streaming", e.streaming);
  put(json, "duration_us", e.duration_us);
  put(json, "first_byte_us", e.first_byte_us);
  put(json, "input_tokens", e.input_tokens);
  put(json, "output_tokens", e.output_tokens);
  put(json, "cached_tokens", e.cached_tokens);
  put(json, "reasoning_tokens", e.reasoning_tokens);
  put(json, "model", e.model);
  put(json, "user", e.user);
  put(json, "client", e.client);
  put(json, "dialect", e.dialect);
  put(json, "upstream", e.upstream);
  put(json, "method", e.method);
  put(json, "path", e.path);
  put(json, "messages", e.asked);
  put(json, "tools", e.tools);
  put(json, "calls", e.calls);
  put(json, "bytes", e.bytes);
  put(json, "edge", to_string(e.edge));
  put(json, "latest", e.latest);
  json.key("previous");
  if (e.previous_line > 0) {
    json.text(e.previous_file + ":" + std::to_string(e.previous_line));
  } else {
    json.null();
  }
  json.end_object();
}

std::optional<std::pair<std::string, std::int64_t>> parse_ref(std::string_view ref) {
  const std::size_t colon = ref.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::int64_t line = 0;
  const std::string_view digits = ref.substr(colon + 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), line);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || line < 1) {
    return std::nullopt;
  }
  std::string file(ref.substr(0, colon));
  if (day_of(file).empty()) return std::nullopt;
  return std::pair(std::move(file), line);
}

}  // namespace albicilla::viewer
