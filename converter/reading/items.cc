#include "converter/reading/items.h"

#include <optional>

#include "converter/reading/item_fields.h"

namespace albicilla {

namespace {

// Fills an ItemList from what an ItemReader read.
class Builder {
 public:
  Builder(ItemReader& reader, ItemList& list) : reader_(reader), list_(list) {}

  Item& begin(Role role) {
    Item item;
    item.role = role;
    item.first_part = static_cast<std::uint32_t>(list_.parts.size());
    return list_.items.emplace_back(item);
  }

  void add(const Part& part) {
    const bool is_empty_text = part.kind == PartKind::text && part.text.body.empty();
    if (is_empty_text) return;
    list_.parts.push_back(part);
    ++list_.items.back().part_count;
  }

  void add_reasoning(const FieldValue& value) {
    if (!value.is_text() || value.text.body.empty()) return;
    Part part;
    part.kind = PartKind::reasoning;
    part.text = value.text;
    add(part);
  }

  void add_all_parts() {
    for (const Part& part : reader_.parts()) add(part);
  }

  // Tool items first, then whatever else the message held.
  void add_results_and_rest(Role role) {
    for (const ResultBlock& result : reader_.results()) {
      Item& item = begin(Role::tool);
      item.result_for = result.id;
      item.is_error = result.is_error;
      for (std::uint32_t i = result.first; i < result.last; ++i) add(reader_.parts()[i]);
    }
    const auto inside_result = [this](std::uint32_t place) {
      for (const ResultBlock& result : reader_.results()) {
        if (place >= result.first && place < result.last) return true;
      }
      return false;
    };
    bool begun = reader_.results().empty();
    if (begun) begin(role);
    for (std::uint32_t i = 0; i < reader_.parts().size(); ++i) {
      if (!reader_.results().empty() && inside_result(i)) continue;
      if (!begun) begin(role);
      begun = true;
      add(reader_.parts()[i]);
    }
  }

