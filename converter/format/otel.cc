// OpenTelemetry's semantic conventions for generative AI: the attributes of one chat span, with its
// messages as structured values.
#include <algorithm>

#include "converter/format/calls.h"
#include "converter/format/images.h"
#include "converter/format/parameters.h"
#include "converter/format/registry.h"
#include "converter/format/row_check.h"
#include "converter/format/sides.h"

namespace albicilla {

namespace {

class SpanWriter {
 public:
  SpanWriter(RowWriter& row, const Conversation& conversation)
      : row_(row), conversation_(conversation) {}

  Status write() {
    const Provenance& provenance = conversation_.provenance;
    row_.begin_object().key("gen_ai.operation.name").plain("chat");
    row_.key("gen_ai.conversation.id").plain(provenance.session);
    row_.key("gen_ai.response.id").body(provenance.id);
    if (!provenance.models.empty()) {
      row_.key("gen_ai.request.model").body(provenance.models.front());
      row_.key("gen_ai.response.model").body(provenance.models.back());
    }
    usage("gen_ai.usage.input_tokens", {"input_tokens", "prompt_tokens"});
    usage("gen_ai.usage.output_tokens", {"output_tokens", "completion_tokens"});
    if (auto status = instructions(); !status) return status;
    const std::size_t last = conversation_.turns.size() - 1;
    row_.key("gen_ai.input.messages").begin_array();
    for (std::size_t i = 0; i < last; ++i) {
      if (auto status = message(i, false); !status) return status;
    }
    row_.end_array().key("gen_ai.output.messages").begin_array();
    if (auto status = message(last, true); !status) return status;
    row_.end_array();
    tools();
    row_.end_object();
    return {};
  }

 private:
  void usage(std::string_view name, std::initializer_list<std::string_view> members) {
    for (const std::string_view member : members) {
      const std::string_view count = raw_member(conversation_.usage, member);
      if (count.empty() || count.front() < '0' || count.front() > '9') continue;
      row_.key(name).raw(count);
      return;
    }
  }

  Status instructions() {
    if (conversation_.system.empty()) return {};
    row_.key("gen_ai.system_instructions").begin_array();
    for (const Turn& turn : conversation_.system) {
      if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
      for (const Part& part : turn.parts) text("text", part);
    }
    row_.end_array();
    return {};
  }

  void text(std::string_view type, const Part& part) {
    row_.begin_object().key("type").plain(type).key("content").string(part.text).end_object();
  }

  Status message(std::size_t place, bool is_output) {
    const Turn& turn = conversation_.turns[place];
    row_.begin_object().key("role").plain(to_string(turn.role)).key("parts").begin_array();
    if (turn.role == Role::tool) {
      if (auto status = only_parts(turn, {PartKind::text}); !status) return status;
      row_.begin_object().key("type").plain("tool_call_response");
      row_.key("id").body(call_id(conversation_, turn.call_turn, turn.call));
      row_.key("response").plain(turn_text(turn)).end_object();
    } else if (auto status = parts(turn, static_cast<std::uint32_t>(place)); !status) {
      return status;
    }
    row_.end_array();
    if (is_output) {
      row_.key("finish_reason").plain(calls_of(turn).empty() ? "stop" : "tool_call");
    }
    row_.end_object();
    return {};
  }

  Status parts(const Turn& turn, std::uint32_t place) {
    std::uint32_t call = 0;
    for (const Part& part : turn.parts) {
      switch (part.kind) {
        case PartKind::text:
        case PartKind::refusal:
          text("text", part);
          break;
        case PartKind::reasoning:
          text("reasoning", part);
          break;
        case PartKind::image:
          image(part);
          break;
        case PartKind::call:
          row_.begin_object().key("type").plain("tool_call");
          row_.key("id").body(call_id(conversation_, place, call++)).key("name").string(part.name);
          row_.key("arguments").raw(arguments_json(part)).end_object();
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
      row_.key("type").plain("uri").key("modality").plain("image").key("uri").body(image.url);
    } else {
      row_.key("type").plain("blob").key("mime_type").body(image.media_type);
      row_.key("modality").plain("image").key("content").body(image.data);
    }
    row_.end_object();
  }

  void tools() {
    if (conversation_.tools.empty()) return;
    row_.key("gen_ai.tool.definitions").begin_array();
    for (const Tool& tool : conversation_.tools) {
      if (!tool.is_function) continue;
      row_.begin_object().key("type").plain("function").key("name").string(tool.name);
      if (!tool.description.body.empty()) row_.key("description").string(tool.description);
      if (!tool.parameters.empty()) row_.key("parameters").json(tool.parameters);
      row_.end_object();
    }
    row_.end_array();
  }

  RowWriter& row_;
  const Conversation& conversation_;
};

class SpanRules {
 public:
  explicit SpanRules(RowCheck& check) : check_(check) {}

  void messages(bool output) {
    std::size_t count = 0;
    check_.array([&](std::size_t) {
      message(output);
      ++count;
    });
    if (output && count != 1) check_.fail("must be one message");
  }

  void parts() {
    check_.array([this](std::size_t) { part(); });
  }

 private:
  void message(bool output) {
    Required required{"role", "parts"};
    if (output) required = Required{"role", "parts", "finish_reason"};
    check_.object([&](std::string_view key) {
      required.see(key);
      if (key == "role") {
        check_.string_one_of({"system", "user", "assistant", "tool"});
      } else if (key == "parts") {
        parts();
      } else if (output && key == "finish_reason") {
        check_.string_one_of({"stop", "length", "content_filter", "tool_call", "error"});
      } else {
        check_.unknown(key);
      }
    });
    required.check(check_);
  }

  void part() {
    std::string type;
    check_.object([&](std::string_view key) {
      if (key == "type") {
        type = check_.string_one_of(
            {"text", "reasoning", "tool_call", "tool_call_response", "blob", "uri"});
      } else if (key == "arguments" && type == "tool_call") {
        check_.any();
      } else if (key == "response" && type == "tool_call_response") {
        check_.any();
      } else if (key == "content" || key == "id" || key == "name" || key == "mime_type" ||
                 key == "modality" || key == "uri") {
        check_.string();
      } else {
        check_.unknown(key);
      }
    });
    if (type.empty()) check_.fail("'type' is missing");
  }

  RowCheck& check_;
};

class Otel final : public DatasetFormat {
 public:
  std::string_view name() const override { return "otel"; }
  std::string_view summary() const override { return "OpenTelemetry GenAI span attributes"; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    RowWriter row(out);
    return SpanWriter(row, conversation).write();
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    SpanRules rules(check);
    Required required{"gen_ai.operation.name", "gen_ai.input.messages", "gen_ai.output.messages"};
    check.object([&](std::string_view key) {
      required.see(key);
      if (key == "gen_ai.input.messages" || key == "gen_ai.output.messages") {
        rules.messages(key == "gen_ai.output.messages");
      } else if (key == "gen_ai.system_instructions") {
        rules.parts();
      } else if (key == "gen_ai.tool.definitions") {
        check.array([&](std::size_t) { check.any(); });
      } else if (key.starts_with("gen_ai.usage.")) {
        check.number();
      } else if (key.starts_with("gen_ai.")) {
        check.text();
      } else {
        check.unknown(key);
      }
    });
    required.check(check);
    return check.finish();
  }
};

}  // namespace

const DatasetFormat& otel_format() {
  static const Otel format;
  return format;
}

}  // namespace albicilla
