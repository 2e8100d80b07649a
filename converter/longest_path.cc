#include "converter/longest_path.h"

#include <tuple>
#include <utility>

#include "converter/format/chat_messages.h"
#include "converter/reading/conversation_maker.h"

namespace albicilla {

namespace {

struct Candidate {
  bool answered = false;
  std::uint32_t length = 0;
  WallTime started_at;
  std::uint32_t exchange = 0;
  // Of a dialect other than chat completions: where its conversation ends.
  std::uint32_t session = 0;
  TreeNodeId node = kNone;

  bool operator>=(const Candidate& other) const {
    return std::tie(answered, length, started_at) >=
           std::tie(other.answered, other.length, other.started_at);
  }
};

bool is_plain_chat(const Exchange& exchange) {
  return exchange.api == Api::chat || exchange.api == Api::completions;
}

class Chooser {
 public:
  Chooser(ExchangeTable& table, CallStyle style, TextRepairs& repairs)
      : table_(table), style_(style), repairs_(repairs) {}

  Result<std::optional<FileRecord>> choose() {
    if (auto status = consider_all(); !status) return status.error();
    if (!best_) return std::optional<FileRecord>();
    auto text = best_->node == kNone ? chat_record() : other_record();
    if (!text) return text.error();
    return std::optional(FileRecord{std::move(*text), table_.exchanges()[best_->exchange].origin});
  }

 private:
  void consider(const Candidate& candidate) {
    if (!best_ || candidate >= *best_) best_ = candidate;
  }

  Status consider_all() {
    bool has_others = false;
    for (std::uint32_t i = 0; i < table_.exchanges().size(); ++i) {
      const Exchange& exchange = table_.exchanges()[i];
      if (is_plain_chat(exchange)) {
        consider({exchange.answer_count > 0, exchange.message_count, exchange.started_at, i});
      } else {
        has_others = true;
      }
    }
    if (!has_others) return {};
    for (std::uint32_t session = 0; session < table_.sessions().size(); ++session) {
      if (auto status = consider_trees(session); !status) return status;
    }
    return {};
  }

  Status consider_trees(std::uint32_t session) {
    ConversationTree tree(table_);
    if (auto status = tree.build(session); !status) return status;
    for (const Place& place : tree.places()) {
      const Exchange& exchange = table_.exchanges()[place.exchange];
      if (is_plain_chat(exchange) || place.answers.empty()) continue;
      const TreeNodeId node = place.answers.front();
      const auto length = static_cast<std::uint32_t>(tree.path_to(node).size());
      consider({true, length, exchange.started_at, place.exchange, session, node});
    }
    return {};
  }

  Result<std::string> chat_record() {
    const Exchange& exchange = table_.exchanges()[best_->exchange];
    ItemStore& store = table_.store();
    LoadedTexts loaded;
    std::string messages = "[";
    for (const std::uint32_t number : table_.messages(exchange)) {
      auto raw = store.raw(number, loaded);
      if (!raw) return raw.error();
      if (messages.size() > 1) messages.push_back(',');
      append_message(store.message(number).shape, *raw, messages);
    }
    messages.push_back(']');
    std::string answer;
    if (exchange.answer_count > 0) {
      const std::uint32_t number = table_.answers(exchange)[0].message;
      auto raw = store.raw(number, loaded);
      if (!raw) return raw.error();
      append_message(store.message(number).shape, *raw, answer);
    }
    std::string_view tools;
    if (exchange.tools != kNoText) {
      auto raw = store.text(exchange.tools, loaded);
      if (!raw) return raw.error();
      tools = *raw;
    }
    return albicilla_record(messages, answer, tools, style_, repairs_);
  }

  // The legacy API sends bare texts where chat completions send messages.
  static void append_message(Shape shape, std::string_view raw, std::string& out) {
    if (shape == Shape::chat_message) {
      out += raw;
      return;
    }
    out += shape == Shape::user_text ? R"({"role":"user","content":)"
                                     : R"({"role":"assistant","content":)";
    out += raw;
    out.push_back('}');
  }

  Result<std::string> other_record() {
    ConversationTree tree(table_);
    if (auto status = tree.build(best_->session); !status) return status.error();
    ConversationMaker maker(tree, table_.sessions()[best_->session]);
    Conversation conversation;
    if (auto status = maker.make(View::trajectory, best_->node, conversation); !status) {
      return status.error();
    }
    std::string messages;
    RowWriter row(messages);
    const ChatStyle chat{.reasoning = true, .tool_names = true};
    auto status = append_messages(row, conversation, chat, conversation.turns.size());
    if (!status) return status.error();
    std::string tools;
    RowWriter tool_row(tools);
    append_chat_tools(tool_row, conversation);
    return albicilla_record(messages, "", tools, style_, repairs_);
  }

  ExchangeTable& table_;
  CallStyle style_;
  TextRepairs& repairs_;
  std::optional<Candidate> best_;
};

}  // namespace

Result<std::optional<FileRecord>> longest_path(ExchangeTable& table, CallStyle style,
                                               TextRepairs& repairs) {
  return Chooser(table, style, repairs).choose();
}

}  // namespace albicilla
