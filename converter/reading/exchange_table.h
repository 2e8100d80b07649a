// The exchanges of some sessions (mostly of one), taken in line by line in any order: each distinct
// message stored once, each request reduced to its last node in the trie. What follows from their
// order is conversation_tree's business.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "converter/reading/answer_slices.h"
#include "converter/reading/item_store.h"
#include "converter/reading/item_trie.h"
#include "converter/reading/lanes.h"
#include "converter/reading/log_entry.h"
#include "converter/reading/path_builder.h"

namespace albicilla {

inline constexpr std::uint32_t kNoText = 0xFFFFFFFF;

// Where a line stands.
struct LineOrigin {
  std::uint32_t file = 0;  // index in the list of log files
  std::uint64_t number = 0;
  std::uint64_t offset = 0;
};

struct Answer {
  NodeId node = kRootNode;  // not known yet when the request goes on behind another answer
  Outcome outcome = Outcome::whole;
  std::uint32_t first_piece = 0;  // its items, in ExchangeTable::pieces()
  std::uint32_t piece_count = 0;
  std::uint32_t message = kNoText;  // the first of its messages in the store
};

struct Exchange {
  std::uint32_t session = 0;  // in ExchangeTable::sessions()
  WallTime started_at;
  WallTime closed_at;
  std::uint64_t seq = 0;
  LineOrigin origin;
  Api api = Api::none;
  bool answered = false;            // at least one answer is whole
  int status = 0;                   // 0: the line does not say
  NodeId request = kRootNode;       // its last node
  NodeId system = kSystemRootNode;  // the last node of its system items
  std::uint32_t first_answer = 0;   // in ExchangeTable::answers()
  std::uint32_t answer_count = 0;
  // Numbers of stored texts, kNoText when absent.
  std::uint32_t tools = kNoText;
  std::uint32_t parameters = kNoText;  // one object: what else the request asked for
  std::uint32_t facts = kNoText;       // see ExchangeFacts
  // Hashes of ids, 0 when absent.
  std::uint64_t response_id = 0;
  std::uint64_t previous_id = 0;      // the request goes on behind that answer
  std::uint64_t conversation_id = 0;  // the provider keeps the history under this name
  std::uint32_t first_piece = 0;      // then: its own items, in ExchangeTable::pieces()
  std::uint32_t piece_count = 0;

  std::uint32_t first_message = 0;  // as they were sent, in ExchangeTable::messages()
  std::uint32_t message_count = 0;

  bool goes_on_elsewhere() const { return previous_id != 0 || conversation_id != 0; }
};

// Belongs to one thread.
class ExchangeTable {
 public:
  // `messages` tells whether to remember each request's messages as they were sent.
  enum class Keep { paths, messages };
  ExchangeTable(std::size_t memory_budget, const std::filesystem::path& folder, Keep keep);
  ExchangeTable(const ExchangeTable&) = delete;
  ExchangeTable& operator=(const ExchangeTable&) = delete;
  void clear();
  // The same for further sessions of the same log: texts that are likely to come again stay.
  void clear_sessions();
  // What is added from now on is of another session than all that is there.
  void begin_session();
  // Small sessions are read several at a time: whoever reads and whoever writes keep their code in
  // the first-level cache. There is room for another one beside those that are there.
  bool has_room() const;
  // New nodes of the trie are of this session.
  void enter_session(std::uint32_t session) { trie_.enter_session(trie_sessions_[session]); }

  // What the next line probably repeats.
  LikelyTexts& likely() { return lanes_; }
  // Views in `entry` are not kept. An error is the reason for rejecting the line; fault ours means
  // that the store itself failed.
  Status add(const LogEntry& entry, const LineOrigin& origin);

  const std::vector<Exchange>& exchanges() const { return exchanges_; }
  // Which of them belong to a session, in the order in which they were read.
  const std::vector<std::uint32_t>& exchanges_of(std::uint32_t session) const {
    return by_session_[session];
  }
  // Ids, in the order of their first lines.
  const std::vector<std::string>& sessions() const { return sessions_; }
  std::span<const Answer> answers(const Exchange& exchange) const {
    return std::span(answers_).subspan(exchange.first_answer, exchange.answer_count);
  }
  template <class Owner>  // an Exchange or an Answer
  std::span<const std::uint32_t> pieces(const Owner& owner) const {
    return std::span(pieces_).subspan(owner.first_piece, owner.piece_count);
  }
  std::span<const std::uint32_t> messages(const Exchange& exchange) const {
    return std::span(messages_).subspan(exchange.first_message, exchange.message_count);
  }
  ItemStore& store() { return store_; }
  ItemTrie& trie() { return trie_; }
  const ItemTrie& trie() const { return trie_; }

  // Exchanges that are no conversations, by the reason.
  struct Skipped {
    std::string kind;  // "embeddings", "no body" ...
    std::uint64_t count = 0;
  };
  const std::vector<Skipped>& skipped() const { return skipped_; }

 private:
  Status add_conversation(const LogEntry& entry, Exchange& exchange);
  std::uint32_t session_number(const std::string& id);
  // The stored numbers of the request's messages, in `numbers_`.
  Status store_messages(const LogEntry& entry, Api api);
  Status add_path(const RequestSlices& request, PathBuilder& path, std::uint32_t first_new);
  Status add_system(const LogEntry& entry, const PathBuilder& path, Exchange& exchange);
  Status add_answers(const AnswerSlices& slices, const KnownText& known, PathBuilder& path,
                     Exchange& exchange);
  Status add_texts(const LogEntry& entry, const AnswerSlices& slices, Exchange& exchange);
  std::string_view facts_text(const LogEntry& entry, const AnswerSlices& slices);
  void add_ids(const LogEntry& entry, Exchange& exchange);
  void skip(const LogEntry& entry);

  Keep keep_;
  ItemStore store_;
  ItemTrie trie_;
  Lanes lanes_;
  std::vector<Exchange> exchanges_;
  std::vector<Answer> answers_;
  std::vector<std::uint32_t> pieces_;
  std::vector<std::uint32_t> messages_;
  std::vector<std::string> sessions_;
  std::vector<std::vector<std::uint32_t>> by_session_;
  std::vector<std::uint32_t> trie_sessions_;  // their numbers in the trie
  bool another_session_ = false;              // begins with the next exchange
  std::uint64_t size_before_ = 0;             // of the store, without these sessions
  std::vector<Skipped> skipped_;
  AnswerSlices answer_;  // of the entry that is being added
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint32_t> items_;  // of one answer
  std::string scratch_;
};

}  // namespace albicilla
