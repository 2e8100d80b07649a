// Fine-tuning on Amazon Bedrock (schemaVersion bedrock-conversation-2024): the Converse API's
// blocks, with toolUse and toolResult and the tools in toolConfig.
#include <algorithm>

#include "converter/format/calls.h"
#include "converter/format/images.h"
#include "converter/format/registry.h"
#include "converter/format/two_speakers.h"

namespace albicilla {

namespace {

constexpr std::string_view kVersion = "bedrock-conversation-2024";

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

 private:
  Status blocks(const Turn& turn, std::uint32_t place) {
    std::uint32_t call_place = 0;
    for (const Part& part : turn.parts) {
      Status status;
      switch (part.kind) {
        case PartKind::text:
        case PartKind::refusal:
          text(part);
          break;
        case PartKind::reasoning:
          row_.begin_object().key("reasoningContent").begin_object().key("reasoningText");
          row_.begin_object().key("text").string(part.text).end_object().end_object().end_object();
          break;
        case PartKind::image:
          status = image(part);
          break;
        case PartKind::call:
          status = call(part, place, call_place++);
          break;
        case PartKind::media:
        case PartKind::other:
          return client_error("the format has no place for this kind of content");
      }
      if (!status) return status;
    }
    return {};
  }

  void text(const Part& part) {
    if (!part.text.body.empty()) row_.begin_object().key("text").string(part.text).end_object();
  }

  Status image(const Part& part) {
    const Image image = image_of(part);
    if (image.data.empty()) return client_error("the format has no place for links to images");
    const std::size_t slash = image.media_type.find('/');
    row_.begin_object().key("image").begin_object();
    row_.key("format").body(image.media_type.substr(slash + 1)).key("source").begin_object();
    row_.key("bytes").body(image.data).end_object().end_object().end_object();
    return {};
  }

  Status call(const Part& part, std::uint32_t turn, std::uint32_t place) {
    const std::string arguments = arguments_json(part);
    if (!are_object(arguments)) return client_error("a call's arguments are no JSON object");
    row_.begin_object().key("toolUse").begin_object();
    row_.key("toolUseId").body(call_id(conversation_, turn, place)).key("name").string(part.name);
    row_.key("input").raw(arguments).end_object().end_object();
    return {};
  }

  Status result(const Turn& turn) {
    if (auto status = only_parts(turn, {PartKind::text, PartKind::image}); !status) return status;
    row_.begin_object().key("toolResult").begin_object();
    row_.key("toolUseId").body(call_id(conversation_, turn.call_turn, turn.call));
    row_.key("content").begin_array();
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::text) {
        text(part);
      } else if (auto status = image(part); !status) {
        return status;
      }
    }
    row_.end_array().key("status").plain(turn.is_error ? "error" : "success");
    row_.end_object().end_object();
    return {};
  }

  RowWriter& row_;
  const Conversation& conversation_;
};

class BlockRules {
 public:
  explicit BlockRules(RowCheck& check) : check_(check) {}

  void messages() {
    check_turns(check_, {}, [this](std::string_view role) { message(role); });
    if (!open_.empty()) check_.fail("the call '" + open_.front() + "' has no result");
  }

  void texts() {
    check_.array([this](std::size_t) {
      check_.object([this](std::string_view key) {
        if (key == "text") {
          check_.text();
        } else {
          check_.unknown(key);
        }
      });
    });
  }

  void tools() {
    check_.array([this](std::size_t) {
      check_.object([this](std::string_view key) {
        if (key != "toolSpec") return check_.unknown(key);
        Required required{"name", "inputSchema"};
        check_.object([&](std::string_view inner) {
          required.see(inner);
          if (inner == "name") {
            declared_.emplace_back(check_.text());
          } else if (inner == "description") {
            check_.string();
          } else if (inner == "inputSchema") {
            check_.object([this](std::string_view json) {
              if (json != "json") return check_.unknown(json);
              check_.object([&](std::string_view) { check_.any(); });
            });
          } else {
            check_.unknown(inner);
          }
        });
        required.check(check_);
      });
    });
  }

  void finish() { check_called(check_, called_, declared_); }

