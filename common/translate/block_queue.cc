#include "common/translate/block_queue.h"

#include <algorithm>

namespace albicilla {

namespace {

// Real answers have a handful; every one that waits is looked at for each piece.
constexpr std::size_t kMostWaiting = 1024;

Json delta_of(std::string_view type, std::string_view field, std::string_view piece) {
  return Json::object({{"type", type}, {std::string(field), piece}});
}

}  // namespace

std::string anthropic_event(std::string_view name, const Json& data) {
  return "event: " + std::string(name) + "\ndata: " + dump_json(data) + "\n\n";
}

void ObjectEnd::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      began_ = true;
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
  }
}

// nullptr when too much waits already.
BlockQueue::Block* BlockQueue::append(Kind kind) {
  malformed_ = malformed_ || blocks_.size() == kMostWaiting;
  if (malformed_) return nullptr;
  blocks_.emplace_back();
  blocks_.back().kind = kind;
  return &blocks_.back();
}

void BlockQueue::add_text(Kind kind, std::string_view piece) {
  if (piece.empty()) return;
  const bool goes_on =
      !blocks_.empty() && blocks_.back().kind == kind && blocks_.back().signature.empty();
  if (Block* const block = goes_on ? &blocks_.back() : append(kind)) block->pending += piece;
}

void BlockQueue::thinking(std::string_view piece, std::string_view signature) {
  add_text(Kind::thinking, piece);
  if (signature.empty()) return;
  const bool goes_on = !blocks_.empty() && blocks_.back().kind == Kind::thinking;
  if (Block* const block = goes_on ? &blocks_.back() : append(Kind::thinking)) {
    block->signature += signature;
  }
}

void BlockQueue::redacted(std::string_view data) {
  if (Block* const block = append(Kind::redacted)) block->pending = data;
}

void BlockQueue::call(std::int64_t index, std::string_view id, std::string_view name,
                      std::string_view arguments) {
  auto found = std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return block.kind == Kind::call && block.call_index == index;
  });
  // Some servers number all their calls 0 and tell them apart by id.
  if (found != blocks_.end() && !id.empty() && !found->id.empty() && found->id != id) {
    found = blocks_.end();
  }
  if (found == blocks_.end() && belongs_to_closed(index, id)) {
    // A last empty piece is harmless.
    malformed_ = malformed_ || arguments.find_first_not_of(" \t\r\n") != std::string_view::npos;
    return;
  }
  if (found == blocks_.end()) {
    if (append(Kind::call) == nullptr) return;
    found = std::prev(blocks_.end());
    found->call_index = index;
    had_calls_ = true;
  }
  if (found->id.empty()) found->id = id;
  if (!found->started && found->name != name) found->name += name;
  found->pending += arguments;
  found->end.feed(arguments);
}

bool BlockQueue::belongs_to_closed(std::int64_t index, std::string_view id) const {
  return index == closed_call_ && (id.empty() || id == closed_id_);
}

bool BlockQueue::may_start(const Block& block, bool closing) const {
  if (block.kind != Kind::call || closing || blocks_.size() > 1) return true;
  return !block.name.empty() && !block.pending.empty();  // a name may come in pieces
}

bool BlockQueue::may_close(const Block& block) const {
  return block.kind != Kind::call || block.end.reached();
}

void BlockQueue::start(Block& block, std::string& out) {
  Json content;
  if (block.kind == Kind::thinking) {
    content = Json::object({{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
  } else if (block.kind == Kind::redacted) {
    content = Json::object({{"type", "redacted_thinking"}, {"data", block.pending}});
    block.pending.clear();
  } else if (block.kind == Kind::text) {
    content = Json::object({{"type", "text"}, {"text", ""}});
  } else {
    if (block.id.empty()) {
      block.id = "call_" + message_id_ + "_" + std::to_string(next_index_);
    }
    content = Json::object(
        {{"type", "tool_use"}, {"id", block.id}, {"name", block.name}, {"input", Json::object()}});
  }
  block.started = true;
  out += anthropic_event("content_block_start", Json::object({{"type", "content_block_start"},
                                                              {"index", next_index_},
                                                              {"content_block", content}}));
  if (next_index_ == 0) out += anthropic_event("ping", Json::object({{"type", "ping"}}));
}

void BlockQueue::say(const Json& delta, std::string& out) const {
  out += anthropic_event(
      "content_block_delta",
      Json::object({{"type", "content_block_delta"}, {"index", next_index_}, {"delta", delta}}));
}

void BlockQueue::advance(bool closing, std::string& out) {
  while (!blocks_.empty()) {
    Block& block = blocks_.front();
    if (!block.started) {
      if (!may_start(block, closing)) return;
      start(block, out);
    }
    if (!block.pending.empty()) {
      say(block.kind == Kind::thinking ? delta_of("thinking_delta", "thinking", block.pending)
          : block.kind == Kind::text   ? delta_of("text_delta", "text", block.pending)
                                     : delta_of("input_json_delta", "partial_json", block.pending),
          out);
      block.pending.clear();
    }
    if (!closing && (blocks_.size() == 1 || !may_close(block))) return;
    if (!block.signature.empty()) {
      say(delta_of("signature_delta", "signature", block.signature), out);
    }
    out += anthropic_event("content_block_stop",
                           Json::object({{"type", "content_block_stop"}, {"index", next_index_}}));
    ++next_index_;
    if (block.kind == Kind::call) {
      closed_call_ = block.call_index;
      closed_id_ = block.id;
    }
    blocks_.pop_front();
  }
}

std::string BlockQueue::drain() {
  std::string out;
  advance(false, out);
  return out;
}

std::string BlockQueue::close() {
  std::string out;
  advance(true, out);
  return out;
}

}  // namespace albicilla
