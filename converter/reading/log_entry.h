// One log line as views: what the sink writes (SPEC.md, Line) and what predecessor A wrote (no
// `exchange`, no `chain`). Pure: a line in, an entry or the reason for its rejection out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "converter/reading/answer_members.h"
#include "converter/reading/exchange_reader.h"
#include "converter/reading/iso8601.h"
#include "converter/reading/json_cursor.h"
#include "converter/reading/request_slices.h"

namespace albicilla {

struct LogEntry {
  WallTime timestamp;
  std::string session_id;
  RequestSlices request;
  AnswerMembers response;  // its text is empty when the line has none
  std::optional<ExchangeInfo> exchange;
  KnownText known;  // of the whole line

  // Order of a conversation rests on this.
  WallTime started_at() const {
    return exchange && exchange->started_at ? *exchange->started_at : timestamp;
  }
  // The answer was whole and no error, as far as `exchange` knows.
  bool succeeded() const;
};

// Reads one line in two steps: the session is known before the request is walked over, so that the
// session can say what the request probably repeats. Used again for line after line.
class EntryReader {
 public:
  // Up to the request. The views live as long as `line`.
  Status begin(std::string_view line);
  // Empty when the session id stands behind the request (no writer of ours does that).
  const std::string& session_id() const { return entry_.session_id; }
  // The rest. The error's message is the reason for the line's rejection. The entry is valid until
  // the next begin().
  Result<const LogEntry*> finish(LikelyTexts& likely);

 private:
  Error broken() const;
  bool is_utf8_text() const;
  bool member(const RawString& key, LikelyTexts& likely);
  void text_member(std::optional<RawString>& into, const char* wrong);

  std::string_view line_;
  JsonCursor cursor_{std::string_view{}};
  KnownStrings strings_;
  ExchangeReader exchanges_;
  LogEntry entry_;
  std::optional<RawString> timestamp_;
  std::optional<RawString> raw_session_id_;
  bool at_request_ = false;
  bool has_request_ = false;
  const char* wrong_ = nullptr;  // the first member that has the wrong type
};

// The session id if it stands at the beginning of the line, as all writers of ours put it. False
// leaves open whether the line has one.
bool leading_session_id(std::string_view line, std::string& session);

// True for a line of one of the sink's other layouts (user_model_day, events, messages).
bool is_other_layout(std::string_view line);

}  // namespace albicilla
