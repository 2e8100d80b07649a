// Parquet: one row a conversation, columns of text; what is nested stands there as JSON text, so
// that no reader invents nulls for the members that other rows have. The file itself is written by
// converter/parquet_file.
#include "converter/format/message_rules.h"
#include "converter/format/registry.h"

namespace albicilla {

namespace {

const ChatStyle kStyle = {.reasoning = true, .weights = true, .tool_names = true};
const ChatRules kRules = {.style = kStyle};

std::string unescaped(std::string_view inside) {
  RawString raw;
  raw.body = inside;
  raw.escaped = true;
  raw.canonical = false;
  TextRepairs repairs;
  std::string text;
  append_text(text, raw, repairs);
  return text;
}

class Parquet final : public DatasetFormat {
 public:
  std::string_view name() const override { return "parquet"; }
  std::string_view summary() const override {
    return "Parquet, zstd; messages and tools as JSON text";
  }
  Container container() const override { return Container::parquet; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    std::string messages;
    RowWriter list(messages);
    auto status = append_messages(list, conversation, kStyle, conversation.turns.size());
    if (!status) return status;
    std::string tools;
    RowWriter tool_list(tools);
    append_chat_tools(tool_list, conversation);
    const Provenance& provenance = conversation.provenance;
    RowWriter row(out);
    row.begin_object().key("id").body(provenance.id).key("session").plain(provenance.session);
    row.key("user").body(provenance.user).key("model");
    row.body(provenance.models.empty() ? "" : provenance.models.back());
    row.key("started_at").plain(iso8601(provenance.started_at));
    row.key("messages").plain(messages).key("tools").plain(tools).end_object();
    return {};
  }

  Status check(RowInput row) const override {
    RowCheck check(row);
    Required required{"id", "session", "user", "model", "started_at", "messages", "tools"};
    std::string messages;
    std::string tools;
    check.object([&](std::string_view key) {
      required.see(key);
      const std::string_view inside = check.string();
      if (key == "messages") messages = unescaped(inside);
      if (key == "tools") tools = unescaped(inside);
    });
    required.check(check);
    if (auto status = check.finish(); !status) return status;
    const std::string whole = R"({"messages":)" + messages + R"(,"tools":)" + tools + "}";
    RowCheck inner(whole);
    MessageRules rules(inner, kRules);
    inner.object([&](std::string_view key) {
      if (key == "messages") {
        rules.messages();
      } else {
        rules.tools();
      }
    });
    rules.finish();
    return inner.finish();
  }
};

}  // namespace

const DatasetFormat& parquet_format() {
  static const Parquet format;
  return format;
}

}  // namespace albicilla