 private:
  void message(std::string_view role) {
    const bool answers = role == "user" && !open_.empty();
    std::size_t count = 0;
    check_.object([&](std::string_view key) {
      if (key == "role") {
        check_.string_one_of({role});
      } else if (key == "content") {
        check_.array([&](std::size_t) {
          ++count;
          check_.object([&](std::string_view kind) { block(role, kind); });
        });
      } else {
        check_.unknown(key);
      }
    });
    if (count == 0) check_.fail("'content' must not be empty");
    if (answers && !open_.empty()) check_.fail("the call '" + open_.front() + "' has no result");
  }

  void block(std::string_view role, std::string_view kind) {
    const bool assistant = role == "assistant";
    if (kind == "text") {
      check_.text();
    } else if (kind == "image" && !assistant) {
      image();
    } else if (kind == "reasoningContent" && assistant) {
      check_.any();
    } else if (kind == "toolUse" && assistant) {
      use();
    } else if (kind == "toolResult" && !assistant) {
      result();
    } else {
      check_.unknown(kind);
    }
  }

  void image() {
    check_.object([this](std::string_view key) {
      if (key == "format") {
        check_.string_one_of({"png", "jpeg", "gif", "webp"});
      } else {
        check_.any();
      }
    });
  }

  void use() {
    Required required{"toolUseId", "name", "input"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "toolUseId") {
        open_.emplace_back(check_.text());
      } else if (key == "name") {
        called_.emplace_back(check_.text());
      } else if (key == "input") {
        check_.object([&](std::string_view) { check_.any(); });
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  void result() {
    Required required{"toolUseId", "content"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "toolUseId") {
        const std::string id(check_.text());
        const auto open = std::find(open_.begin(), open_.end(), id);
        if (open == open_.end()) return check_.fail("answers '" + id + "', which is no open call");
        open_.erase(open);
      } else if (key == "content") {
        check_.array([this](std::size_t) {
          check_.object([this](std::string_view kind) {
            if (kind == "text") {
              check_.text();
            } else if (kind == "image") {
              image();
            } else {
              check_.unknown(kind);
            }
          });
        });
      } else if (key == "status") {
        check_.string_one_of({"success", "error"});
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  RowCheck& check_;
  std::vector<std::string> open_;
  std::vector<std::string> called_;
  std::vector<std::string> declared_;
};

void append_tool_config(RowWriter& row, const Conversation& conversation) {
  if (conversation.tools.empty()) return;
  row.key("toolConfig").begin_object().key("tools").begin_array();
  for (const Tool& tool : conversation.tools) {
    if (!tool.is_function) continue;
    row.begin_object().key("toolSpec").begin_object().key("name").string(tool.name);
    if (!tool.description.body.empty()) row.key("description").string(tool.description);
    row.key("inputSchema").begin_object().key("json");
    if (tool.parameters.empty()) {
      row.raw(R"({"type":"object","properties":{}})");
    } else {
      row.json(tool.parameters);
    }
    row.end_object().end_object().end_object();
  }
  row.end_array().end_object();
}

class Bedrock final : public DatasetFormat {
 public:
  std::string_view name() const override { return "bedrock"; }
  std::string_view summary() const override { return "Amazon Bedrock fine-tuning"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    const auto sides = sides_of(conversation);
    if (!sides) return sides.error();
    const auto system = system_text(conversation);
    if (!system) return system.error();
    RowWriter row(out);
    row.begin_object().key("schemaVersion").plain(kVersion);
    if (!system->empty()) {
      row.key("system").begin_array().begin_object().key("text").plain(*system).end_object();
      row.end_array();
    }
    row.key("messages").begin_array();
    BlockWriter blocks(row, conversation);
    for (const Side& side : *sides) {
      if (auto status = blocks.side(side); !status) return status;
    }
    row.end_array();
    append_tool_config(row, conversation);
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    BlockRules rules(check);
    Required required{"schemaVersion", "messages"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "schemaVersion") {
        check.string_one_of({kVersion});
      } else if (key == "system") {
        rules.texts();
      } else if (key == "messages") {
        rules.messages();
      } else if (key == "toolConfig") {
        check.object([&](std::string_view inner) {
          if (inner == "tools") {
            rules.tools();
          } else {
            check.unknown(inner);
          }
        });
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

const DatasetFormat& bedrock_format() {
  static const Bedrock format;
  return format;
}

}  // namespace albicilla
