#include "converter/format/chat_messages.h"

#include <algorithm>
#include <string>

#include "converter/format/calls.h"
#include "converter/format/images.h"

namespace albicilla {

namespace {

std::string_view role_member(Role role) {
  switch (role) {
    case Role::system:
      return R"("role":"system")";
    case Role::user:
      return R"("role":"user")";
    case Role::assistant:
      return R"("role":"assistant")";
    case Role::tool:
      return R"("role":"tool")";
  }
  return {};
}

class MessageWriter {
 public:
  MessageWriter(RowWriter& row, const Conversation& conversation, const ChatStyle& style)
      : row_(row), conversation_(conversation), style_(style) {}

  Status write(const Turn& turn, std::uint32_t place) {
    row_.begin_object_with(role_member(turn.role));
    Status status;
    switch (turn.role) {
      case Role::system:
      case Role::user:
        status = content(turn);
        break;
      case Role::assistant:
        status = assistant(turn, place);
        break;
      case Role::tool:
        status = tool(turn);
        break;
    }
    row_.end_object();
    return status;
  }

 private:
  Status content(const Turn& turn) {
    const std::size_t texts = static_cast<std::size_t>(
        std::count_if(turn.parts.begin(), turn.parts.end(),
                      [](const Part& part) { return part.kind == PartKind::text; }));
    row_.key("content");
    const bool joined = texts <= 1 || style_.one_string || turn.role == Role::system;
    if (texts == turn.parts.size() && joined) {
      one_string(turn);
      return {};
    }
    if (style_.one_string) return client_error("the format has no place for images and media");
    row_.begin_array();
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::text) {
        row_.begin_object().key("type").plain("text").key("text").string(part.text).end_object();
      } else if (part.kind == PartKind::image && turn.role == Role::user) {
        row_.begin_object().key("type").plain("image_url").key("image_url").begin_object();
        row_.key("url").body(image_url(image_of(part))).end_object().end_object();
      } else {
        return client_error("the format has no place for this kind of content");
      }
    }
    row_.end_array();
    return {};
  }

  // Several texts become paragraphs.
  void one_string(const Turn& turn) {
    row_.begin_string();
    bool first = true;
    for (const Part& part : turn.parts) {
      if (part.kind != PartKind::text) continue;
      if (!first) row_.add_plain("\n\n");
      first = false;
      row_.add(part.text);
    }
    row_.end_string();
  }

  Status assistant(const Turn& turn, std::uint32_t place) {
    const auto calls = calls_of(turn);
    if (has_kind(turn.parts, PartKind::other)) {
      return client_error("the format has no place for a provider's own tools");
    }
    if (style_.reasoning && has_kind(turn.parts, PartKind::reasoning)) {
      row_.key("reasoning_content").texts(turn.parts, PartKind::reasoning);
    }
    const bool has_text =
        has_kind(turn.parts, PartKind::text) || has_kind(turn.parts, PartKind::refusal);
    if (has_text || calls.empty() || style_.empty_content) {
      row_.key("content").begin_string();
      row_.add_texts(turn.parts).add_texts(turn.parts, PartKind::refusal).end_string();
    }
    if (!calls.empty()) {
      row_.key("tool_calls").begin_array();
      for (std::uint32_t i = 0; i < calls.size(); ++i) {
        if (auto status = call(*calls[i], place, i); !status) return status;
      }
      row_.end_array();
    }
    if (style_.weights) row_.key("weight").raw(turn.weight == 0 ? "0" : "1");
    return {};
  }

  std::string id_of(std::uint32_t turn, std::uint32_t call) const {
    return style_.nine_letter_ids ? nine_letter_id(turn, call) : call_id(conversation_, turn, call);
  }

  Status call(const Part& call, std::uint32_t turn, std::uint32_t place) {
    row_.begin_object().key("id").body(id_of(turn, place)).key("type").plain("function");
    row_.key("function").begin_object().key("name").string(call.name).key("arguments");
    auto status = style_.arguments_are_objects ? arguments_object(call) : arguments_text(call);
    row_.end_object().end_object();
    return status;
  }

  Status arguments_object(const Part& call) {
    const std::string arguments = arguments_json(call);
    if (!are_object(arguments)) return client_error("a call's arguments are no JSON object");
    row_.raw(arguments);
    return {};
  }

  Status arguments_text(const Part& call) {
    const auto as_sent = arguments_string(call);
    if (as_sent) {
      row_.string(*as_sent);
    } else {
      row_.plain(arguments_json(call));
    }
    return {};
  }

  Status tool(const Turn& turn) {
    for (const Part& part : turn.parts) {
      if (part.kind != PartKind::text) {
        return client_error("the format has no place for a tool result that is not text");
      }
    }
    row_.key("content");
    one_string(turn);
    row_.key("tool_call_id").body(id_of(turn.call_turn, turn.call));
    const Part* const call = answered_call(conversation_, turn);
    if (style_.tool_names && call != nullptr) row_.key("name").string(call->name);
    return {};
  }

  RowWriter& row_;
  const Conversation& conversation_;
  const ChatStyle& style_;
};

}  // namespace

Status append_messages(RowWriter& row, const Conversation& conversation, const ChatStyle& style,
                       std::size_t last) {
  MessageWriter writer(row, conversation, style);
  row.begin_array();
  for (const Turn& turn : conversation.system) {
    if (auto status = writer.write(turn, 0); !status) return status;
  }
  for (std::uint32_t i = 0; i < last; ++i) {
    if (auto status = writer.write(conversation.turns[i], i); !status) return status;
  }
  row.end_array();
  return {};
}

Status append_answer(RowWriter& row, const Conversation& conversation, const ChatStyle& style,
                     std::size_t turn) {
  row.begin_array();
  auto status = MessageWriter(row, conversation, style)
                    .write(conversation.turns[turn], static_cast<std::uint32_t>(turn));
  row.end_array();
  return status;
}

namespace {

void write_chat_tools(RowWriter& row, const Conversation& conversation) {
  row.begin_array();
  for (const Tool& tool : conversation.tools) {
    if (!tool.is_function) continue;
    row.begin_object().key("type").plain("function").key("function").begin_object();
    row.key("name").string(tool.name);
    if (!tool.description.body.empty()) row.key("description").string(tool.description);
    if (!tool.parameters.empty()) row.key("parameters").json(tool.parameters);
    if (!tool.strict.empty()) row.key("strict").json(tool.strict);
    row.end_object().end_object();
  }
  row.end_array();
}

}  // namespace

void append_chat_tools(RowWriter& row, const Conversation& conversation) {
  KnownTools* const known = row.tools();
  if (known == nullptr) return write_chat_tools(row, conversation);
  if (known->written.empty() || known->source != conversation.tools_text) {
    const std::size_t from = row.size();
    write_chat_tools(row, conversation);
    known->source = conversation.tools_text;
    known->written = row.written_from(from);
  } else {
    row.raw(known->written);
  }
}

}  // namespace albicilla
