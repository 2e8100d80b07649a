// Anthropic Messages: {"system","messages","tools"} with content blocks, as a request would carry
// them; results of calls stand at the head of the user's turn.
#include <algorithm>

#include "converter/format/calls.h"
#include "converter/format/images.h"
#include "converter/format/registry.h"
#include "converter/format/two_speakers.h"

namespace albicilla {

namespace {

class BlockWriter {
 public:
  BlockWriter(RowWriter& row, const Conversation& conversation)
      : row_(row), conversation_(conversation) {}

  Status side(const Side& side) {
    return append_side(row_, conversation_, side, {},
                       [this](const Turn& turn, std::uint32_t place) {
                         return turn.role == Role::tool ? result(turn) : blocks(turn, place);
                       });
  }

  void text(const RawString& text) {
    if (text.body.empty()) return;
    row_.begin_object().key("type").plain("text").key("text").string(text).end_object();
  }

 private:
  Status blocks(const Turn& turn, std::uint32_t place) {
    std::uint32_t call_place = 0;
    for (const Part& part : turn.parts) {
      switch (part.kind) {
        case PartKind::text:
        case PartKind::refusal:
          text(part.text);
          break;
        case PartKind::reasoning:
          reasoning(part);
          break;
        case PartKind::image:
          image(part);
          break;
        case PartKind::call:
          if (auto status = call(part, place, call_place++); !status) return status;
          break;
        case PartKind::media:
        case PartKind::other:
          return client_error("the format has no place for this kind of content");
      }
    }
    return {};
  }

  // The provider's own block carries a signature that only it can make.
  void reasoning(const Part& part) {
    if (part.raw.find("\"signature\"") != std::string_view::npos) {
      row_.json(part.raw);
      return;
    }
    row_.begin_object().key("type").plain("thinking").key("thinking").string(part.text);
    row_.key("signature").plain("").end_object();
  }

  void image(const Part& part) {
    const Image image = image_of(part);
    row_.begin_object().key("type").plain("image").key("source").begin_object();
    if (!image.url.empty()) {
      row_.key("type").plain("url").key("url").body(image.url);
    } else {
      row_.key("type").plain("base64").key("media_type").body(image.media_type);
      row_.key("data").body(image.data);
    }
    row_.end_object().end_object();
  }

  Status call(const Part& part, std::uint32_t turn, std::uint32_t place) {
    const std::string arguments = arguments_json(part);
    if (!are_object(arguments)) return client_error("a call's arguments are no JSON object");
    row_.begin_object().key("type").plain("tool_use");
    row_.key("id").body(call_id(conversation_, turn, place)).key("name").string(part.name);
    row_.key("input").raw(arguments).end_object();
    return {};
  }

  Status result(const Turn& turn) {
    if (auto status = only_parts(turn, {PartKind::text, PartKind::image}); !status) return status;
    row_.begin_object().key("type").plain("tool_result");
    row_.key("tool_use_id").body(call_id(conversation_, turn.call_turn, turn.call));
    row_.key("content").begin_array();
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::text) {
        text(part.text);
      } else {
        image(part);
      }
    }
    row_.end_array();
    if (turn.is_error) row_.key("is_error").boolean(true);
    row_.end_object();
    return {};
  }

  RowWriter& row_;
  const Conversation& conversation_;
};

// The rules of the Messages API as far as a finished conversation has to keep them.
class BlockRules {
 public:
  explicit BlockRules(RowCheck& check) : check_(check) {}

  void messages() {
    check_turns(check_, {}, [this](std::string_view role) { message(role); });
    if (!open_.empty()) check_.fail("the call '" + open_.front() + "' has no result");
  }

  void tools() {
    check_.array([this](std::size_t) {
      Required required{"name", "input_schema"};
      check_.object([&](std::string_view key) {
        required.see(key);
        if (key == "name") {
          declared_.emplace_back(check_.text());
        } else if (key == "description") {
          check_.string();
        } else if (key == "input_schema") {
          check_.object([&](std::string_view) { check_.any(); });
        } else {
          check_.unknown(key);
        }
      });
      required.check(check_);
    });
  }

  void finish() { check_called(check_, called_, declared_); }

  void text_blocks() {
    check_.array([this](std::size_t) { block("system"); });
  }

