#include "sink/layout/messages.h"

#include "common/json/writer.h"
#include "sink/layout/exchange_fields.h"

namespace albicilla {

namespace {

void text_or_null(JsonWriter& writer, std::string_view key, std::string_view text) {
  writer.key(key);
  text.empty() ? writer.null() : writer.text(text);
}

}  // namespace

void derive_messages(const LayoutLine& line, const LayoutLimits& limits,
                     std::vector<DerivedLine>& out) {
  const ExchangeFields exchange(line);
  const std::string session = "\"" + std::string(line.view.session_id) + "\"";
  const std::string model = exchange.model();
  const auto ends = [&](JsonWriter& writer) {
    text_or_null(writer, "model", model);
    text_or_null(writer, "provider", exchange.provider());
  };
  std::string text;
  JsonWriter asked(text);
  asked.begin_object().key("timestamp").raw(exchange.raw("started_at"));
  asked.key("session_id").raw(session).key("direction").text("request");
  asked.key("request").raw(line.view.request);
  ends(asked);
  if (limits.messages_metadata) {
    asked.key("metadata").begin_object().key("path").raw(exchange.raw("path"));
    asked.key("method").raw(exchange.raw("method"));
    asked.key("is_streaming").raw(exchange.raw("streaming"));
    asked.key("exchange_id").raw(exchange.raw("id")).end_object();
  }
  asked.end_object();
  text += "\n";
  const bool failed = exchange.raw("status") == "null";
  JsonWriter answered(text);
  answered.begin_object().key("timestamp").text(line.view.timestamp);
  answered.key("session_id").raw(session).key("direction").text(failed ? "error" : "response");
  if (failed) {
    answered.key("error_type").raw(exchange.raw("ending"));
    answered.key("error_message").raw(exchange.raw("error"));
  } else {
    answered.key("response").raw(line.view.response);
  }
  ends(answered);
  if (limits.messages_metadata) {
    answered.key("metadata").begin_object().key("status_code").raw(exchange.raw("status"));
    answered.key("duration_ms").raw(exchange.raw("duration_ms"));
    answered.key("exchange_id").raw(exchange.raw("id")).end_object();
  }
  answered.end_object();
  text += "\n";
  out.push_back({limits.messages_file, std::move(text), PutMethod::append});
}

}  // namespace albicilla
