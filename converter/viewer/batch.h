// What the scanning thread hands to the writing thread: lines taken apart, with only those messages
// that the index may not know yet. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/chain/hash_chain.h"
#include "converter/viewer/line_facts.h"
#include "converter/viewer/said_words.h"

namespace albicilla::viewer {

// A message that stands in a line; its words are in the batch when the index may need them.
struct MessageEntry {
  std::int64_t hash = 0;
  Role role = Role::other;
  bool answered = false;     // from the response: we saw the model say it
  std::uint64_t offset = 0;  // of its JSON text in the file
  std::uint64_t bytes = 0;
  bool is_new = false;  // to be indexed: not delivered before
  WordSpan words;       // then: of the batch's
};

struct LineEntry {
  std::size_t file = 0;  // which of the batch's files
  std::uint64_t number = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  LineFacts facts;  // without its messages
  std::vector<MessageEntry> messages;
  // prefix[i] stands for the first i+1 messages of the request, system messages left out.
  std::vector<std::int64_t> prefix;
  std::size_t calls = 0;  // tools that the answer calls
  std::string opening;    // first words of the first user message
  std::string latest;     // first words of the last message of the request that says something
};

enum class ChainState : std::uint8_t {
  none = 0,    // no line has a chain (predecessor A)
  sound = 1,   // every line so far continues the chain
  broken = 2,  // a line does not: edited, deleted, inserted or reordered
};

// How far a file has been read.
struct FileProgress {
  std::int64_t id = 0;  // in the day's database; 0 for a file that is new
  std::string name;
  bool sealed = false;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;
  std::uint64_t offset = 0;  // whole lines up to here are in the index
  std::uint64_t lines = 0;
  ChainHead head;  // what the last line claims
  ChainState chain = ChainState::none;
  std::uint64_t broken_line = 0;  // the first line that breaks the chain
  std::uint64_t unreadable = 0;   // lines that are no log lines
  std::uint64_t unreadable_line = 0;
  std::uint64_t gaps = 0;    // lines that name lost records
  std::uint64_t erased = 0;  // lines of which only a tombstone is left
  std::string fault;         // why, of the first fault
};

// A gap line and where it stands.
struct GapEntry {
  std::size_t file = 0;
  std::uint64_t number = 0;
  WallTime at;
  SeqGap gap;
};

struct Batch {
  Batch(std::string of_day, HashKey key) : day(std::move(of_day)), words(key) {}

  std::string day;
  std::vector<FileProgress> files;
  std::vector<LineEntry> lines;
  std::vector<GapEntry> gaps;
  SaidWords words;
  std::uint64_t raw_bytes = 0;
};

}  // namespace albicilla::viewer