 private:
  void message(std::string_view role) {
    check_.object([&](std::string_view key) {
      if (key == "role") {
        check_.string_one_of({role});
      } else if (key == "content") {
        content(role);
      } else {
        check_.unknown(key);
      }
    });
  }

  void content(std::string_view role) {
    std::size_t count = 0;
    const bool answers = role == "user" && !open_.empty();
    check_.array([&](std::size_t) {
      block(role);
      ++count;
    });
    if (count == 0) check_.fail("must not be empty");
    if (answers && !open_.empty()) check_.fail("the call '" + open_.front() + "' has no result");
  }

  // "type" stands first, as we write it.
  void block(std::string_view role) {
    std::string type;
    check_.object([&](std::string_view key) {
      if (key == "type") {
        type = check_.string_one_of(
            {"text", "image", "tool_use", "tool_result", "thinking", "redacted_thinking"});
        const bool fits = type == "text" || (role == "user" && type == "tool_result") ||
                          (role == "user" && type == "image") ||
                          (role == "assistant" && type != "tool_result" && type != "image");
        if (!fits) check_.fail("a block of " + std::string(role) + " cannot be " + type);
      } else {
        member(type, key);
      }
    });
    if (type.empty()) check_.fail("'type' is missing");
  }

  void member(const std::string& type, std::string_view key) {
    if (type == "text" && key == "text") {
      check_.text();
    } else if (type == "tool_use" && key == "id") {
      open_.emplace_back(identifier());
    } else if (type == "tool_use" && key == "name") {
      called_.emplace_back(check_.text());
    } else if (type == "tool_use" && key == "input") {
      check_.object([&](std::string_view) { check_.any(); });
    } else if (type == "tool_result" && key == "tool_use_id") {
      close(check_.text());
    } else if (type == "tool_result" && key == "is_error") {
      check_.boolean();
    } else if (type == "tool_result" && key == "content") {
      check_.array([this](std::size_t) { block("user"); });
    } else if (type == "image" && key == "source") {
      check_.object([&](std::string_view) { check_.text(); });
    } else if (type.ends_with("thinking")) {
      check_.any();
    } else {
      check_.unknown(key);
    }
  }

  std::string_view identifier() {
    const std::string_view id = check_.text();
    const bool good = std::all_of(id.begin(), id.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             c == '_' || c == '-';
    });
    if (!good) check_.fail("must be letters, digits, _ and -");
    return id;
  }

  void close(std::string_view id) {
    const auto open = std::find(open_.begin(), open_.end(), id);
    if (open == open_.end()) {
      return check_.fail("answers '" + std::string(id) + "', which is no open call");
    }
    open_.erase(open);
  }

  RowCheck& check_;
  std::vector<std::string> open_;
  std::vector<std::string> called_;
  std::vector<std::string> declared_;
};

class Anthropic final : public DatasetFormat {
 public:
  std::string_view name() const override { return "anthropic"; }
  std::string_view summary() const override { return "Anthropic Messages, content blocks"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    const auto sides = sides_of(conversation);
    if (!sides) return sides.error();
    RowWriter row(out);
    BlockWriter blocks(row, conversation);
    row.begin_object();
    if (const auto system = system_turns(conversation); !system.empty()) {
      row.key("system").begin_array();
      for (const Turn* const turn : system) {
        if (auto status = only_parts(*turn, {PartKind::text}); !status) return status;
        for (const Part& part : turn->parts) blocks.text(part.text);
      }
      row.end_array();
    }
    row.key("messages").begin_array();
    for (const Side& side : *sides) {
      if (auto status = blocks.side(side); !status) return status;
    }
    row.end_array();
    if (!conversation.tools.empty()) {
      row.key("tools").begin_array();
      for (const Tool& tool : conversation.tools) {
        if (tool.is_function) append_tool(row, tool, {.parameters = "input_schema"});
      }
      row.end_array();
    }
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    BlockRules rules(check);
    Required required{"messages"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "messages") {
        rules.messages();
      } else if (key == "system") {
        rules.text_blocks();
      } else if (key == "tools") {
        rules.tools();
      } else {
        check.unknown(key);
      }
    });
    required.check(check);
    rules.finish();
    return check.finish();
  }
};

}  // namespace

const DatasetFormat& anthropic_format() {
  static const Anthropic format;
  return format;
}

}  // namespace albicilla
