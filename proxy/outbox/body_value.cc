#include "proxy/outbox/body_value.h"

#include <optional>

#include "common/base/base64.h"
#include "common/dialect/registry.h"
#include "common/http/content_coding.h"
#include "common/json/scan.h"
#include "common/json/walk.h"
#include "common/json/writer.h"
#include "common/record/log_line.h"
#include "common/sse/sse_reader.h"

namespace albicilla {

namespace {

// The body without its content codings.
struct DecodedBody {
  std::string storage;     // holds it when it had any
  std::string_view bytes;  // what cannot be decoded stays as it is
  bool capped = false;
  bool unreadable = false;  // not what its coding says
};

void decode(const BodyView& body, DecodedBody& into) {
  into.bytes = body.bytes;
  const auto coding = find_header(body.headers, "content-encoding");
  if (!coding || !is_encoded(*coding)) return;
  DecodedContent content = decode_content(body.bytes, *coding, body.most_decoded_bytes);
  into.unreadable = content.outcome == Decoding::failed;
  if (into.unreadable) return;
  into.capped = content.outcome == Decoding::capped;
  into.storage = std::move(content.bytes);
  into.bytes = into.storage;
}

bool says_json(const Headers& headers) {
  const auto type = find_header(headers, "content-type");
  return type && type->find("json") != std::string_view::npos;
}

// Valid JSON goes in verbatim; only a raw newline forces it to be minified, and a redactor changes
// what it finds.
bool append_if_json(std::string& out, std::string_view text, Redactor* redactor) {
  const auto shape = check_json(text);
  if (!shape || shape->depth > kMostBodyDepth) return false;
  std::string redacted;
  if (redactor != nullptr) {
    redacted = redactor->json(text);
    text = redacted;
  }
  shape->raw_newline ? append_minified(out, text) : void(out.append(text));
  return true;
}

// A bare number or word is JSON only when its sender says so, otherwise it is text like any other.
bool may_be_json(std::string_view text, const Headers& headers) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  return text[first] == '{' || text[first] == '[' || says_json(headers);
}

void append_base64_object(std::string& out, std::string_view bytes, const BodyView& body) {
  out.append("{\"base64\":\"");
  append_base64(out, bytes);
  out.append("\",\"content_type\":");
  const auto type = find_header(body.headers, "content-type");
  type ? append_json_string(out, *type) : void(out.append("null"));
  out.append(",\"bytes\":").append(std::to_string(bytes.size())).push_back('}');
}

// Of what a redactor cannot look into only the size stays.
void append_withheld(std::string& out, const BodyView& body) {
  body.redactor->note_withheld();
  out.append("{\"base64\":null,\"content_type\":null,\"bytes\":");
  out.append(std::to_string(body.bytes.size())).push_back('}');
}

// Text as a string, anything else as base64.
void append_opaque(std::string& out, std::string_view bytes, const BodyView& body) {
  is_utf8(bytes) ? append_json_string(out, bytes) : append_base64_object(out, bytes, body);
}

// True when it went in as JSON.
bool append_plain(std::string& out, const DecodedBody& decoded, const BodyView& body) {
  const std::string_view bytes = decoded.bytes;
  if (bytes.empty()) {
    out.append("null");
    return false;
  }
  if (decoded.unreadable && body.redactor != nullptr) {
    append_withheld(out, body);
    return false;
  }
  if (may_be_json(bytes, body.headers) && append_if_json(out, bytes, body.redactor)) return true;
  body.redactor == nullptr ? append_opaque(out, bytes, body)
                           : append_opaque(out, body.redactor->text(bytes), body);
  return false;
}

std::optional<std::string> assembled(std::string_view stream, const Dialect& by_request) {
  SseReader reader(stream);
  SseEvent event;
  if (!reader.next(event)) return std::nullopt;
  const auto assembler = dialect_of_event(by_request, event).assembler();
  if (assembler == nullptr) return std::nullopt;
  do {
    assembler->feed(event);
  } while (reader.next(event));
  return assembler->finish();
}

AppendedValue value_since(const std::string& out, std::size_t at, bool is_json, bool capped) {
  return {at, out.size() - at, is_json, capped};
}

}  // namespace

AppendedValue append_body(std::string& out, const BodyView& body) {
  const std::size_t at = out.size();
  DecodedBody decoded;
  decode(body, decoded);
  const bool is_json = append_plain(out, decoded, body);
  return value_since(out, at, is_json, decoded.capped);
}

AppendedValue append_stream(std::string& out, const BodyView& body, const Dialect& dialect) {
  const std::size_t at = out.size();
  DecodedBody decoded;
  decode(body, decoded);
  const auto object = assembled(decoded.bytes, dialect);
  bool is_json = object && append_if_json(out, *object, body.redactor);
  if (!is_json) {
    std::string redacted;  // here the events are joined, append_plain sees only the whole
    if (body.redactor != nullptr && !decoded.unreadable) {
      redacted = body.redactor->events(decoded.bytes);
      decoded.bytes = redacted;
    }
    is_json = append_plain(out, decoded, body);
  }
  return value_since(out, at, is_json, decoded.capped);
}

AppendedValue append_binary(std::string& out, const BodyView& body) {
  const std::size_t at = out.size();
  body.redactor != nullptr ? append_withheld(out, body)
                           : append_base64_object(out, body.bytes, body);
  return value_since(out, at, false, false);
}

}  // namespace albicilla
