#include "sink/log/line.h"

#include "common/base/base64.h"
#include "common/json/writer.h"
#include "common/record/log_line.h"

namespace albicilla {

namespace {

// How the exchange object of this record begins.
std::string exchange_start(const WireHeader& header) {
  return ",\"exchange\":{\"id\":\"" + uuid_text(header.exchange.bytes) + "\",\"producer\":\"" +
         hex_text(header.producer.bytes) + "\",\"seq\":" + std::to_string(header.seq.value) + ",";
}

}  // namespace

std::optional<std::string> piece_fault(const WireHeader& header, std::string_view piece) {
  if (piece.empty()) return "the record is empty";
  if (!is_line_middle(piece)) return "the record is not the JSON of a line";
  // Searched from the end, where it is.
  if (piece.rfind(exchange_start(header)) == std::string_view::npos) {
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

void append_gap_line(std::string& line, WallTime at, const ProducerId& producer,
                     const SeqGap& gap) {
  line += "{\"timestamp\":\"" + iso8601(at) + "\",\"gap\":";
  JsonWriter writer(line);
  writer.begin_object().key("producer").text(hex_text(producer.bytes));
  writer.key("from").number(gap.first.value).key("to").number(gap.last.value).end_object();
}

}  // namespace albicilla
