// What the index and the lists keep of one log line: who, when, how it went, and where its messages
// stand. Reads the sink's lines and predecessor A's (no `exchange`). Pure: views into the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace albicilla::viewer {

enum class Role : std::uint8_t { system = 0, user = 1, assistant = 2, tool = 3, other = 4 };

std::string_view to_string(Role role);
std::optional<Role> role_from(std::string_view word);

// A message's JSON text: an object with role and content, or content alone.
struct RawMessage {
  Role role = Role::other;
  std::string_view raw;
};

// The sink's word for records that were lost: of this producer, these Seqs.
struct SeqGap {
  std::string producer;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::optional<std::int64_t> exchanges;  // how many were lost; 0: none, they were found again
  std::string cause;

  bool is_loss() const { return exchanges != 0; }
};

struct LineFacts {
  WallTime closed_at;
  WallTime started_at;
  std::string session;
  std::string model;
  std::string request_model;  // what was asked for, where `model` says what answered
  // From `exchange`; empty in lines that have none.
  std::string id;
  std::string method;
  std::string path;
  std::string ending;
  std::string dialect;
  std::string upstream;
  std::string user;
  std::string client;
  std::string error;
  std::optional<std::int64_t> status;
  std::optional<std::int64_t> duration_us;
  std::optional<std::int64_t> first_byte_us;
  std::optional<std::int64_t> input_tokens;
  std::optional<std::int64_t> output_tokens;
  std::optional<std::int64_t> cached_tokens;
  std::optional<std::int64_t> reasoning_tokens;
  bool streaming = false;
  bool has_exchange = false;
  bool has_response = false;
  // Chat threads by id: what this request continues, and what the next one may.
  std::string response_id;
  std::string previous_id;
  // The request's messages, then the answer's.
  std::vector<RawMessage> messages;
  std::size_t asked = 0;  // how many are the request's
  std::size_t tools = 0;  // how many tools were offered

  std::optional<SeqGap> gap;  // then the line is no exchange

  bool failed() const;
};

// `line` without its newline. The error says why it cannot be read.
Result<LineFacts> read_line_facts(std::string_view line);

}  // namespace albicilla::viewer
