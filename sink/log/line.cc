#include "sink/log/line.h"

#include "common/base/base64.h"
#include "common/json/writer.h"
#include "common/record/log_line.h"

namespace albicilla {

namespace {

// How the exchange object of this record begins.
std::string exchange_start(const WireHeader& header) {
  return "{\"id\":\"" + uuid_text(header.exchange.bytes) + "\",\"producer\":\"" +
         hex_text(header.producer.bytes) + "\",\"seq\":" + std::to_string(header.seq.value) + ",";
}

// How a gap of this Seq begins.
std::string gap_start(const WireHeader& header) {
  const std::string seq = std::to_string(header.seq.value);
  return "\"gap\":{\"producer\":\"" + hex_text(header.producer.bytes) + "\",\"from\":" + seq +
         ",\"to\":" + seq + ",";
}

}  // namespace

std::optional<std::string> piece_fault(const WireHeader& header, std::string_view piece) {
  if (piece.empty()) return "the record is empty";
  if (header.kind == MessageKind::gap) {
    if (is_gap_middle(piece) && piece.starts_with(gap_start(header))) return std::nullopt;
    return "the gap is not the JSON of a gap";
  }
  const auto exchange = exchange_of_middle(piece);
  if (!exchange) return "the record is not the JSON of a line";
  if (!exchange->starts_with(exchange_start(header))) {
    return "the record names another exchange than its header";
  }
  return std::nullopt;
}

void append_line(std::string& line, const WireHeader& header, std::string_view session_id,
                 std::string_view piece) {
  append_line_start(line, header.naming.closed_at, session_id, piece);
}

void append_unusable_line(std::string& line, const WireHeader& header, std::string_view session_id,
                          std::string_view piece, std::string_view fault) {
  std::string middle = "\"request\":{\"base64\":\"";
  append_base64(middle, piece);
  middle += "\",\"content_type\":\"application/x-albicilla-record\",\"bytes\":" +
            std::to_string(piece.size()) + "},\"response\":null,\"exchange\":";
  JsonWriter exchange(middle);
  exchange.begin_object().key("id").text(uuid_text(header.exchange.bytes));
  exchange.key("producer").text(hex_text(header.producer.bytes));
  exchange.key("seq").number(header.seq.value);
  exchange.key("started_at").text(iso8601(header.naming.started_at));
  exchange.key("dialect").text(header.naming.dialect);
  exchange.key("model").text(header.naming.model);
  exchange.key("user_id").text(header.naming.user_id);
  exchange.key("client_app").text(header.naming.client_app);
  exchange.key("error").text(fault).end_object();
  append_line_start(line, header.naming.closed_at, session_id, middle);
}

void append_named_gap_line(std::string& line, const WireHeader& header, std::string_view piece) {
  append_gap_line_start(line, header.naming.closed_at, piece);
}

void append_repeat_line(std::string& line, const WireHeader& header) {
  std::string middle = "\"gap\":";
  JsonWriter writer(middle);
  writer.begin_object().key("producer").text(hex_text(header.producer.bytes));
  writer.key("from").number(header.seq.value).key("to").number(header.seq.value);
  writer.key("exchange").text(uuid_text(header.exchange.bytes)).key("exchanges").number(0);
  writer.key("cause").text("found again in a damaged spool, its line was there already");
  writer.end_object();
  append_gap_line_start(line, header.naming.closed_at, middle);
}

void append_gap_line(std::string& line, WallTime at, const ProducerId& producer,
                     const SeqGap& gap) {
  line += "{\"timestamp\":\"" + iso8601(at) + "\",\"gap\":";
  JsonWriter writer(line);
  writer.begin_object().key("producer").text(hex_text(producer.bytes));
  writer.key("from").number(gap.first.value).key("to").number(gap.last.value).end_object();
}

}  // namespace albicilla
