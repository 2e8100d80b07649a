// Supervised tuning of Gemini on Vertex AI: {"systemInstruction","contents","tools"}; the model's
// turns have the role "model", results of calls come back as functionResponse of the user.
#include <algorithm>

#include "converter/format/calls.h"
#include "converter/format/images.h"
#include "converter/format/registry.h"
#include "converter/format/two_speakers.h"

namespace albicilla {

namespace {

constexpr SpeakerNames kNames = {.assistant = "model", .list = "parts"};

class PartWriter {
 public:
  PartWriter(RowWriter& row, const Conversation& conversation)
      : row_(row), conversation_(conversation) {}

  Status side(const Side& side) {
    return append_side(row_, conversation_, side, kNames, [this](const Turn& turn, std::uint32_t) {
      return turn.role == Role::tool ? result(turn) : parts(turn);
    });
  }

 private:
  Status parts(const Turn& turn) {
    for (const Part& part : turn.parts) {
      switch (part.kind) {
        case PartKind::text:
        case PartKind::refusal:
          if (!part.text.body.empty())
            row_.begin_object().key("text").string(part.text).end_object();
          break;
        case PartKind::reasoning:
          break;  // the target has no place for it and does not learn from it
        case PartKind::image:
          image(part);
          break;
        case PartKind::call:
          if (auto status = call(part); !status) return status;
          break;
        case PartKind::media:
        case PartKind::other:
          return client_error("the format has no place for this kind of content");
      }
    }
    return {};
  }

  void image(const Part& part) {
    const Image image = image_of(part);
    row_.begin_object();
    if (!image.url.empty()) {
      row_.key("fileData").begin_object().key("mimeType").plain("image/*").key("fileUri");
      row_.body(image.url).end_object();
    } else {
      row_.key("inlineData").begin_object().key("mimeType").body(image.media_type).key("data");
      row_.body(image.data).end_object();
    }
    row_.end_object();
  }

  Status call(const Part& part) {
    const std::string arguments = arguments_json(part);
    if (!are_object(arguments)) return client_error("a call's arguments are no JSON object");
    row_.begin_object().key("functionCall").begin_object();
    row_.key("name").string(part.name).key("args").raw(arguments).end_object().end_object();
    return {};
  }

  // A response is an object; what is none stands under "result".
  Status result(const Turn& turn) {
    if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
    const Part* const call = answered_call(conversation_, turn);
    if (call == nullptr) return client_error("a tool result answers no call");
    const std::string text = turn_text(turn);
    JsonCursor cursor(text);
    const bool is_object = cursor.kind() == JsonKind::object && cursor.skip() && cursor.at_end();
    row_.begin_object().key("functionResponse").begin_object().key("name").string(call->name);
    row_.key("response");
    if (is_object && is_utf8(text)) {
      row_.json(text);
    } else {
      row_.begin_object().key(turn.is_error ? "error" : "result").plain(text).end_object();
    }
    row_.end_object().end_object();
    return {};
  }

  RowWriter& row_;
  const Conversation& conversation_;
};

class PartRules {
 public:
  explicit PartRules(RowCheck& check) : check_(check) {}

  void contents() {
    check_turns(check_, kNames, [this](std::string_view role) { content(role); });
  }

  void content(std::string_view role) {
    std::size_t calls = 0;
    std::size_t results = 0;
    std::size_t count = 0;
    check_.object([&](std::string_view key) {
      if (key == "role") {
        check_.string_one_of({role});
      } else if (key == "parts") {
        check_.array([&](std::size_t) {
          ++count;
          check_.object([&](std::string_view kind) { part(role, kind, calls, results); });
        });
      } else {
        check_.unknown(key);
      }
    });
    if (count == 0) check_.fail("'parts' must not be empty");
    if (role == "user" && results != open_) {
      check_.fail("there must be a functionResponse for each functionCall");
    }
    open_ = calls;
  }

  void declarations() {
    check_.array([this](std::size_t) {
      check_.object([this](std::string_view key) {
        if (key != "functionDeclarations") return check_.unknown(key);
        check_.array([this](std::size_t) {
          check_.object([this](std::string_view member) {
            if (member == "name") {
              declared_.emplace_back(check_.text());
            } else if (member == "description") {
              check_.string();
            } else if (member == "parameters") {
              check_.object([&](std::string_view) { check_.any(); });
            } else {
              check_.unknown(member);
            }
          });
        });
      });
    });
  }

  void finish() {
    if (open_ != 0) check_.fail("a functionCall has no functionResponse");
    check_called(check_, called_, declared_);
  }

 private:
  void part(std::string_view role, std::string_view kind, std::size_t& calls,
            std::size_t& results) {
    const bool model = role == "model";
    if (kind == "text") {
      check_.text();
    } else if (kind == "functionCall" && model) {
      ++calls;
      named("args", true);
    } else if (kind == "functionResponse" && !model) {
      ++results;
      named("response", false);
    } else if ((kind == "inlineData" || kind == "fileData") && !model) {
      check_.object([&](std::string_view) { check_.text(); });
    } else {
      check_.unknown(kind);
    }
  }

  void named(std::string_view object, bool is_call) {
    Required required{"name", object};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "name") {
        const std::string_view name = check_.text();
        if (is_call) called_.emplace_back(name);
      } else if (key == object) {
        check_.object([&](std::string_view) { check_.any(); });
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  RowCheck& check_;
  std::size_t open_ = 0;
  std::vector<std::string> called_;
  std::vector<std::string> declared_;
};

class Gemini final : public DatasetFormat {
 public:
  std::string_view name() const override { return "gemini"; }
  std::string_view summary() const override { return "Gemini tuning on Vertex AI"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    const auto sides = sides_of(conversation);
    if (!sides) return sides.error();
    const auto system = system_text(conversation);
    if (!system) return system.error();
    RowWriter row(out);
    row.begin_object();
    if (!system->empty()) {
      row.key("systemInstruction").begin_object().key("parts").begin_array();
      row.begin_object().key("text").plain(*system).end_object().end_array().end_object();
    }
    row.key("contents").begin_array();
    PartWriter parts(row, conversation);
    for (const Side& side : *sides) {
      if (auto status = parts.side(side); !status) return status;
    }
    row.end_array();
    if (!conversation.tools.empty()) {
      row.key("tools").begin_array().begin_object().key("functionDeclarations").begin_array();
      for (const Tool& tool : conversation.tools) {
        if (tool.is_function) append_tool(row, tool, {});
      }
      row.end_array().end_object().end_array();
    }
    row.end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    PartRules rules(check);
    Required required{"contents"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "contents") {
        rules.contents();
      } else if (key == "systemInstruction") {
        check.object([&](std::string_view inner) {
          if (inner == "role") {
            check.text();
          } else if (inner == "parts") {
            check.array([&](std::size_t) {
              check.object([&](std::string_view kind) {
                if (kind == "text") {
                  check.text();
                } else {
                  check.unknown(kind);
                }
              });
            });
          } else {
            check.unknown(inner);
          }
        });
      } else if (key == "tools") {
        rules.declarations();
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

const DatasetFormat& gemini_format() {
  static const Gemini format;
  return format;
}

}  // namespace albicilla
