#include "converter/format/albicilla.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "converter/format/registry.h"
#include "converter/format/row_check.h"
#include "converter/reading/json_cursor.h"

namespace albicilla {

namespace {

// The value of a member, empty when there is none; the last one wins.
std::string_view member_of(std::string_view object, std::string_view name) {
  std::string_view found;
  JsonCursor cursor(object);
  RawString key;
  if (cursor.kind() != JsonKind::object || !cursor.begin_object()) return {};
  while (cursor.next_member(key)) {
    std::string_view raw;
    if (!cursor.skip(raw)) return {};
    if (key.is(name)) found = raw;
  }
  return found;
}

bool is_string(std::string_view raw) { return raw.starts_with('"'); }

std::string text_of_string(std::string_view raw, TextRepairs& repairs) {
  std::string text;
  JsonCursor cursor(raw);
  RawString value;
  if (cursor.string(value)) append_text(text, value, repairs);
  return text;
}

// A string's text, or the texts of a list's text parts joined; other parts have none.
std::string text_of_content(std::string_view content, TextRepairs& repairs) {
  if (is_string(content)) return text_of_string(content, repairs);
  std::string text;
  JsonCursor cursor(content);
  if (cursor.kind() != JsonKind::array || !cursor.begin_array()) return text;
  while (cursor.next_element()) {
    std::string_view part;
    if (!cursor.skip(part)) break;
    const std::string_view inner = member_of(part, "text");
    if (is_string(inner)) text += text_of_string(inner, repairs);
  }
  return text;
}

struct Message {
  struct Field {
    RawString key;
    std::string_view value;
  };
  // In the order of the record.
  static constexpr std::array<std::string_view, 5> kNames = {"role", "content", "name",
                                                             "tool_calls", "tool_call_id"};
  std::array<std::string_view, 5> known;  // empty: absent or null
  std::vector<Field> others;

  std::string_view& content() { return known[1]; }
  std::string_view& tool_calls() { return known[3]; }
  std::string_view& tool_call_id() { return known[4]; }
};

Result<Message> parse_message(std::string_view raw) {
  Message message;
  JsonCursor cursor(raw);
  RawString key;
  if (!cursor.begin_object()) return client_error("a message is not an object");
  while (cursor.next_member(key)) {
    std::string_view value;
    if (!cursor.skip(value)) break;
    bool is_known = false;
    for (std::size_t i = 0; i < Message::kNames.size(); ++i) {
      if (!key.is(Message::kNames[i])) continue;
      message.known[i] = value == "null" ? std::string_view{} : value;
      is_known = true;
    }
    if (!is_known && value != "null") message.others.push_back({key, value});
  }
  if (!is_string(message.known[0])) return client_error("a message has no role");
  return message;
}

class RecordWriter {
 public:
  RecordWriter(CallStyle style, TextRepairs& repairs) : style_(style), repairs_(repairs) {}

  Status message(std::string_view raw) {
    auto parsed = parse_message(raw);
    if (!parsed) return parsed.error();
    std::optional<std::string> content;  // replaces the message's own
    if (style_ == CallStyle::json_tool_call) content = rewritten_content(*parsed);
    if (!std::exchange(first_message_, false)) out_ += ", ";
    write_message(*parsed, content);
    return {};
  }

  std::string finish(std::string_view tools) {
    std::string record = R"({"messages": [)" + out_ + R"(], "tools": )";
    if (tools.empty() || tools == "null") {
      record += "[]";
    } else {
      append_python_json(record, tools, repairs_);
    }
    record.push_back('}');
    return record;
  }

 private:
  // Moves calls and results into the text; nullopt when this message has neither.
  std::optional<std::string> rewritten_content(Message& message) {
    if (message.known[0] == R"("assistant")" && message.tool_calls().starts_with('[') &&
        JsonCursor(message.tool_calls().substr(1)).kind() != JsonKind::absent) {
      std::string content = text_with_calls(message);
      message.tool_calls() = {};
      return content;
    }
    if (message.known[0] == R"("tool")" && !message.tool_call_id().empty()) {
      std::string content = "<tool_result tool_call_id=\"" +
                            text_of_content(message.tool_call_id(), repairs_) + "\">" +
                            text_of_content(message.content(), repairs_) + "</tool_result>";
      message.tool_call_id() = {};
      return content;
    }
    return std::nullopt;
  }

