#include "sink/log/line.h"

#include "common/json/scan.h"
#include "common/json/writer.h"
#include "sink/store/digest.h"

namespace albicilla {

namespace {

void append_front(std::string& line, WallTime at, std::string_view session_id) {
  line += "{\"timestamp\":\"";
  line += iso8601(at);
  line += "\",\"session_id\":";
  append_json_string(line, session_id);
  line += ',';
}

}  // namespace

std::optional<std::string> piece_fault(std::string_view piece) {
  if (piece.empty()) return "the record is empty";
  const auto shape = check_json_members(piece);
  if (!shape) return "the record is not valid JSON";
  if (shape->raw_newline) return "the record holds a newline";
  return std::nullopt;
}

void append_line(std::string& line, const WireHeader& header, std::string_view session_id,
                 std::string_view piece) {
  append_front(line, header.naming.closed_at, session_id);
  line += piece;
}

void append_unusable_line(std::string& line, const WireHeader& header, std::string_view session_id,
                          std::string_view piece, std::string_view fault) {
  append_front(line, header.naming.closed_at, session_id);
  line += "\"request\":";
  JsonWriter request(line);
  request.begin_object().key("base64").text(base64(piece));
  request.key("content_type").text("application/x-albicilla-record");
  request.key("bytes").number(piece.size()).end_object();
  line += ",\"response\":null,\"exchange\":";
  JsonWriter exchange(line);
  exchange.begin_object().key("id").text(uuid_text(header.exchange.bytes));
  exchange.key("producer").text(hex_text(header.producer.bytes));
  exchange.key("seq").number(header.seq.value);
  exchange.key("started_at").text(iso8601(header.naming.started_at));
  exchange.key("dialect").text(header.naming.dialect);
  exchange.key("model").text(header.naming.model);
  exchange.key("user_id").text(header.naming.user_id);
  exchange.key("client_app").text(header.naming.client_app);
  exchange.key("error").text(fault).end_object();
}

void append_gap_line(std::string& line, WallTime at, const ProducerId& producer,
                     const SeqGap& gap) {
  line += "{\"timestamp\":\"" + iso8601(at) + "\",\"gap\":";
  JsonWriter writer(line);
  writer.begin_object().key("producer").text(hex_text(producer.bytes));
  writer.key("from").number(gap.first.value).key("to").number(gap.last.value).end_object();
}

}  // namespace albicilla
