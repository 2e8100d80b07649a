// The property that all of reading/ exists for: a random forest of conversations, printed as the
// stateless requests that clients send, comes back as the same forest.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/converter/reading/session.h"

namespace albicilla {
namespace {

struct Step {
  enum Kind { user, answer, calls, result } kind = user;
  std::string text;                // user, answer, result
  std::vector<std::string> names;  // calls: the values of their arguments
  int call = 0;                    // result
};

using Path = std::vector<Step>;

class Forest {
 public:
  explicit Forest(unsigned seed) : random_(seed) {}

  // Trees with their leaves; each leaf ends in an answer.
  void grow() {
    const int trees = 1 + pick(4);
    for (int tree = 0; tree < trees; ++tree) {
      Path trunk;
      add_turns(trunk, 1 + pick(5));
      std::vector<Path> leaves = {trunk};
      for (int forks = pick(3); forks > 0; --forks) {
        Path fork = cut_before_user(
            leaves[static_cast<std::size_t>(pick(static_cast<int>(leaves.size())))]);
        if (fork.empty()) continue;
        add_turns(fork, 1 + pick(3));
        leaves.push_back(fork);
      }
      trees_.push_back(leaves);
    }
  }

  // All requests of all trees, each tree's in their order, the trees interleaved.
  std::vector<Sent> requests() {
    std::vector<std::vector<Sent>> lanes;
    for (const auto& leaves : trees_) {
      std::vector<Sent> lane;
      std::set<std::string> asked;
      for (const Path& leaf : leaves) add_requests(leaf, lane, asked);
      lanes.push_back(std::move(lane));
    }
    std::vector<Sent> all;
    while (!lanes.empty()) {
      const auto next = static_cast<std::size_t>(pick(static_cast<int>(lanes.size())));
      all.push_back(lanes[next].front());
      lanes[next].erase(lanes[next].begin());
      if (lanes[next].empty()) lanes.erase(lanes.begin() + static_cast<std::ptrdiff_t>(next));
    }
    return all;
  }

  std::multiset<std::string> leaves() const {
    std::multiset<std::string> texts;
    for (const auto& tree : trees_) {
      for (const Path& leaf : tree) texts.insert(plain(leaf));
    }
    return texts;
  }

  static std::string plain(const Path& path) {
    std::string text;
    for (const Step& step : path) {
      if (!text.empty()) text += ' ';
      if (step.kind == Step::user) text += "u:" + step.text;
      if (step.kind == Step::answer) text += "a:" + step.text;
      if (step.kind == Step::result) text += "t" + std::to_string(step.call) + ":" + step.text;
      if (step.kind != Step::calls) continue;
      text += "a:";
      for (const std::string& name : step.names) {
        text += R"({f {"a":1.50,"b":")" + name + "\"}}";
      }
    }
    return text;
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string fresh(const std::string& prefix) { return prefix + std::to_string(++words_); }

  void add_turns(Path& path, int turns) {
    for (int i = 0; i < turns; ++i) {
      path.push_back({Step::user, fresh("q"), {}, 0});
      for (int rounds = pick(3); rounds > 0; --rounds) {
        Step calls{Step::calls, "", {}, 0};
        for (int count = 1 + pick(3); count > 0; --count) calls.names.push_back(fresh("n"));
        path.push_back(calls);
        for (int call = 0; call < static_cast<int>(calls.names.size()); ++call) {
          path.push_back({Step::result, fresh("r"), {}, call});
        }
      }
      path.push_back({Step::answer, fresh("a"), {}, 0});
    }
  }

  // A beginning that another question may follow; behind an answer, so that the tree is the same.
  Path cut_before_user(const Path& path) {
    std::vector<std::size_t> ends;
    for (std::size_t i = 1; i < path.size(); ++i) {
      if (path[i].kind == Step::user) ends.push_back(i);
    }
    if (ends.empty()) return {};
    const auto end = ends[static_cast<std::size_t>(pick(static_cast<int>(ends.size())))];
    return {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  void add_requests(const Path& path, std::vector<Sent>& lane, std::set<std::string>& asked) {
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i].kind != Step::answer && path[i].kind != Step::calls) continue;
      const Path before(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(i));
      if (!asked.insert(plain(before) + plain({path[i]})).second) continue;
      // Retries: an error, a broken stream, nothing at all.
      if (pick(5) == 0) lane.push_back({print(before), R"({"error":{"message":"x"}})", -1, 500});
      if (pick(5) == 0) lane.push_back({print(before), "null", -1, 0, "upstream_error"});
      if (pick(5) == 0) {
        lane.push_back(
            {print(before), says(message_of(path[i], "s")), -1, 200, "upstream_truncated"});
      }
      lane.push_back({print(before), says(message_of(path[i], "s"))});
    }
  }