  std::string text_with_calls(Message& message) {
    std::string text = text_of_content(message.content(), repairs_);
    JsonCursor cursor(message.tool_calls());
    cursor.begin_array();
    while (cursor.next_element()) {
      std::string_view call;
      if (!cursor.skip(call)) break;
      const std::string_view function = member_of(call, "function");
      const std::string_view name = member_of(function, "name");
      if (!is_string(name)) continue;
      if (!text.empty()) text.push_back('\n');
      append_call(text, name, member_of(function, "arguments"));
    }
    return std::string(strip_space(text));
  }

  void append_call(std::string& text, std::string_view name, std::string_view arguments) {
    text += R"(<tool_call>{"name": )";
    append_python_json(text, name, repairs_);
    text += R"(, "arguments": )";
    const std::string inner = is_string(arguments) ? text_of_string(arguments, repairs_) : "";
    JsonCursor cursor(inner);
    if (!inner.empty() && cursor.skip() && cursor.at_end()) {
      append_python_json(text, inner, repairs_);
    } else if (arguments.empty()) {
      text += "null";
    } else {
      append_python_json(text, arguments, repairs_);
    }
    text += "}</tool_call>";
  }

  void write_message(Message& message, const std::optional<std::string>& content) {
    out_.push_back('{');
    bool first = true;
    const auto begin_field = [&](std::string_view name) {
      if (!std::exchange(first, false)) out_ += ", ";
      out_.push_back('"');
      out_ += name;
      out_ += "\": ";
    };
    for (std::size_t i = 0; i < Message::kNames.size(); ++i) {
      const bool is_content = i == 1;
      if (is_content && content) {
        if (content->empty()) continue;
        begin_field("content");
        out_.push_back('"');
        append_escaped(out_, *content);
        out_.push_back('"');
      } else if (!message.known[i].empty()) {
        begin_field(Message::kNames[i]);
        append_python_json(out_, message.known[i], repairs_);
      }
    }
    for (const Message::Field& field : message.others) {
      std::string name;
      append_respelled(name, field.key, repairs_);
      begin_field(name);
      append_python_json(out_, field.value, repairs_);
    }
    out_.push_back('}');
  }

  CallStyle style_;
  TextRepairs& repairs_;
  std::string out_;
  bool first_message_ = true;
};

}  // namespace

Result<std::string> albicilla_record(std::string_view messages, std::string_view answer,
                                     std::string_view tools, CallStyle style,
                                     TextRepairs& repairs) {
  RecordWriter writer(style, repairs);
  JsonCursor cursor(messages);
  if (cursor.kind() != JsonKind::array || !cursor.begin_array()) {
    return client_error("request has no messages");
  }
  while (cursor.next_element()) {
    std::string_view raw;
    if (!cursor.skip(raw)) break;
    if (auto status = writer.message(raw); !status) return status.error();
  }
  if (!answer.empty()) {
    if (auto status = writer.message(answer); !status) return status.error();
  }
  return writer.finish(tools);
}

namespace {

class Albicilla final : public DatasetFormat {
 public:
  std::string_view name() const override { return "albicilla"; }
  std::string_view summary() const override {
    return "messages and tools, one record per log file (default)";
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    Required required{"messages", "tools"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "messages") {
        check.array([&](std::size_t) {
          Required role{"role"};
          check.object([&](std::string_view inner) {
            role.see(inner);
            if (inner == "role") {
              check.text();
            } else {
              check.any();
            }
          });
          role.check(check);
        });
      } else if (key == "tools") {
        check.array([&](std::size_t) { check.any(); });
      } else {
        check.unknown(key);
      }
    });
    required.check(check);
    return check.finish();
  }
};

}  // namespace

const DatasetFormat& albicilla_format() {
  static const Albicilla format;
  return format;
}

}  // namespace albicilla
