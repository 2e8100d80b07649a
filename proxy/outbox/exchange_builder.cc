#include "proxy/outbox/exchange_builder.h"

#include <algorithm>
#include <utility>

namespace albicilla {

namespace {

template <class Facts>
Status keep_first(std::optional<Facts>& kept, Result<Facts> parsed) {
  if (!parsed) return parsed.error();
  if (!kept) kept = std::move(*parsed);
  return {};
}

}  // namespace

Status ExchangeBuilder::add(EntryType type, std::string_view payload) {
  switch (type) {
    case EntryType::opened:
      return keep_first(opened_, parse_opened(payload));
    case EntryType::part:
      return add_part(payload);
    case EntryType::answered:
      return keep_first(answered_, parse_answered(payload));
    case EntryType::closed:
      return keep_first(closed_, parse_closed(payload));
    case EntryType::generation:
    case EntryType::gap_open:
    case EntryType::gap_close:
      break;
  }
  return our_error("spool entry of type " + std::to_string(static_cast<unsigned>(type)) +
                   " does not belong to an exchange");
}

Status ExchangeBuilder::add_part(std::string_view payload) {
  const auto part = parse_part(payload);
  if (!part) return part.error();
  last_part_at_ = std::max(last_part_at_, part->facts.at);
  if (part->facts.direction == Direction::response) {
    first_answer_at_ = std::min(first_answer_at_.value_or(part->facts.at), part->facts.at);
  }
  Body& whole = of(part->facts.direction);
  if (part->facts.number < whole.next) return {};  // copied forward, seen already
  if (part->facts.number > whole.next) {
    whole.later.try_emplace(part->facts.number, Later{part->facts.at, std::string(part->bytes)});
    return {};
  }
  append(whole, part->facts.at, part->bytes);
  auto later = whole.later.begin();
  while (later != whole.later.end() && later->first <= whole.next) {
    if (later->first == whole.next) {
      append(whole, later->second.at, later->second.bytes);
    }
    later = whole.later.erase(later);
  }
  return {};
}

void ExchangeBuilder::append(Body& whole, Microseconds at, std::string_view bytes) {
  whole.bytes.append(bytes);
  whole.chunks.push_back({at, bytes.size()});
  ++whole.next;
}

Result<ExchangeFacts> ExchangeBuilder::finish(const ProducerId& producer) {
  if (!opened_ || !closed_) {
    return our_error(std::string("exchange without its entry ") + (opened_ ? "closed" : "opened"));
  }
  ExchangeFacts facts{std::move(*opened_),
                      std::move(*closed_),
                      std::move(of(Direction::request).bytes),
                      std::move(of(Direction::response).bytes),
                      producer,
                      std::move(of(Direction::upstream_request).bytes),
                      std::move(of(Direction::upstream_response).bytes),
                      std::move(of(Direction::translation).bytes),
                      std::move(of(Direction::response).chunks)};
  // Every byte that was counted was captured, unless it says otherwise. What a WebSocket counts are
  // its frames; what it keeps are its messages.
  const bool counts_what_it_keeps = facts.closed.status != 101;
  const auto lost = [&](Direction direction, std::uint64_t counted, std::size_t kept, bool cut) {
    return !of(direction).later.empty() || (counts_what_it_keeps && !cut && kept < counted);
  };
  const bool request_lost = lost(Direction::request, facts.closed.request_bytes,
                                 facts.request_body.size(), facts.closed.request_truncated);
  const bool response_lost = !of(Direction::upstream_response).later.empty() ||
                             lost(Direction::response, facts.closed.response_bytes,
                                  facts.response_body.size(), facts.closed.response_truncated);
  if (request_lost) facts.closed.request_truncated = true;
  if (response_lost) facts.closed.response_truncated = true;
  if (request_lost || response_lost) {
    if (!facts.closed.error.empty()) facts.closed.error += "; ";
    facts.closed.error += "spool: a part of the body is missing";
  }
  return facts;
}

}  // namespace albicilla
