#include "tests/support/mock/conversation.h"

#include "tests/support/mock/script.h"

namespace albicilla::mock {
namespace {

namespace dom = simdjson::dom;

std::string_view text_of(const dom::element& object, std::string_view field) {
  std::string_view text;
  return object[field].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

enum class ItemKind { user_text, calls, result, other };

class Reader {
 public:
  explicit Reader(Ask& ask) : ask_(ask) {}

  void item(const dom::element& item) {
    if (!item.is_object()) return;
    const ItemKind kind = kind_of(item);
    if (kind == ItemKind::calls && last_ != ItemKind::calls) ++ask_.script.step;
    if (kind == ItemKind::user_text) user(item);
    if (kind != ItemKind::other) ask_.answers_results = kind == ItemKind::result;
    last_ = kind;
  }

  void take_script(std::string_view text) {
    const std::string_view script = script_in(text);
    if (!script.empty()) ask_.script = {std::string(script), 0, {}};
  }

 private:
  static bool has_part(const dom::element& item, std::string_view type) {
    dom::array parts;
    if (item["content"].get(parts) != simdjson::SUCCESS) return false;
    for (const dom::element part : parts) {
      if (part.is_object() && text_of(part, "type") == type) return true;
    }
    return false;
  }

  static ItemKind kind_of(const dom::element& item) {
    const std::string_view type = text_of(item, "type");
    const std::string_view role = text_of(item, "role");
    if (type.ends_with("_call_output") || role == "tool") return ItemKind::result;
    if (type.ends_with("_call")) return ItemKind::calls;
    dom::array calls;
    if (item["tool_calls"].get(calls) == simdjson::SUCCESS && calls.size() > 0) {
      return ItemKind::calls;
    }
    if (role == "assistant") {
      return has_part(item, "tool_use") ? ItemKind::calls : ItemKind::other;
    }
    if (role == "user") {
      return has_part(item, "tool_result") ? ItemKind::result : ItemKind::user_text;
    }
    return ItemKind::other;
  }

  void user(const dom::element& item) {
    take_script(text_of(item, "content"));
    dom::array parts;
    if (item["content"].get(parts) != simdjson::SUCCESS) return;
    for (const dom::element part : parts) {
      if (part.is_object()) take_script(text_of(part, "text"));
    }
  }

  Ask& ask_;
  ItemKind last_ = ItemKind::other;
};

}  // namespace

void read_conversation(const dom::element& body, Ask& ask) {
  Reader reader(ask);
  for (const char* name : {"messages", "input"}) {
    dom::element conversation;
    if (body[name].get(conversation) != simdjson::SUCCESS) continue;
    std::string_view text;
    if (conversation.get(text) == simdjson::SUCCESS) reader.take_script(text);
    dom::array items;
    if (conversation.get(items) != simdjson::SUCCESS) continue;
    for (const dom::element item : items) reader.item(item);
  }
}

}  // namespace albicilla::mock
