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

// The body without its content codings; `storage` holds it when it had any. What cannot be decoded
// stays as it is.
std::string_view decoded(const BodyView& body, std::string& storage, bool& capped) {
  const auto coding = find_header(body.headers, "content-encoding");
  if (!coding || !is_encoded(*coding)) return body.bytes;
  DecodedContent content = decode_content(body.bytes, *coding, body.most_decoded_bytes);
  if (content.outcome == Decoding::failed) return body.bytes;
  capped = content.outcome == Decoding::capped;
  storage = std::move(content.bytes);
  return storage;
}

bool says_json(const Headers& headers) {
  const auto type = find_header(headers, "content-type");
  return type && type->find("json") != std::string_view::npos;
}

// Valid JSON goes in verbatim; only a raw newline forces it to be minified.
bool append_if_json(std::string& out, std::string_view text) {
  const auto shape = check_json(text);
  if (!shape || shape->depth > kMostBodyDepth) return false;
  shape->raw_newline ? append_minified(out, text) : void(out.append(text));
  return true;
}

// A bare number or word is JSON only when its sender says so, otherwise it is text like any other.
bool may_be_json(std::string_view text, const Headers& headers) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  return text[first] == '{' || text[first] == '[' || says_json(headers);
}

void append_base64_object(std::string& out, std::string_view bytes, const Headers& headers) {
  out.append("{\"base64\":\"");
  append_base64(out, bytes);
  out.append("\",\"content_type\":");
  const auto type = find_header(headers, "content-type");
  type ? append_json_string(out, *type) : void(out.append("null"));
  out.append(",\"bytes\":").append(std::to_string(bytes.size())).push_back('}');
}

// True when it went in as JSON.
bool append_plain(std::string& out, std::string_view bytes, const Headers& headers) {
  if (bytes.empty()) {
    out.append("null");
    return false;
  }
  if (may_be_json(bytes, headers) && append_if_json(out, bytes)) return true;
  is_utf8(bytes) ? append_json_string(out, bytes) : append_base64_object(out, bytes, headers);
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
  std::string storage;
  bool capped = false;
  const std::string_view bytes = decoded(body, storage, capped);
  const bool is_json = append_plain(out, bytes, body.headers);
  return value_since(out, at, is_json, capped);
}

AppendedValue append_stream(std::string& out, const BodyView& body, const Dialect& dialect) {
  const std::size_t at = out.size();
  std::string storage;
  bool capped = false;
  const std::string_view bytes = decoded(body, storage, capped);
  const auto object = assembled(bytes, dialect);
  const bool is_json =
      (object && append_if_json(out, *object)) || append_plain(out, bytes, body.headers);
  return value_since(out, at, is_json, capped);
}

AppendedValue append_binary(std::string& out, const BodyView& body) {
  const std::size_t at = out.size();
  append_base64_object(out, body.bytes, body.headers);
  return value_since(out, at, false, false);
}

}  // namespace albicilla