  // Every request spells its history anew: other ids, other spaces, other order of keys.
  std::string print(const Path& path) {
    const std::string ids = fresh("id");
    std::vector<std::string> list;
    if (pick(2) == 0) list.push_back("s:now is " + fresh("day"));
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i].kind == Step::result) {
        std::vector<std::string> results;
        for (; i < path.size() && path[i].kind == Step::result; ++i) {
          results.push_back(result(
              ids + std::to_string(call_turn_) + "_" + std::to_string(path[i].call), path[i].text));
        }
        --i;
        std::shuffle(results.begin(), results.end(), random_);
        list.insert(list.end(), results.begin(), results.end());
      } else if (path[i].kind == Step::user) {
        list.push_back(pick(2) == 0 ? "u:" + path[i].text
                                    : R"({"content":[{"text":")" + path[i].text +
                                          R"(","type":"text"}],"role":"user"})");
      } else {
        list.push_back(message_of(path[i], ids));
      }
    }
    return chat(list);
  }

  std::string message_of(const Step& step, const std::string& ids) {
    if (step.kind == Step::answer) {
      const char* const end[] = {"", " ", "\\n"};
      return message("assistant", step.text + end[pick(3)]);
    }
    ++call_turn_;
    std::vector<std::array<std::string, 3>> calls;
    for (std::size_t i = 0; i < step.names.size(); ++i) {
      const std::string spellings[] = {R"({"a":1.50,"b":")" + step.names[i] + "\"}",
                                       R"({ "b": ")" + step.names[i] + R"(", "a": 1.50 })"};
      calls.push_back(
          {ids + std::to_string(call_turn_) + "_" + std::to_string(i), "f", spellings[pick(2)]});
    }
    const char* const content[] = {"null", "\"\"", "[]"};
    return calling(calls, content[pick(3)]);
  }

  std::mt19937 random_;
  std::vector<std::vector<Path>> trees_;
  int words_ = 0;
  int call_turn_ = 0;
};

// Arguments stay in the model's own order of keys; the forest has them in one.
std::string with_sorted_keys(std::string text) {
  constexpr std::string_view kFirst = R"({"b":")";
  constexpr std::string_view kLast = R"(","a":1.50})";
  for (std::size_t at = 0; (at = text.find(kFirst, at)) != std::string::npos; ++at) {
    const std::size_t end = text.find(kLast, at);
    const std::string name = text.substr(at + kFirst.size(), end - at - kFirst.size());
    text.replace(at, end + kLast.size() - at, R"({"a":1.50,"b":")" + name + "\"}");
  }
  return text;
}

// Without weights and ids, which differ by design.
std::string plain(const Conversation& conversation) {
  std::string text;
  for (const Turn& turn : conversation.turns) {
    std::string said = Session::text_of(turn, conversation);
    const std::size_t colon = turn.role == Role::tool ? said.rfind(':') : said.find(':');
    std::string who = said.substr(0, 1);
    if (turn.role == Role::tool) who += std::to_string(turn.call);
    said = said.substr(colon + 1);
    for (const std::string_view end : {" ", "\\n"}) {
      if (said.ends_with(end)) said.resize(said.size() - end.size());
    }
    text += (text.empty() ? "" : " ") + who + ":" + said;
  }
  return with_sorted_keys(std::move(text));
}

std::multiset<std::string> converted(Session& session) {
  std::multiset<std::string> texts;
  ConversationMaker maker(session.tree(), "s");
  Conversation conversation;
  for (const TreeNodeId leaf : session.tree().leaves()) {
    const auto status = maker.make(View::trajectory, leaf, conversation);
    texts.insert(status ? plain(conversation) : "error: " + status.error().message);
  }
  return texts;
}

TEST(RandomForest, ComesBackFromItsRequests) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Forest forest(seed);
    forest.grow();
    Session session;
    for (Sent& sent : forest.requests()) ASSERT_EQ(session.add(std::move(sent)), "");
    ASSERT_EQ(converted(session), forest.leaves()) << "seed " << seed;
  }
}

TEST(RandomForest, ComesBackWhateverTheOrderOfItsLines) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Forest forest(seed);
    forest.grow();
    std::vector<Sent> requests = forest.requests();
    for (std::size_t i = 0; i < requests.size(); ++i) requests[i].second = static_cast<int>(i);
    std::mt19937 random(seed);
    std::shuffle(requests.begin(), requests.end(), random);
    Session session;
    for (Sent& sent : requests) ASSERT_EQ(session.add(std::move(sent)), "");
    ASSERT_EQ(converted(session), forest.leaves()) << "seed " << seed;
  }
}

TEST(RandomForest, LearnsEachAnswerOnce) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Forest forest(seed);
    forest.grow();
    Session session;
    for (Sent& sent : forest.requests()) session.add(std::move(sent));
    ConversationMaker maker(session.tree(), "s");
    std::map<Hash128, int> learned;
    Conversation conversation;
    for (const TreeNodeId leaf : session.tree().leaves()) {
      ASSERT_TRUE(maker.make(View::trajectory, leaf, conversation));
      for (const Turn& turn : conversation.turns) {
        if (turn.role == Role::assistant) learned[turn.hash] += turn.weight;
      }
    }
    for (const auto& [hash, count] : learned) ASSERT_EQ(count, 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace albicilla
