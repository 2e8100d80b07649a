#include "common/session/session_table.h"

#include <algorithm>

#include "common/base/bytes.h"

namespace albicilla {

namespace {

constexpr std::size_t kMostStates = 64;    // of a session
constexpr std::size_t kMostAwaited = 8;    // of a session
constexpr std::size_t kMostHolders = 256;  // of a state: equal openers have equal states
// Sessions that are compared by likeness, the latest first; older ones must match exactly.
constexpr std::size_t kMostCompared = 1000;
constexpr std::chrono::minutes kSimilarFor{30};
constexpr std::uint8_t kFormatVersion = 1;

bool has(const std::vector<ConversationKey>& keys, const ConversationKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

template <class Keys>
void append_keys(std::string& out, const Keys& keys) {
  append_integer(out, static_cast<std::uint32_t>(keys.size()));
  for (const ConversationKey& key : keys) out += key.view();
}

template <class Keys>
void take_keys(ByteReader& reader, Keys& keys) {
  const auto count = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    if (const auto key = id_from_bytes<ConversationKey>(reader.bytes(16))) keys.push_back(*key);
  }
}

}  // namespace

// Of those that reached a state: one that still stands there before one that went on, the same
// sender's before another's, and of equals the one that was seen last: of conversations that began
// with the same words most have ended. Another sender may only go on where one session stands
// alone; it neither branches one that went on (an edit) nor falls back to an older state.
const SessionTable::Session* SessionTable::holder(const ConversationKey& key,
                                                  const ConversationHint& hint, bool latest,
                                                  WallTime now) const {
  const auto found = reached_.find(key);
  if (found == reached_.end()) return nullptr;
  const Session* best = nullptr;
  int best_rank = 0;
  for (const Place& place : found->second) {
    const Session& session = *place;
    if (is_over(session, now)) continue;
    const bool stands = has(session.now, key);
    const bool same = session.peer == hint.peer;
    if (!same && (!stands || !latest || found->second.size() > 1)) continue;
    const int rank = (same ? 2 : 0) + (stands ? 4 : 0);
    const bool better = best == nullptr || rank > best_rank ||
                        (rank == best_rank && session.last_note > best->last_note);
    if (!better) continue;
    best = &session;
    best_rank = rank;
  }
  return best;
}

const SessionTable::Session* SessionTable::continued(const ConversationHint& hint,
                                                     WallTime now) const {
  for (std::size_t i = 0; i < hint.continues.size(); ++i) {
    if (const Session* session = holder(hint.continues[i], hint, i == 0, now)) return session;
  }
  return nullptr;
}

const SessionTable::Session* SessionTable::similar(const ConversationHint& hint,
                                                   WallTime now) const {
  if (!limits_.fuzzy || !hint.has_sketch || hint.resets || hint.continues.empty() ||
      hint.messages <= limits_.new_session_messages) {
    return nullptr;
  }
  std::size_t compared = 0;
  for (const Session& session : sessions_) {
    if (session.seen + kSimilarFor < now || ++compared > kMostCompared) return nullptr;
    if (!session.has_sketch || session.peer != hint.peer || hint.messages <= session.messages) {
      continue;
    }
    if (session.state.similarity(hint.history) >= limits_.similarity) return &session;
  }
  return nullptr;
}

SessionChoice SessionTable::choose(const ConversationHint& hint, WallTime now) const {
  if (const Session* session = continued(hint, now)) return {session->id, SessionMatch::continued};
  for (const ConversationKey& key : hint.reaches) {
    const auto found = awaited_.find(key);
    if (found == awaited_.end()) continue;
    for (const Place& place : found->second) {
      const bool before = place->peer == hint.peer && place->messages >= hint.messages;
      if (before && !is_over(*place, now)) return {place->id, SessionMatch::awaited};
    }
  }
  if (const Session* session = similar(hint, now)) return {session->id, SessionMatch::similar};
  return {{}, hint.continues.empty() ? SessionMatch::opened : SessionMatch::missed};
}

void SessionTable::note(std::string_view id, const ConversationHint& hint, WallTime now) {
  drop_expired(now);
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) make_room();
  const Place place = known == by_id_.end() ? make(id) : known->second;
  Session& session = *place;
  session.seen = std::max(session.seen, now);
  session.last_note = next_note_++;
  session.peer = hint.peer;
  sessions_.splice(sessions_.begin(), sessions_, place);
  if (!hint.continues.empty() && !reached_.contains(hint.continues.front()) &&
      !has(session.awaited, hint.continues.front()) && session.awaited.size() < kMostAwaited) {
    session.awaited.push_back(hint.continues.front());
    enter(awaited_, hint.continues.front(), place);
  }
  // Trying again is done with once it was tried.
  for (const ConversationKey& key : hint.continues) {
    if (!hint.repeats || std::erase(session.now, key) == 0) continue;
    std::erase(session.reached, key);
    leave(reached_, key, place);
  }
  for (const ConversationKey& key : hint.reaches) {
    if (std::erase(session.awaited, key) > 0) leave(awaited_, key, place);
    if (std::find(session.reached.begin(), session.reached.end(), key) != session.reached.end()) {
      continue;
    }
    session.reached.push_back(key);
    enter(reached_, key, place);
    if (session.reached.size() <= kMostStates) continue;
    leave(reached_, session.reached.front(), place);
    session.reached.pop_front();
  }
  // One that came late does not take the session back to where it was.
  if (!hint.reaches.empty() && hint.messages >= session.messages) session.now = hint.reaches;
  if (hint.has_sketch && hint.messages >= session.messages) {
    session.state = hint.state;
    session.has_sketch = true;
  }
  session.messages = std::max(session.messages, hint.messages);
}

