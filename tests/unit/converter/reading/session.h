// A session written down in a test: exchanges go in as log lines, conversations come out as short
// texts like "u:hi a1:hello".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "converter/format/calls.h"
#include "converter/reading/conversation_maker.h"
#include "converter/reading/edges.h"
#include "converter/reading/log_entry.h"

namespace albicilla {

struct Sent {
  std::string request;
  std::string response = "null";
  int second = -1;  // of the start; -1: after the last one
  int status = 200;
  std::string ending = "complete";
  std::string dialect = "openai_chat";
  std::string path = "/v1/chat/completions";
};

inline std::string message(const std::string& role, const std::string& text) {
  return R"({"role":")" + role + R"(","content":")" + text + "\"}";
}

// {"messages":[...]} from "u:hi", "a:hello", "s:be nice".
inline std::string chat(const std::vector<std::string>& turns, const std::string& more = "") {
  std::string list;
  for (const std::string& turn : turns) {
    if (!list.empty()) list += ',';
    if (turn.starts_with('{')) {
      list += turn;
      continue;
    }
    const std::string role = turn[0] == 'u' ? "user" : turn[0] == 'a' ? "assistant" : "system";
    list += message(role, turn.substr(2));
  }
  return R"({"model":"m","messages":[)" + list + "]" + more + "}";
}

inline std::string says(const std::string& message, const std::string& reason = "stop",
                        const std::string& id = "r") {
  const std::string object =
      message.starts_with('{') ? message : R"({"role":"assistant","content":")" + message + "\"}";
  return R"({"id":")" + id + R"(","choices":[{"index":0,"message":)" + object +
         R"(,"finish_reason":")" + reason + "\"}]}";
}

// An assistant's message with calls "id name arguments".
inline std::string calling(const std::vector<std::array<std::string, 3>>& calls,
                           const std::string& text = "null") {
  std::string list;
  for (const auto& [id, name, arguments] : calls) {
    std::string escaped;
    append_escaped(escaped, arguments);
    list += (list.empty() ? "" : ",") + (R"({"id":")" + id) +
            R"(","type":"function","function":{"name":")" + name + R"(","arguments":")" + escaped +
            "\"}}";
  }
  return R"({"role":"assistant","content":)" + text + R"(,"tool_calls":[)" + list + "]}";
}

inline std::string result(const std::string& id, const std::string& text) {
  return R"({"role":"tool","tool_call_id":")" + id + R"(","content":")" + text + "\"}";
}

class Session {
 public:
  Session()
      : table_(1U << 20, std::filesystem::temp_directory_path(), ExchangeTable::Keep::messages) {}

