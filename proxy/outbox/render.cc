#include "proxy/outbox/render.h"

#include <algorithm>

#include "common/dialect/registry.h"
#include "common/json/walk.h"
#include "common/json/writer.h"
#include "common/redact/redact.h"
#include "common/session/agent_node.h"
#include "common/usage/meter.h"
#include "proxy/outbox/answer_chunks.h"
#include "proxy/outbox/body_value.h"
#include "proxy/outbox/message_list.h"
#include "proxy/outbox/milliseconds.h"

namespace albicilla {

namespace {

// Names of files and counters, not content: the line holds the whole text.
constexpr std::size_t kMostNamingBytes = 1024;

struct ExchangeView {
  const ExchangeFacts& facts;
  std::string_view dialect;
  std::string upstream_id;
  std::string model;
  Usage usage;
  bool truncated = false;
  bool raw = false;
  Redactor* redactor = nullptr;
  const ExchangeFacts* recorded = nullptr;  // before the redactor saw them
  std::uint64_t most_chunks = 0;
};

void text_or_null(JsonWriter& writer, std::string_view key, std::string_view text) {
  writer.key(key);
  text.empty() ? writer.null() : writer.text(text);
}

void count_or_null(JsonWriter& writer, std::string_view key,
                   const std::optional<std::uint64_t>& count) {
  writer.key(key);
  count ? writer.number(*count) : writer.null();
}

// Pairs, because order, spelling and duplicates are facts.
void write_headers(JsonWriter& writer, std::string_view key, const Headers& headers) {
  writer.key(key).begin_array();
  for (const Header& header : headers) {
    writer.begin_array().text(header.name).text(header.value).end_array();
  }
  writer.end_array();
}

void write_usage(JsonWriter& writer, const Usage& usage) {
  writer.key("usage").begin_object();
  count_or_null(writer, "input_tokens", usage.input_tokens);
  count_or_null(writer, "output_tokens", usage.output_tokens);
  count_or_null(writer, "total_tokens", usage.total_tokens);
  count_or_null(writer, "cached_tokens", usage.cached_tokens);
  count_or_null(writer, "reasoning_tokens", usage.reasoning_tokens);
  writer.key("source").text(to_string(usage.source)).end_object();
}

void write_redactions(JsonWriter& writer, const ExchangeFacts& facts, const Redactor* redactor) {
  const std::uint64_t headers =
      count_redacted(facts.opened.request_headers) + count_redacted(facts.closed.response_headers);
  const std::uint64_t query = count_redacted(facts.opened.query);
  writer.key("redactions").begin_object();
  if (headers != 0) writer.key("header").number(headers);
  if (query != 0) writer.key("query").number(query);
  if (redactor != nullptr) {
    for (const auto& [rule, count] : redactor->counts()) writer.key(rule).number(count);
  }
  writer.end_object();
}

void write_identity(JsonWriter& writer, const ExchangeFacts& facts) {
  const OpenedFacts& opened = facts.opened;
  const ClosedFacts& closed = facts.closed;
  writer.key("id").text(uuid_text(opened.id.bytes));
  writer.key("producer").text(hex_text(facts.producer.bytes));
  writer.key("seq").number(closed.seq.value);
  writer.key("worker").number(opened.slot);
  writer.key("started_at").text(iso8601(opened.started_at));
  writer.key("duration_ms").raw(milliseconds(closed.duration));
  writer.key("ttft_ms");
  closed.first_byte ? writer.raw(milliseconds(*closed.first_byte)) : writer.null();
  writer.key("method").text(opened.method);
  writer.key("path").text(opened.path);
  writer.key("query").text(opened.query);
}

// An answer that calls itself something else may still be an event stream; no JSON starts like one.
// A stream may begin with a comment; no JSON begins with a colon.
bool looks_like_events(std::string_view body) {
  return body.starts_with("data:") || body.starts_with("event:") || body.starts_with(':');
}

// "anthropic_to_openai_chat openai_chat\nnote\nnote\n"
std::string translation_of(const ExchangeView& view) {
  const ExchangeFacts& facts = view.facts;
  std::string_view lines = facts.translation;
  const auto take = [&lines](char mark) {
    const std::size_t end = std::min(lines.find(mark), lines.size());
    const std::string_view word = lines.substr(0, end);
    lines.remove_prefix(std::min(lines.size(), end + 1));
    return word;
  };
  const Headers none;
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("name").text(take(' '));
  const Dialect& dialect = dialect_named(take('\n'));
  writer.key("notes").begin_array();
  while (!lines.empty()) writer.text(take('\n'));
  writer.end_array();
  std::string value;
  if (view.redactor != nullptr) view.redactor->enter("request");
  const BodyView asked{facts.upstream_request_body, none, 0, view.redactor};
  view.raw ? append_binary(value, asked) : append_body(value, asked);
  writer.key("request").raw(value);
  value.clear();
  if (view.redactor != nullptr) view.redactor->enter("response");
  const BodyView answer{facts.upstream_response_body, none, 0, view.redactor};
  if (view.raw) {
    append_binary(value, answer);
  } else {
    looks_like_events(answer.bytes) ? append_stream(value, answer, dialect)
                                    : append_body(value, answer);
  }
  writer.key("response").raw(value);
  writer.end_object();
  return out;
}

// Only for sub-agents: the session tree.
void write_agent(JsonWriter& writer, const AgentNode& node) {
  writer.key("agent").begin_object();
  text_or_null(writer, "id", node.id);
  text_or_null(writer, "parent_id", node.parent_id);
  text_or_null(writer, "parent_session_id", node.parent_session);
  text_or_null(writer, "kind", node.kind);
  writer.end_object();
}

void write_exchange(std::string& out, const ExchangeView& view) {
  const OpenedFacts& opened = view.facts.opened;
  const ClosedFacts& closed = view.facts.closed;
  // First, because what is found in it counts too.
  const std::string translation =
      view.facts.translation.empty() ? std::string() : translation_of(view);
  JsonWriter writer(out);
  writer.begin_object();
  write_identity(writer, view.facts);
  writer.key("status");
  closed.status != 0 ? writer.number(closed.status) : writer.null();
  writer.key("ending").text(to_string(closed.ending));
  writer.key("streaming").boolean(closed.streaming);
  writer.key("dialect").text(view.dialect);
  text_or_null(writer, "upstream", opened.upstream);
  text_or_null(writer, "upstream_id", view.upstream_id);
  text_or_null(writer, "model", view.model);
  text_or_null(writer, "user_id", opened.user_id);
  text_or_null(writer, "client_app", opened.client_app);
  text_or_null(writer, "client_ip", opened.client_ip);
  writer.key("attempt").number(opened.attempt);
  write_headers(writer, "request_headers", opened.request_headers);
  write_headers(writer, "response_headers", closed.response_headers);
  writer.key("request_bytes").number(closed.request_bytes);
  writer.key("response_bytes").number(closed.response_bytes);
  writer.key("chunks").number(closed.chunks);
  write_usage(writer, view.usage);
  text_or_null(writer, "error", closed.error);
  write_redactions(writer, *view.recorded, view.redactor);
  writer.key("truncated").boolean(view.truncated);
  const AgentNode agent = agent_node(opened.request_headers);
  if (agent.is_sub_agent()) write_agent(writer, agent);
  write_answer_chunks(writer, view.facts, view.most_chunks,
                      view.redactor != nullptr ? ChunkContent::sizes : ChunkContent::bytes);
  if (!translation.empty()) writer.key("translation").raw(translation);
  writer.end_object();
}

// How one record is to be made.
struct Making {
  const RenderOptions& options;
  Redactor* redactor;  // null: nothing is to be taken out
  const ExchangeFacts& recorded;

