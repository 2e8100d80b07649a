#include "converter/longest_path.h"

#include <tuple>
#include <utility>

#include "converter/format/chat_messages.h"
#include "converter/reading/conversation_maker.h"

namespace albicilla {

namespace {

bool is_plain_chat(const Exchange& exchange) {
  return exchange.api == Api::chat || exchange.api == Api::completions;
}

class Chooser {
 public:
  explicit Chooser(ExchangeTable& table) : table_(table) {}

  Result<std::optional<PathCandidate>> choose() {
    if (auto status = consider_all(); !status) return status.error();
    return best_;
  }

 private:
  void consider(const PathCandidate& candidate) {
    if (!best_ || !candidate.is_before(*best_)) best_ = candidate;
  }

  Status consider_all() {
    bool has_others = false;
    for (std::uint32_t i = 0; i < table_.exchanges().size(); ++i) {
      const Exchange& exchange = table_.exchanges()[i];
      if (is_plain_chat(exchange)) {
        consider({exchange.answer_count > 0, exchange.message_count, exchange.started_at,
                  exchange.origin, i});
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
      if (is_plain_chat(exchange) || place.answer_count == 0) continue;
      const TreeNodeId node = tree.answers(place).front();
      const auto length = static_cast<std::uint32_t>(tree.path_to(node).size());
      consider({true, length, exchange.started_at, exchange.origin, place.exchange, session, node});
    }
    return {};
  }

  ExchangeTable& table_;
  std::optional<PathCandidate> best_;
};

class RecordMaker {
 public:
  RecordMaker(ExchangeTable& table, const PathCandidate& path, CallStyle style,
              TextRepairs& repairs)
      : table_(table), path_(path), style_(style), repairs_(repairs) {}

  Result<std::string> chat_record() {
    const Exchange& exchange = table_.exchanges()[path_.exchange];
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

  Result<std::string> other_record() {
    ConversationTree tree(table_);
    if (auto status = tree.build(path_.session); !status) return status.error();
    ConversationMaker maker(tree, table_.sessions()[path_.session]);
    Conversation conversation;
    if (auto status = maker.make(View::trajectory, path_.node, conversation); !status) {
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

 private:
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

  ExchangeTable& table_;
  const PathCandidate& path_;
  CallStyle style_;
  TextRepairs& repairs_;
};

}  // namespace

bool PathCandidate::is_before(const PathCandidate& other) const {
  const auto order = [](const PathCandidate& path) {
    return std::tuple(path.answered, path.length, path.started_at, path.node != kNone,
                      path.origin.file, path.origin.offset);
  };
  return order(*this) < order(other);
}

Result<std::optional<PathCandidate>> longest_path(ExchangeTable& table) {
  return Chooser(table).choose();
}

Result<FileRecord> path_record(ExchangeTable& table, const PathCandidate& candidate,
                               CallStyle style, TextRepairs& repairs) {
  RecordMaker maker(table, candidate, style, repairs);
  auto text = candidate.node == kNone ? maker.chat_record() : maker.other_record();
  if (!text) return text.error();
  return FileRecord{std::move(*text), candidate.origin};
}

}  // namespace albicilla
