// Anthropic streams say one content block after the other; OpenAI streams may mix text, reasoning
// and several tool calls as they come. This queue puts them in order: the first block is open and
// its pieces leave at once, blocks behind it wait until it can be closed, which for a tool call is
// when its arguments are a whole JSON object. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "common/json/tree.h"

namespace albicilla {

// Sees where a JSON object ends, byte by byte.
class ObjectEnd {
 public:
  void feed(std::string_view bytes);
  bool reached() const { return began_ && depth_ == 0; }

 private:
  bool began_ = false;
  bool in_string_ = false;
  bool escaped_ = false;
  std::size_t depth_ = 0;
};

// Not thread safe: one queue belongs to one stream.
class BlockQueue {
 public:
  // `message_id` names calls that have no id of their own.
  explicit BlockQueue(std::string message_id) : message_id_(std::move(message_id)) {}

  // A signature ends the thinking that it signs.
  void thinking(std::string_view piece, std::string_view signature);
  void redacted(std::string_view data);
  void text(std::string_view piece) { add_text(Kind::text, piece); }
  // A piece of the call number `index`; each of the three may be empty.
  void call(std::int64_t index, std::string_view id, std::string_view name,
            std::string_view arguments);

  // The events that can go now.
  std::string drain();
  // Nothing more comes: the events of everything that waited.
  std::string close();

  bool empty() const { return next_index_ == 0 && blocks_.empty(); }
  bool had_calls() const { return had_calls_; }
  // More waits than any real answer has, or a call went on after its arguments were whole.
  bool malformed() const { return malformed_; }

 private:
  enum class Kind { thinking, redacted, text, call };
  struct Block {
    Kind kind = Kind::text;
    std::int64_t call_index = 0;
    std::string id;
    std::string name;
    std::string pending;
    std::string signature;
    ObjectEnd end;
    bool started = false;
  };

  void add_text(Kind kind, std::string_view piece);
  Block* append(Kind kind);
  bool belongs_to_closed(std::int64_t index, std::string_view id) const;
  bool may_start(const Block& block, bool closing) const;
  bool may_close(const Block& block) const;
  void start(Block& block, std::string& out);
  void say(const Json& delta, std::string& out) const;
  void advance(bool closing, std::string& out);

  std::string message_id_;
  std::deque<Block> blocks_;
  std::size_t next_index_ = 0;  // of the block that is open or opens next
  bool had_calls_ = false;
  bool malformed_ = false;
  std::int64_t closed_call_ = -1;  // the last call that was closed
  std::string closed_id_;
};

// "event: name\ndata: {...}\n\n"
std::string anthropic_event(std::string_view name, const Json& data);

}  // namespace albicilla
