// The sessions of conversations that say nothing of a session: which one an exchange continues, by
// the states that earlier exchanges reached (conversation_hint.h). Bounded: the session that was
// quiet for longest gives way. choose() decides and changes nothing; note() applies a decision, at
// run time exactly as in a replay. Not thread safe, no clock.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/session/conversation_hint.h"

namespace albicilla {

struct SessionTableLimits {
  // For a replay: what is over is found out by the first decision after it.
  static SessionTableLimits none() { return {SIZE_MAX, std::chrono::years(100), false, 1, 0}; }

  std::size_t most_sessions = 10'000;
  std::chrono::seconds ttl{3600};
  bool fuzzy = false;  // a history that is only similar continues a session as well
  double similarity = 0.85;
  std::uint32_t new_session_messages = 3;  // no more than this: never by similarity
};

enum class SessionMatch {
  opened,     // a first request: nothing to look for
  continued,  // its history is a state that the session reached
  awaited,    // a later exchange of the session came before it
  similar,    // by the likeness of the histories
  missed,     // it has a history that nobody knows: a new session
};

struct SessionChoice {
  std::string id;  // empty: a new one
  SessionMatch match = SessionMatch::opened;
};

class SessionTable {
 public:
  explicit SessionTable(SessionTableLimits limits = {}) : limits_(limits) {}
  SessionTable(SessionTable&&) = default;
  SessionTable& operator=(SessionTable&&) = default;
  void set_limits(const SessionTableLimits& limits) { limits_ = limits; }

  SessionChoice choose(const ConversationHint& hint, WallTime now) const;
  void note(std::string_view id, const ConversationHint& hint, WallTime now);

  std::size_t size() const { return by_id_.size(); }
  std::uint64_t created() const { return created_; }
  std::uint64_t expired() const { return expired_; }  // by time or for want of room

  std::string encode() const;
  // An error when the bytes are not encode()'s; the table is then empty.
  Status restore(std::string_view bytes);

 private:
  struct Session {
    std::string id;
    WallTime seen;
    std::uint64_t last_note = 0;  // finer than the clock
    std::uint64_t peer = 0;
    std::uint32_t messages = 0;
    std::deque<ConversationKey> reached;   // old to new
    std::vector<ConversationKey> now;      // reached by its latest exchange
    std::vector<ConversationKey> awaited;  // what it continued though nobody had reached it
    bool has_sketch = false;
    HistorySketch state;
  };
  using Sessions = std::list<Session>;  // the latest seen first
  using Place = Sessions::iterator;
  using Index = std::unordered_map<ConversationKey, std::vector<Place>>;

  bool is_over(const Session& session, WallTime now) const {
    return session.seen + limits_.ttl < now;
  }
  const Session* continued(const ConversationHint& hint, WallTime now) const;
  const Session* holder(const ConversationKey& key, const ConversationHint& hint, bool latest,
                        WallTime now) const;
  const Session* similar(const ConversationHint& hint, WallTime now) const;
  Place make(std::string_view id);
  void drop(Place place);
  void drop_expired(WallTime now);
  void make_room();
  static void enter(Index& index, const ConversationKey& key, Place place);
  static void leave(Index& index, const ConversationKey& key, Place place);

  SessionTableLimits limits_;
  Sessions sessions_;
  std::unordered_map<std::string_view, Place> by_id_;  // views of the sessions' own ids
  Index reached_;
  Index awaited_;
  std::uint64_t next_note_ = 1;
  std::uint64_t created_ = 0;
  std::uint64_t expired_ = 0;
};

}  // namespace albicilla