 private:
  ItemReader& reader_;
  ItemList& list_;
};

std::optional<Role> role_of(const FieldValue& value) {
  if (value.is("user")) return Role::user;
  if (value.is("assistant") || value.is("model")) return Role::assistant;
  if (value.is("system") || value.is("developer")) return Role::system;
  if (value.is("tool") || value.is("function")) return Role::tool;
  return std::nullopt;
}

Status chat_message(ItemReader& reader, ItemList& list) {
  const Fields& fields = reader.fields();
  const auto role = role_of(fields[Field::role]);
  if (!role) return client_error("a message has no known role");
  Builder builder(reader, list);
  Item& item = builder.begin(*role);
  item.name = fields[Field::name].text;
  if (*role == Role::tool) item.result_for = fields[Field::tool_call_id].text;
  if (*role != Role::assistant) {
    builder.add_all_parts();
    return {};
  }
  const bool has_content_name = fields[Field::reasoning_content].is_text();
  builder.add_reasoning(fields[has_content_name ? Field::reasoning_content : Field::reasoning]);
  builder.add_all_parts();
  if (fields[Field::refusal].is_text()) {
    Part refusal;
    refusal.kind = PartKind::refusal;
    refusal.text = fields[Field::refusal].text;
    builder.add(refusal);
  }
  for (const Part& call : reader.calls()) builder.add(call);
  return {};
}

// A call of the days before tool_calls: no id, and its result names the function.
Status add_legacy_call(std::string_view raw, ItemList& list) {
  ItemReader reader;
  if (auto status = reader.read(raw); !status) return status;
  Builder(reader, list).add(call_part(reader.fields(), raw));
  return {};
}

Status anthropic_message(ItemReader& reader, ItemList& list) {
  const auto role = role_of(reader.fields()[Field::role]);
  if (!role) return client_error("a message has no known role");
  Builder builder(reader, list);
  builder.add_results_and_rest(*role);
  return {};
}

// Calls of the Responses API whose names are their types.
std::optional<std::string_view> built_in_call(const FieldValue& type) {
  if (type.is("local_shell_call")) return "local_shell";
  if (type.is("shell_call")) return "shell";
  if (type.is("apply_patch_call")) return "apply_patch";
  if (type.is("computer_call")) return "computer";
  return std::nullopt;
}

bool is_call_output(const FieldValue& type) {
  return type.is("function_call_output") || type.is("custom_tool_call_output") ||
         type.is("local_shell_call_output") || type.is("shell_call_output") ||
         type.is("apply_patch_call_output") || type.is("computer_call_output");
}

void responses_reasoning(ItemReader& reader, std::string_view raw, Builder& builder) {
  builder.begin(Role::assistant);
  bool has_text = false;
  for (Part part : reader.parts()) {
    part.kind = PartKind::reasoning;
    part.raw = has_text ? std::string_view{} : raw;
    has_text = true;
    builder.add(part);
  }
  if (has_text) return;
  Part hidden;  // encrypted: no text, but the item itself is worth keeping
  hidden.kind = PartKind::reasoning;
  hidden.raw = raw;
  builder.add(hidden);
}

Status responses_item(ItemReader& reader, std::string_view raw, ItemList& list) {
  const Fields& fields = reader.fields();
  const FieldValue& type = fields[Field::type];
  Builder builder(reader, list);
  if (type.kind == JsonKind::absent || type.is("message")) {
    const auto role = role_of(fields[Field::role]);
    if (!role) return client_error("a message has no known role");
    builder.begin(*role);
    builder.add_all_parts();
    return {};
  }
  if (is_call_output(type)) {
    Item& item = builder.begin(Role::tool);
    item.result_for = fields[Field::call_id].text;
    builder.add_all_parts();
    const FieldValue& output = fields[Field::output];
    if (output.kind == JsonKind::object) {
      Part part;
      part.kind = PartKind::other;
      part.raw = output.raw;
      builder.add(part);
    }
    return {};
  }
  if (type.is("reasoning")) {
    responses_reasoning(reader, raw, builder);
    return {};
  }
  if (type.is("item_reference")) return client_error("an item is referred to, not sent");
  builder.begin(Role::assistant);
  Part part = call_part(fields, raw);
  if (!type.is("function_call") && !type.is("custom_tool_call")) {
    const auto name = built_in_call(type);
    if (name) {
      part.name.body = *name;
    } else {
      part = {};
      part.kind = PartKind::other;
      part.raw = raw;
    }
  }
  builder.add(part);
  return {};
}

Status bare_content(Role role, ItemReader& reader, ItemList& list) {
  const JsonKind kind = reader.fields()[Field::content].kind;
  if (kind != JsonKind::string && kind != JsonKind::array) {
    return client_error("a text is neither a string nor a list");
  }
  Builder builder(reader, list);
  builder.add_results_and_rest(role);
  return {};
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::system:
      return "system";
    case Role::user:
      return "user";
    case Role::assistant:
      return "assistant";
    case Role::tool:
      return "tool";
  }
  return "";
}

Status ItemParser::parse(Shape shape, std::string_view raw, ItemList& list,
                         const KnownText& known) {
  const bool is_object = shape == Shape::chat_message || shape == Shape::anthropic_message ||
                         shape == Shape::responses_item;
  auto status = is_object ? reader_->read(raw, known) : reader_->read_content(raw, known);
  if (!status) return status;
  switch (shape) {
    case Shape::chat_message: {
      status = chat_message(*reader_, list);
      const FieldValue call = reader_->fields()[Field::function_call];
      if (status && call.kind == JsonKind::object) status = add_legacy_call(call.raw, list);
      return status;
    }
    case Shape::anthropic_message:
      return anthropic_message(*reader_, list);
    case Shape::responses_item:
      return responses_item(*reader_, raw, list);
    case Shape::system_text:
      return bare_content(Role::system, *reader_, list);
    case Shape::user_text:
      return bare_content(Role::user, *reader_, list);
    case Shape::assistant_text:
      return bare_content(Role::assistant, *reader_, list);
  }
  return {};
}

ItemParser::ItemParser() : reader_(std::make_unique<ItemReader>()) {}
ItemParser::~ItemParser() = default;

}  // namespace albicilla
