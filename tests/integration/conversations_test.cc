// 10,000 conversations of made-up clients through the rules that find sessions by history: growing
// histories, tool round trips, retries, edits, equal openers, all interleaved, some records late.
// Says which share was put where it belongs.
#include <array>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/session/conversation_hint.h"
#include "common/session/session_table.h"

namespace albicilla {
namespace {

constexpr std::size_t kConversations = 10'000;
constexpr std::size_t kAtATime = 200;
constexpr int kPeers = 300;
const std::array<std::string, 6> kOpeners = {
    "Hello", "hi", "Fix the failing test", "Summarize this", "What is new?", "Write a poem"};

std::string message(const std::string& role, const std::string& text) {
  return R"({"role":")" + role + R"(","content":")" + text + "\"}";
}

struct Conversation {
  std::size_t number = 0;
  int peer = 0;
  int turns_left = 0;
  std::vector<std::string> history;
  std::string session;  // of its first exchange
};

enum class What { opener, growing, retry, edit };

struct Exchange {
  std::size_t conversation = 0;
  What what = What::growing;
  ConversationHint hint;
};

class World {
 public:
  void run() {
    std::vector<std::size_t> active;
    std::size_t begun = 0;
    while (begun < kConversations || !active.empty()) {
      while (active.size() < kAtATime && begun < kConversations) active.push_back(begin(begun++));
      const std::size_t place = below(active.size());
      step(all_[active[place]]);
      if (all_[active[place]].turns_left > 0) continue;
      active[place] = active.back();
      active.pop_back();
    }
    flush_late();
  }

  struct Score {
    std::uint64_t exchanges = 0;
    std::uint64_t right = 0;
  };
  std::map<What, Score> scores;
  std::map<std::string, std::set<std::size_t>> members;  // conversations by session
  std::map<std::string, int> openers;                    // first requests by session

 private:
  std::size_t below(std::size_t most) { return random_() % most; }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

  std::size_t begin(std::size_t number) {
    Conversation conversation;
    conversation.number = number;
    conversation.peer = static_cast<int>(below(kPeers));
    conversation.turns_left = 1 + static_cast<int>(below(10));
    conversation.history = {message("system", "now " + std::to_string(below(1000))),
                            message("user", kOpeners[below(kOpeners.size())])};
    all_.push_back(std::move(conversation));
    return number;
  }