SessionTable::Place SessionTable::make(std::string_view id) {
  sessions_.emplace_front();
  const Place place = sessions_.begin();
  place->id = std::string(id);
  by_id_[place->id] = place;
  ++created_;
  return place;
}

void SessionTable::drop_expired(WallTime now) {
  while (!sessions_.empty() && is_over(sessions_.back(), now)) drop(std::prev(sessions_.end()));
}

void SessionTable::make_room() {
  const std::size_t most = std::max<std::size_t>(limits_.most_sessions, 1);
  while (sessions_.size() >= most) drop(std::prev(sessions_.end()));
}

void SessionTable::drop(Place place) {
  for (const ConversationKey& key : place->reached) leave(reached_, key, place);
  for (const ConversationKey& key : place->awaited) leave(awaited_, key, place);
  by_id_.erase(place->id);
  sessions_.erase(place);
  ++expired_;
}

void SessionTable::enter(Index& index, const ConversationKey& key, Place place) {
  std::vector<Place>& places = index[key];
  if (places.size() >= kMostHolders) places.erase(places.begin());
  places.push_back(place);
}

void SessionTable::leave(Index& index, const ConversationKey& key, Place place) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  std::erase(found->second, place);
  if (found->second.empty()) index.erase(found);
}

std::string SessionTable::encode() const {
  std::string out;
  append_integer(out, kFormatVersion);
  append_integer(out, next_note_);
  append_integer(out, created_);
  append_integer(out, expired_);
  append_integer(out, static_cast<std::uint32_t>(sessions_.size()));
  for (auto it = sessions_.rbegin(); it != sessions_.rend(); ++it) {
    append_string(out, it->id);
    append_integer(out, static_cast<std::uint64_t>(it->seen.time_since_epoch().count()));
    append_integer(out, it->last_note);
    append_integer(out, it->peer);
    append_integer(out, it->messages);
    append_keys(out, it->reached);
    append_keys(out, it->now);
    append_keys(out, it->awaited);
    append_integer(out, static_cast<std::uint8_t>(it->has_sketch ? 1 : 0));
    if (it->has_sketch) it->state.append_to(out);
  }
  return out;
}

Status SessionTable::restore(std::string_view bytes) {
  sessions_.clear();
  by_id_.clear();
  reached_.clear();
  awaited_.clear();
  next_note_ = 1, created_ = 0, expired_ = 0;
  if (bytes.empty()) return {};
  ByteReader reader(bytes);
  const auto version = reader.integer<std::uint8_t>();
  next_note_ = reader.integer<std::uint64_t>();
  const auto created = reader.integer<std::uint64_t>();
  expired_ = reader.integer<std::uint64_t>();
  const auto count = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok() && version == kFormatVersion; ++i) {
    const Place place = make(reader.string());
    place->seen =
        WallTime(Microseconds(static_cast<std::int64_t>(reader.integer<std::uint64_t>())));
    place->last_note = reader.integer<std::uint64_t>();
    place->peer = reader.integer<std::uint64_t>();
    place->messages = reader.integer<std::uint32_t>();
    take_keys(reader, place->reached);
    take_keys(reader, place->now);
    take_keys(reader, place->awaited);
    place->has_sketch = reader.integer<std::uint8_t>() != 0;
    if (place->has_sketch) {
      place->state = HistorySketch::from_bytes(reader.bytes(HistorySketch::kBytes));
    }
    for (const ConversationKey& key : place->reached) enter(reached_, key, place);
    for (const ConversationKey& key : place->awaited) enter(awaited_, key, place);
  }
  created_ = created;
  if (version == kFormatVersion && reader.finished()) return {};
  (void)restore({});
  return our_error("session table: its bytes are damaged or of another version");
}

}  // namespace albicilla
