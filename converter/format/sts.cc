// Hugging Face's Session Trace Simple Format: one file a conversation, a header line and a line a
// message, for the Hub's trace viewer.
#include <algorithm>

#include "converter/format/calls.h"
#include "converter/format/registry.h"
#include "converter/format/row_check.h"
#include "converter/format/sides.h"

namespace albicilla {

namespace {

constexpr std::size_t kLongestName = 80;

void append_header(RowWriter& row, const Conversation& conversation) {
  const Provenance& provenance = conversation.provenance;
  row.begin_object().key("type").plain("session").key("harness");
  row.body(provenance.client.empty() ? "albicilla" : provenance.client);
  row.key("id").body(provenance.id);
  for (const Turn& turn : conversation.turns) {
    if (turn.role != Role::user) continue;
    std::string name = turn_text(turn);
    name = name.substr(0, name.find('\n'));
    if (name.size() > kLongestName) {
      std::size_t end = kLongestName;
      while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
      name.resize(end);
    }
    if (!name.empty()) row.key("name").plain(name);
    break;
  }
  row.key("session").plain(provenance.session);
  row.key("startedAt").plain(iso8601(provenance.started_at));
  row.end_object();
}

Status append_message(RowWriter& row, const Conversation& conversation, const Turn& turn,
                      std::uint32_t place) {
  auto fits =
      only_parts(turn, {PartKind::text, PartKind::refusal, PartKind::reasoning, PartKind::call});
  if (!fits) return fits;
  row.begin_object().key("type").plain("message").key("message").begin_object();
  row.key("role").plain(to_string(turn.role));
  row.key("content").plain(turn_text(turn) + turn_text(turn, PartKind::refusal));
  const std::string thoughts = turn_text(turn, PartKind::reasoning);
  if (!thoughts.empty()) row.key("reasoning").plain(thoughts);
  const auto calls = calls_of(turn);
  if (!calls.empty()) row.key("toolCalls").begin_array();
  for (std::uint32_t i = 0; i < calls.size(); ++i) {
    row.begin_object().key("id").body(call_id(conversation, place, i)).key("function");
    row.begin_object().key("name").string(calls[i]->name).key("arguments");
    row.plain(arguments_json(*calls[i])).end_object().end_object();
  }
  if (!calls.empty()) row.end_array();
  if (turn.role == Role::tool) {
    row.key("toolCallId").body(call_id(conversation, turn.call_turn, turn.call));
  }
  row.end_object().end_object();
  return {};
}

void check_header(RowCheck& check) {
  Required required{"type", "harness", "id"};
  check.object([&](std::string_view key) {
    required.see(key);
    if (key == "type") {
      check.string_one_of({"session"});
    } else {
      check.text();
    }
  });
  required.check(check);
}

void check_message(RowCheck& check) {
  Required required{"role", "content"};
  check.object([&](std::string_view key) {
    if (key == "type") {
      check.string_one_of({"message"});
      return;
    }
    if (key != "message") return check.unknown(key);
    check.object([&](std::string_view inner) {
      required.see(inner);
      if (inner == "role") {
        check.string_one_of({"system", "user", "assistant", "tool"});
      } else if (inner == "content" || inner == "reasoning") {
        check.string();
      } else if (inner == "toolCallId") {
        check.text();
      } else if (inner == "toolCalls") {
        check.array([&](std::size_t) { check.any(); });
      } else {
        check.unknown(inner);
      }
    });
  });
  required.check(check);
}

class Sts final : public DatasetFormat {
 public:
  std::string_view name() const override { return "sts"; }
  std::string_view summary() const override {
    return "Hugging Face session traces, one file a conversation";
  }
  Container container() const override { return Container::file_per_row; }

  Status append(const Conversation& conversation, std::span<const SubAgent>,
                RowOutput out) const override {
    RowWriter header(out);
    append_header(header, conversation);
    std::uint32_t place = 0;
    for (const std::vector<Turn>* turns : {&conversation.system, &conversation.turns}) {
      place = 0;
      for (const Turn& turn : *turns) {
        out.text.push_back('\n');
        RowWriter line(out);
        auto status = append_message(line, conversation, turn, place++);
        if (!status) return status;
      }
    }
    return {};
  }

  Status check(RowInput row) const override {
    std::string_view text = row.text;
    bool first = true;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      RowCheck check(text.substr(0, end));
      if (first) {
        check_header(check);
      } else {
        check_message(check);
      }
      first = false;
      if (auto status = check.finish(); !status) return status;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return first ? client_error("the trace is empty") : Status{};
  }
};

}  // namespace

const DatasetFormat& sts_format() {
  static const Sts format;
  return format;
}

}  // namespace albicilla