  // A model seldom says the same twice; to a greeting it does.
  std::string answer_of(const Conversation& conversation) {
    if (conversation.history.size() == 2 && chance(5))
      return message("assistant", "How can I help?");
    const std::string unique =
        std::to_string(conversation.number) + "-" + std::to_string(random_());
    if (chance(40)) {
      return R"({"role":"assistant","content":null,"tool_calls":[{"id":"c)" + unique +
             R"(","type":"function","function":{"name":"run","arguments":"{\"x\":)" +
             std::to_string(below(3)) + R"(}"}}]})";
    }
    return message("assistant", "answer " + unique);
  }

  ConversationHint hint_of(const Conversation& conversation, const std::string& answer,
                           bool repeated) const {
    std::string request = R"({"model":"m","messages":[)";
    for (std::size_t i = 0; i < conversation.history.size(); ++i) {
      request += (i == 0 ? "" : ",") + conversation.history[i];
    }
    request += "]}";
    const std::string whole = R"({"choices":[{"message":)" + answer + "}]}";
    const std::string peer = "10.0.0." + std::to_string(conversation.peer);
    ConversationExchange exchange;
    exchange.request = request;
    exchange.answer = answer.empty() ? std::string_view() : std::string_view(whole);
    exchange.peer = peer;
    exchange.repeated = repeated;
    exchange.failed = answer.empty();
    return conversation_hint(exchange, {});
  }

  void step(Conversation& conversation) {
    const bool first = conversation.session.empty() && !begun_.contains(conversation.number);
    begun_.insert(conversation.number);
    if (chance(5)) {  // fails, the SDK tries again
      give({conversation.number, first ? What::opener : What::growing,
            hint_of(conversation, "", false)});
      conversation.turns_left -= conversation.turns_left > 1 ? 1 : 0;
      const std::string answer = answer_of(conversation);
      give({conversation.number, What::retry, hint_of(conversation, answer, true)});
      return grow(conversation, answer);
    }
    const std::string answer = answer_of(conversation);
    const bool edited = conversation.history.size() > 6 && chance(4);
    give({conversation.number,
          first    ? What::opener
          : edited ? What::edit
                   : What::growing,
          edit_when(conversation, answer, edited)});
    grow(conversation, answer);
  }

  // The user goes back and says something else.
  ConversationHint edit_when(Conversation& conversation, const std::string& answer, bool edited) {
    if (edited) {
      while (conversation.history.size() > 4 &&
             conversation.history.back().find("\"assistant\"") == std::string::npos) {
        conversation.history.pop_back();
      }
      conversation.history.push_back(message("user", "no, " + std::to_string(random_())));
    }
    return hint_of(conversation, answer, false);
  }

  void grow(Conversation& conversation, const std::string& answer) {
    --conversation.turns_left;
    conversation.history.push_back(answer);
    const bool called = answer.find("tool_calls") != std::string::npos;
    conversation.history.push_back(called ? R"({"role":"tool","tool_call_id":"c","content":"ok"})"
                                          : message("user", "go on " + std::to_string(below(5))));
  }

  // One in fifty comes behind the next exchange of its conversation: another worker was quicker.
  void give(Exchange exchange) {
    const auto waiting = late_.find(exchange.conversation);
    if (waiting == late_.end() && chance(2)) {
      late_.emplace(exchange.conversation, std::move(exchange));
      return;
    }
    const std::size_t number = exchange.conversation;
    decide(exchange);
    if (waiting == late_.end()) return;
    decide(waiting->second);
    late_.erase(number);
  }

  void flush_late() {
    for (const auto& [number, exchange] : late_) decide(exchange);
    late_.clear();
  }

  void decide(const Exchange& exchange) {
    now_ += std::chrono::milliseconds(50);
    SessionChoice choice = table_.choose(exchange.hint, now_);
    if (choice.id.empty()) choice.id = "s" + std::to_string(++sessions_);
    table_.note(choice.id, exchange.hint, now_);
    Conversation& conversation = all_[exchange.conversation];
    if (conversation.session.empty()) {
      conversation.session = choice.id;
    } else if (choice.id == conversation.session) {
      ++scores[exchange.what].right;
    }
    if (exchange.what == What::opener) ++openers[choice.id];
    ++scores[exchange.what].exchanges;
    members[choice.id].insert(exchange.conversation);
  }

  std::mt19937_64 random_{20261121};
  std::vector<Conversation> all_;
  std::set<std::size_t> begun_;
  std::map<std::size_t, Exchange> late_;
  SessionTable table_;
  WallTime now_{std::chrono::seconds(1'800'000'000)};
  int sessions_ = 0;
};

double percent(const World::Score& score) {
  return score.exchanges == 0
             ? 100
             : 100.0 * static_cast<double>(score.right) / static_cast<double>(score.exchanges);
}

TEST(SessionsByHistory, PutTenThousandConversationsWhereTheyBelong) {
  World world;
  world.run();
  std::size_t shared = 0;
  for (const auto& [session, conversations] : world.members) shared += conversations.size() > 1;
  int merged_openers = 0;
  for (const auto& [session, count] : world.openers) merged_openers += count > 1 ? 1 : 0;
  std::cout << "conversations " << kConversations << ", sessions " << world.members.size()
            << ", of several conversations " << shared << ", merged openers " << merged_openers
            << "\ngrowing: " << world.scores[What::growing].exchanges << " exchanges, "
            << percent(world.scores[What::growing])
            << " % right\nretries: " << world.scores[What::retry].exchanges << ", "
            << percent(world.scores[What::retry])
            << " % right\nedits: " << world.scores[What::edit].exchanges << ", "
            << percent(world.scores[What::edit]) << " % right\n";
  EXPECT_EQ(merged_openers, 0);
  EXPECT_GT(percent(world.scores[What::growing]), 99.0);
  EXPECT_GT(percent(world.scores[What::retry]), 99.0);
  EXPECT_GT(percent(world.scores[What::edit]), 99.0);
}

}  // namespace
}  // namespace albicilla