  // The reason when the line is rejected, else empty.
  std::string add(Sent sent) {
    if (sent.second < 0) sent.second = last_second_ + 1;
    last_second_ = sent.second;
    ++count_;
    const std::string time = iso8601(WallTime{} + std::chrono::seconds(sent.second));
    const std::string line =
        R"({"timestamp":")" + iso8601(WallTime{} + std::chrono::seconds(sent.second + 1)) +
        R"(","session_id":"s","request":)" + sent.request + R"(,"response":)" + sent.response +
        R"(,"exchange":{"id":"e)" + std::to_string(count_) + R"(","seq":)" +
        std::to_string(count_) + R"(,"started_at":")" + time + R"(","path":")" + sent.path +
        R"(","status":)" + std::to_string(sent.status) + R"(,"ending":")" + sent.ending +
        R"(","dialect":")" + sent.dialect + R"(","truncated":false}})";
    if (auto status = entries_.begin(line); !status) return status.error().message;
    const auto entry = entries_.finish(table_.likely());
    if (!entry) return entry.error().message;
    const auto status = table_.add(**entry, {0, count_, count_ * 1000});
    return status ? "" : status.error().message;
  }

  ConversationTree& tree() {
    if (!built_) {
      auto status = tree_.build(0);
      if (status) status = name_edges(tree_);
      EXPECT_TRUE(status) << status.error().message;
      built_ = true;
    }
    return tree_;
  }

  // Trajectories, or the reasons why they are none.
  std::vector<std::string> trajectories() {
    std::vector<std::string> texts;
    ConversationMaker maker(tree(), "s");
    for (const TreeNodeId leaf : tree().leaves()) {
      const auto status = maker.make(View::trajectory, leaf, conversation_);
      texts.push_back(status ? text_of(conversation_) : "error: " + status.error().message);
    }
    return texts;
  }

  std::vector<std::string> calls() {
    std::vector<std::string> texts;
    ConversationMaker maker(tree(), "s");
    for (std::uint32_t place = 0; place < tree().places().size(); ++place) {
      const Exchange& exchange = tree().exchange_of(place);
      for (std::uint32_t i = 0; i < exchange.answer_count; ++i) {
        const auto status = maker.make_call(place, i, conversation_);
        texts.push_back(status ? text_of(conversation_) : "error: " + status.error().message);
      }
    }
    return texts;
  }

  std::vector<std::string> turns() {
    std::vector<std::string> texts;
    ConversationMaker maker(tree(), "s");
    for (TreeNodeId id = 0; id < tree().size(); ++id) {
      if (!tree()[id].observed() || tree()[id].outcome != Outcome::whole) continue;
      const auto status = maker.make(View::turn, id, conversation_);
      texts.push_back(status ? text_of(conversation_) : "error: " + status.error().message);
    }
    return texts;
  }

  // "chosen > rejected", last texts only.
  std::vector<std::string> preferences() {
    std::vector<std::string> texts;
    ConversationMaker maker(tree(), "s");
    for (const Preference& pair : tree().preferences()) {
      Conversation rejected;
      EXPECT_TRUE(maker.make(View::turn, pair.chosen, conversation_));
      EXPECT_TRUE(maker.make(View::turn, pair.rejected, rejected));
      texts.push_back(text_of(conversation_.turns.back(), conversation_) + " > " +
                      text_of(rejected.turns.back(), rejected));
    }
    return texts;
  }

  std::vector<std::string> edges() {
    std::vector<std::string> names;
    for (const Place& place : tree().places()) {
      names.emplace_back(place.request == kNone ? place.trouble : to_string(place.edge));
    }
    return names;
  }

  // "edge from-exchange call-id" of each trajectory.
  std::vector<std::string> origins() {
    std::vector<std::string> texts;
    ConversationMaker maker(tree(), "s");
    for (const TreeNodeId leaf : tree().leaves()) {
      EXPECT_TRUE(maker.make(View::trajectory, leaf, conversation_));
      const Provenance& provenance = conversation_.provenance;
      texts.push_back(std::string(to_string(provenance.edge)) + " " + provenance.from + " " +
                      provenance.parent_call_id);
    }
    return texts;
  }

  ExchangeTable& table() { return table_; }

  static std::string text_of(const Turn& turn, const Conversation& conversation) {
    std::string text;
    if (turn.role == Role::assistant) {
      text = "a" + std::string(turn.observed ? "" : "-") + std::to_string(turn.weight) + ":";
    } else if (turn.role == Role::tool) {
      text = "t" + call_id(conversation, turn.call_turn, turn.call) + ":";
    } else {
      text = turn.role == Role::user ? "u:" : "s:";
    }
    for (const Part& part : turn.parts) {
      if (part.kind == PartKind::reasoning) text += "<" + std::string(part.text.body) + ">";
      if (part.kind == PartKind::text) text += part.text.body;
      if (part.kind == PartKind::image) text += "[image]";
      if (part.kind == PartKind::call) {
        text += "{" + std::string(part.name.body) + " " + arguments_json(part) + "}";
      }
    }
    return text;
  }

  static std::string text_of(const Conversation& conversation) {
    std::string text;
    for (const std::vector<Turn>* turns : {&conversation.system, &conversation.turns}) {
      for (const Turn& turn : *turns) {
        text += (text.empty() ? "" : " ") + text_of(turn, conversation);
      }
    }
    return text;
  }

 private:
  ExchangeTable table_;
  ConversationTree tree_{table_};
  EntryReader entries_;
  Conversation conversation_;
  bool built_ = false;
  int last_second_ = 0;
  std::uint64_t count_ = 0;
};

using Texts = std::vector<std::string>;

}  // namespace albicilla
