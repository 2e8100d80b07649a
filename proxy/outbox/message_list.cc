#include "proxy/outbox/message_list.h"

#include <functional>
#include <utility>
#include <vector>

#include "common/json/walk.h"
#include "common/json/writer.h"
#include "common/record/message_entry.h"

namespace albicilla {
namespace {

struct Message {
  Microseconds at{0};
  FrameKind kind = FrameKind::text;
  std::string bytes;
  bool whole = true;
  std::uint64_t left_out = 0;
};

bool is_control(FrameKind kind) {
  return kind == FrameKind::close || kind == FrameKind::ping || kind == FrameKind::pong;
}

Message begun_by(const MessagePiece& piece) {
  return {piece.at, piece.kind, std::string(piece.bytes), piece.ends, piece.left_out};
}

// Puts pieces together; control messages may stand between the pieces of another.
// True when the body's end was cut off.
bool each_message(std::string_view body, const std::function<void(const Message&)>& visit) {
  std::optional<Message> open;
  MessagePieces pieces(body);
  while (const auto piece = pieces.next()) {
    if (is_control(piece->kind)) {
      visit(begun_by(*piece));
    } else if (open && open->kind == piece->kind) {
      open->bytes += piece->bytes;
      open->left_out += piece->left_out;
      open->whole = piece->ends;
    } else {
      if (open) visit(*open);
      open = begun_by(*piece);
    }
    if (open && open->whole) visit(*std::exchange(open, std::nullopt));
  }
  if (open) visit(*open);
  return pieces.cut();
}

// RFC 6455, 5.5.1: two bytes of code, then a reason.
void write_close(JsonWriter& writer, std::string_view payload) {
  if (payload.size() < 2) return;
  const unsigned code =
      static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
  writer.key("code").number(code);
  writer.key("message").text(payload.substr(2));
}

void append_message(std::string& out, const Message& message, WallTime started_at) {
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("at").text(iso8601(started_at + message.at));
  writer.key("type").text(to_string(message.kind));
  if (message.kind == FrameKind::close) {
    write_close(writer, message.bytes);
  } else {
    const Headers none;
    std::string value;
    const BodyView body{message.bytes, none, 0};
    if (message.bytes.empty()) {
      value = "\"\"";
    } else {
      message.kind == FrameKind::text ? append_body(value, body) : append_binary(value, body);
    }
    writer.key("message").raw(value);
  }
  if (!message.whole) writer.key("partial").boolean(true);
  if (message.left_out != 0) writer.key("bytes_left_out").number(message.left_out);
  writer.end_object();
}

// Texts of one direction are a stream: what they cut into pieces is found across them. Whatever is
// at a path is found in the array that they make.
void redact(std::vector<Message>& messages, Redactor& redactor) {
  std::vector<std::string> texts;
  for (const Message& message : messages) {
    if (message.kind == FrameKind::text) texts.push_back(message.bytes);
  }
  redactor.series(texts);
  std::size_t next = 0;
  for (Message& message : messages) {
    if (message.kind == FrameKind::text) {
      message.bytes = std::move(texts[next++]);
    } else if (message.kind == FrameKind::raw) {
      redactor.note_withheld();  // compressed, perhaps
      message.left_out += std::exchange(message.bytes, {}).size();
    } else {
      message.bytes = redactor.text(message.bytes);
    }
  }
}

}  // namespace

AppendedValue append_messages(std::string& out, std::string_view body, WallTime started_at,
                              Redactor* redactor) {
  std::vector<Message> messages;
  const bool cut = each_message(body, [&](const Message& message) { messages.push_back(message); });
  if (redactor != nullptr) redact(messages, *redactor);
  AppendedValue value;
  value.at = out.size();
  out.push_back('[');
  bool first = true;
  for (const Message& message : messages) {
    if (!std::exchange(first, false)) out.push_back(',');
    append_message(out, message, started_at);
    value.capped = value.capped || message.left_out != 0;
  }
  out.push_back(']');
  if (redactor != nullptr) {
    const std::string redacted = redactor->json(std::string_view(out).substr(value.at));
    out.replace(value.at, std::string::npos, redacted);
  }
  value.capped = value.capped || cut;
  value.size = out.size() - value.at;
  return value;
}

std::optional<std::string> assemble_messages(std::string_view body, const Dialect& dialect) {
  std::unique_ptr<StreamAssembler> assembler = dialect.assembler();
  if (assembler == nullptr) return std::nullopt;
  bool any = false;
  each_message(body, [&](const Message& message) {
    if (message.kind != FrameKind::text || !message.whole) return;
    any = true;
    const std::string_view type = json_inside(json_first_member(message.bytes, "type"));
    assembler->feed({type.empty() ? "message" : std::string(type), message.bytes});
  });
  return any ? assembler->finish() : std::nullopt;
}

std::string first_text_message(std::string_view body) {
  std::string first;
  each_message(body, [&](const Message& message) {
    if (first.empty() && message.kind == FrameKind::text && message.whole) first = message.bytes;
  });
  return first;
}

}  // namespace albicilla
