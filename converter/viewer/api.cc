#include "converter/viewer/api.h"

#include <algorithm>
#include <array>

#include "common/base/version.h"
#include "common/json/writer.h"
#include "converter/viewer/api_answers.h"
#include "converter/viewer/conversation_json.h"
#include "converter/viewer/exchange_row.h"
#include "converter/viewer/file_list.h"
#include "converter/viewer/json_member.h"
#include "converter/viewer/log_tree.h"
#include "converter/viewer/plots.h"
#include "converter/viewer/search.h"
#include "converter/viewer/session_list.h"
#include "converter/viewer/tail_reader.h"

namespace albicilla::viewer {
namespace {

constexpr std::size_t kMostBuckets = 240;

Result<ExchangeRow> find_asked_exchange(DayPool& pool, const ApiRequest& request) {
  if (const std::string id = request.parameter("id"); !id.empty()) {
    return find_exchange_by_id(pool, id);
  }
  const auto ref = parse_ref(request.parameter("ref"));
  if (!ref) return client_error("ref must be like 2026-01-13/session.jsonl:1");
  return find_exchange(pool, ref->first, ref->second);
}

}  // namespace

struct Api::Route {
  std::string_view method;
  std::string_view path;
  bool exports;  // needs the right to export
  ApiAnswer (Api::*handler)(const ApiRequest&) const;
};

const Api::Route* Api::find_route(const ApiRequest& request, bool& known_path) {
  static constexpr std::array<Route, 18> kRoutes = {{
      {"GET", "/api/state", false, &Api::state},
      {"GET", "/api/facets", false, &Api::facets},
      {"GET", "/api/sessions", false, &Api::sessions},
      {"GET", "/api/histogram", false, &Api::histogram},
      {"GET", "/api/exchanges", false, &Api::exchanges},
      {"GET", "/api/session", false, &Api::session},
      {"GET", "/api/conversation", false, &Api::conversation},
      {"GET", "/api/exchange", false, &Api::exchange},
      {"GET", "/api/line", false, &Api::line},
      {"GET", "/api/search", false, &Api::search},
      {"GET", "/api/plots", false, &Api::plots},
      {"GET", "/api/files", false, &Api::files},
      {"GET", "/api/checkpoints", false, &Api::checkpoints},
      {"GET", "/api/verify", false, &Api::verify},
      {"GET", "/api/command", false, &Api::command},
      {"POST", "/api/export", true, &Api::start_export},
      {"GET", "/api/export", true, &Api::export_state},
      {"GET", "/api/export/file", true, &Api::export_file},
  }};
  known_path = false;
  for (const Route& route : kRoutes) {
    if (route.path != request.path) continue;
    known_path = true;
    if (route.method == request.method) return &route;
  }
  return nullptr;
}

ApiAnswer Api::answer(const ApiRequest& request) const {
  bool known_path = false;
  const Route* route = find_route(request, known_path);
  if (route == nullptr) {
    return known_path ? api_error(405, "this path has another method")
                      : api_error(404, "no such path");
  }
  if (route->exports && !request.user.may_export) {
    return api_error(403, "you may read, but not export");
  }
  return (this->*route->handler)(request);
}

ApiAnswer Api::state(const ApiRequest& request) const {
  const IndexState index = parts_.indexer.state();
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  put(json, "version", kVersion);
  put(json, "user", request.user.name);
  put(json, "may_export", request.user.may_export);
  put(json, "logs", parts_.root.string());
  json.key("index").begin_object();
  put(json, "ready", index.first_pass_done);
  put(json, "indexed_bytes", index.indexed_bytes);
  put(json, "pending_bytes", index.pending_bytes);
  put(json, "error", index.error);
  json.end_object().key("days").begin_array();
  for (const std::string& day : parts_.pool.days()) json.text(day);
  json.end_array().end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::facets(const ApiRequest&) const {
  std::map<std::string, std::map<std::string, std::int64_t>> facets;
  constexpr std::size_t kMostTexts = 200;
  for (const std::string& day : parts_.pool.days()) {
    auto lease = parts_.pool.take(day);
    if (!lease) continue;
    auto select = (*lease)->prepare(
        "SELECT kind, text, exchanges FROM facet ORDER BY exchanges DESC LIMIT 500");
    if (!select) return from_error(select.error());
    for (auto row = select->step(); row && *row; row = select->step()) {
      auto& texts = facets[std::string(select->text(0))];
      const std::string text(select->text(1));
      if (texts.size() < kMostTexts || texts.count(text) > 0) texts[text] += select->integer(2);
    }
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  for (const auto& [kind, texts] : facets) {
    json.key(kind).begin_array();
    for (const auto& [text, exchanges] : texts) {
      json.begin_object();
      put(json, "text", text);
      put(json, "exchanges", exchanges);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::sessions(const ApiRequest& request) const {
  auto filter = parse_filter(request.parameter);
  if (!filter) return from_error(filter.error());
  const std::string sort = request.parameter("sort");
  const auto order = sort.empty() ? SessionOrder::newest : session_order_from(sort);
  if (!order) return api_error(400, "sort must be newest, exchanges, tokens, failed or duration");
  auto page = list_sessions(parts_.pool, *filter, *order, request.parameter("cursor"),
                            count_parameter(request, "limit", 100, kMostPageRows));
  if (!page) return from_error(page.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("sessions").begin_array();
  for (const auto& row : page->rows) write_session(json, row);
  json.end_array();
  put(json, "next", page->next);
  json.end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::histogram(const ApiRequest& request) const {
  auto filter = parse_filter(request.parameter);
  if (!filter) return from_error(filter.error());
  auto histogram =
      make_histogram(parts_.pool, *filter, count_parameter(request, "buckets", 120, kMostBuckets));
  if (!histogram) return from_error(histogram.error());
  std::string body;
  JsonWriter json(body);
  write_histogram(json, *histogram);
  return json_answer(std::move(body));
}

ApiAnswer Api::exchanges(const ApiRequest& request) const {
  auto filter = parse_filter(request.parameter);
  if (!filter) return from_error(filter.error());
  auto rows =
      newest_exchanges(parts_.pool, *filter, count_parameter(request, "limit", 50, kMostPageRows));
  if (!rows) return from_error(rows.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("exchanges").begin_array();
  for (const ExchangeRow& row : *rows) write_exchange(json, row);
  json.end_array().end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::session(const ApiRequest& request) const {
  auto detail = find_session(parts_.pool, request.parameter("id"));
  if (!detail) return from_error(detail.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("session");
  write_session(json, detail->row);
  json.key("exchanges").begin_array();
  for (const ExchangeRow& row : detail->exchanges) write_exchange(json, row);
  json.end_array().key("files").begin_array();
  for (const FileProgress& file : detail->files) write_file(json, file);
  json.end_array();
  put(json, "more", detail->more);
  json.end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::conversation(const ApiRequest& request) const {
  auto lines = find_session_lines(parts_.pool, request.parameter("id"));
  if (!lines) return from_error(lines.error());
  const std::scoped_lock lock(rebuilding_);
  auto session = Reconstruction::make(parts_.root, *lines, parts_.scratch);
  if (!session) return from_error(session.error());
  std::string body;
  const Status status =
      write_conversation(body, **session, (*session)->branch_of(request.parameter("branch")));
  if (!status) return from_error(status.error());
  return json_answer(std::move(body));
}

ApiAnswer Api::exchange(const ApiRequest& request) const {
  auto row = find_asked_exchange(parts_.pool, request);
  if (!row) return from_error(row.error());
  std::string body;
  JsonWriter json(body);
  write_exchange(json, *row);
  return json_answer(std::move(body));
}

ApiAnswer Api::line(const ApiRequest& request) const {
  auto row = find_asked_exchange(parts_.pool, request);
  if (!row) return from_error(row.error());
  auto bytes = read_log_bytes(parts_.root / row->file, static_cast<std::uint64_t>(row->offset),
                              static_cast<std::uint64_t>(row->bytes));
  if (!bytes) return from_error(bytes.error());
  return json_answer(std::move(*bytes));
}

ApiAnswer Api::search(const ApiRequest& request) const {
  auto filter = parse_filter(request.parameter);
  if (!filter) return from_error(filter.error());
  auto page =
      search_messages(parts_.pool, parts_.root, parse_search(request.parameter("q")), *filter,
                      request.parameter("cursor"), count_parameter(request, "limit", 20, 100));
  if (!page) return from_error(page.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("hits").begin_array();
  for (const SearchHit& hit : page->hits) {
    json.begin_object();
    put(json, "role", to_string(hit.role));
    put(json, "observed", hit.answered);
    put(json, "other_sessions", hit.other_sessions);
    json.key("snippet").begin_array();
    for (const SnippetPiece& piece : hit.snippet) {
      json.begin_array().text(piece.text).boolean(piece.hit).end_array();
    }
    json.end_array().key("exchange");
    write_exchange(json, hit.exchange);
    json.end_object();
  }
  json.end_array();
  put(json, "next", page->next);
  put(json, "timed_out", page->timed_out);
  json.end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::plots(const ApiRequest& request) const {
  auto filter = parse_filter(request.parameter);
  if (!filter) return from_error(filter.error());
  auto plots =
      make_plots(parts_.pool, *filter, count_parameter(request, "buckets", 96, kMostBuckets));
  if (!plots) return from_error(plots.error());
  std::string body;
  JsonWriter json(body);
  write_plots(json, *plots);
  return json_answer(std::move(body));
}

ApiAnswer Api::command(const ApiRequest& request) const {
  auto wish = parse_export_wish(request.parameter);
  if (!wish) return from_error(wish.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  put(json, "command", shell_line(parts_.exporter.command(*wish, "./output")));
  json.end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::start_export(const ApiRequest& request) const {
  auto wish = parse_export_wish(request.parameter);
  if (!wish) return from_error(wish.error());
  auto id = parts_.exporter.start(*wish);
  if (!id) return from_error(id.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  put(json, "id", *id);
  json.end_object();
  return json_answer(std::move(body), 202);
}

ApiAnswer Api::export_state(const ApiRequest& request) const {
  const auto state = parts_.exporter.state(request.parameter("id"));
  if (!state) return api_error(404, "no such export");
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  put(json, "running", state->running);
  put(json, "exit_code", state->exit_code);
  put(json, "messages", state->messages);
  json.key("files").begin_array();
  for (const Exporter::File& file : state->files) {
    json.begin_object();
    put(json, "name", file.name);
    put(json, "bytes", file.bytes);
    json.end_object();
  }
  json.end_array().end_object();
  return json_answer(std::move(body));
}

ApiAnswer Api::export_file(const ApiRequest& request) const {
  const std::string name = request.parameter("name");
  const auto path = parts_.exporter.file(request.parameter("id"), name);
  if (!path) return api_error(404, "no such file");
  ApiAnswer answer;
  answer.type = "application/octet-stream";
  answer.file = *path;
  answer.download_name = name;
  return answer;
}

}  // namespace albicilla::viewer