  void enter(std::string_view root) const {
    if (redactor != nullptr) redactor->enter(root);
  }
};

AppendedValue append_response(std::string& out, const ExchangeFacts& facts, const Dialect& dialect,
                              const Making& making) {
  making.enter("response");
  const BodyView body{facts.response_body, facts.closed.response_headers,
                      making.options.most_decoded_bytes, making.redactor};
  if (facts.closed.status == 0 || body.bytes.empty()) {
    out.append("null");
    return {};
  }
  if (making.options.raw) return append_binary(out, body);
  const bool events =
      facts.closed.streaming || (dialect.generates() && looks_like_events(body.bytes));
  return events ? append_stream(out, body, dialect) : append_body(out, body);
}

AppendedValue append_request(std::string& out, const ExchangeFacts& facts, const Making& making) {
  making.enter("request");
  const BodyView body{facts.request_body, facts.opened.request_headers,
                      making.options.most_decoded_bytes, making.redactor};
  return making.options.raw && !body.bytes.empty() ? append_binary(out, body)
                                                   : append_body(out, body);
}

std::string clipped(std::string_view text) { return std::string(text.substr(0, kMostNamingBytes)); }

RecordNaming naming_of(const ExchangeView& view) {
  const OpenedFacts& opened = view.facts.opened;
  RecordNaming naming;
  naming.started_at = opened.started_at;
  naming.closed_at = view.facts.closed.closed_at;
  naming.session_hint = opened.session_hint;
  naming.session_source = opened.session_source;
  naming.user_id = clipped(opened.user_id);
  naming.model = clipped(view.model);
  naming.client_app = clipped(opened.client_app);
  naming.dialect = clipped(view.dialect);
  return naming;
}

// Only where the sink has to find the session: it left none, or a later exchange may name this
// answer instead of a session.
std::string conversation_of(const ExchangeView& view, std::string_view request,
                            std::string_view answer, const ConversationRules& rules) {
  const OpenedFacts& opened = view.facts.opened;
  const bool by_name = view.dialect == "openai_responses";
  const bool undecided = opened.session_source == SessionSource::none;
  const bool made_up = opened.session_source == SessionSource::anonymous ||
                       opened.session_source == SessionSource::bearer ||
                       opened.session_source == SessionSource::body;
  if (!undecided && !(by_name && made_up)) return {};
  const std::string peer =
      opened.client_ip + "\n" +
      std::string(find_header(opened.request_headers, "user-agent").value_or(""));
  const auto previous = json_text(json_member(request, "previous_response_id"));
  ConversationExchange exchange;
  exchange.request = request;
  exchange.answer = answer;
  exchange.user_id = opened.user_id;
  exchange.peer = peer;
  if (by_name) exchange.answer_id = view.upstream_id;
  if (previous) exchange.previous_id = *previous;
  exchange.repeated = opened.attempt > 0;
  exchange.failed = view.facts.closed.ending != Ending::complete || view.facts.closed.status >= 400;
  return encode(conversation_hint(exchange, rules));
}

// What both kinds of records end with, once request and response have been written: JSON texts to
// look into, empty when there are none; they may stand in the record itself.
struct Said {
  std::string_view request;
  std::string_view response;
  bool truncated = false;
};

void finish(RenderedRecord& record, const ExchangeFacts& facts, const Said& said,
            const Dialect& dialect, const Making& making) {
  ExchangeView view{facts, dialect.name(), {}, {}, {}, false, false};
  ResponseFacts answered = dialect.response_facts(said.response);
  view.upstream_id = std::move(answered.id);
  view.model = answered.model.empty() ? json_text(json_member(said.request, "model")).value_or("")
                                      : std::move(answered.model);
  view.usage = meter(dialect, {said.request, said.response}, answered);
  view.raw = making.options.raw;
  view.redactor = making.redactor;
  view.recorded = &making.recorded;
  view.most_chunks = making.options.raw ? 0 : making.options.most_chunks;
  view.truncated =
      facts.closed.request_truncated || facts.closed.response_truncated || said.truncated;
  record.naming = naming_of(view);
  const bool asked = making.options.conversation != nullptr && facts.closed.status != 101;
  if (asked && !view.raw && dialect.generates()) {
    record.naming.conversation =
        conversation_of(view, said.request, said.response, *making.options.conversation);
  }
  record.middle.append(",\"exchange\":");
  write_exchange(record.middle, view);
  record.usage = view.usage;
}

RenderedRecord render_bodies(const ExchangeFacts& facts, const Making& making) {
  RenderedRecord record;
  std::string& out = record.middle;
  out.reserve(facts.request_body.size() + facts.response_body.size() + 4096);
  out.append("\"request\":");
  const AppendedValue request = append_request(out, facts, making);
  const Dialect& dialect = dialect_of_body(dialect_named(facts.opened.dialect), request.json(out));
  out.append(",\"response\":");
  const AppendedValue response = append_response(out, facts, dialect, making);
  finish(record, facts, {request.json(out), response.json(out), request.capped || response.capped},
         dialect, making);
  return record;
}

RenderedRecord render_messages(const ExchangeFacts& facts, const Making& making) {
  RenderedRecord record;
  const Dialect& dialect = dialect_named(facts.opened.dialect);
  record.middle.append("\"request\":");
  making.enter("request");
  const AppendedValue request =
      append_messages(record.middle, facts.request_body, facts.opened.started_at, making.redactor);
  record.middle.append(",\"response\":");
  making.enter("response");
  const AppendedValue response =
      append_messages(record.middle, facts.response_body, facts.opened.started_at, making.redactor);
  std::string asked = first_text_message(facts.request_body);
  std::string answered = assemble_messages(facts.response_body, dialect).value_or("");
  if (making.redactor != nullptr) {  // a copy: what the line holds has been counted
    Redactor uncounted = *making.redactor;
    asked = uncounted.text(asked);
    answered = uncounted.text(answered);
  }
  finish(record, facts, {asked, answered, request.capped || response.capped}, dialect, making);
  return record;
}

RenderedRecord render_facts(const ExchangeFacts& facts, const Making& making) {
  const bool web_socket = facts.closed.status == 101 && !making.options.raw;
  return web_socket ? render_messages(facts, making) : render_bodies(facts, making);
}

}  // namespace

RenderedRecord render(const ExchangeFacts& facts, const RenderOptions& options) {
  if (options.redaction == nullptr) return render_facts(facts, {options, nullptr, facts});
  Redactor redactor(*options.redaction);
  ExchangeFacts cleaned = facts;
  redactor.clean(cleaned.opened);
  redactor.clean(cleaned.closed);
  return render_facts(cleaned, {options, &redactor, facts});
}

}  // namespace albicilla
