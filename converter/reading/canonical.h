// When two items are the same: one hash for all spellings of one meaning. Arguments are parsed and
// sorted, white space at the end of an assistant's text does not count, an inline image is its
// bytes. Outside the hash: ids, reasoning, cache_control and the like. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "converter/reading/hash128.h"
#include "converter/reading/items.h"
#include "converter/reading/json_text.h"

namespace albicilla {

struct CallKey {
  Hash128 content;       // name and arguments
  std::uint64_t id = 0;  // hash of the call's id; 0 when it has none
  bool operator==(const CallKey&) const = default;
};

// What an item amounts to. The parts of an assistant's hash stand apart because neighbouring
// assistant items become one.
struct ItemKey {
  Role role = Role::user;
  bool has_text = false;  // an assistant's text, its parts taken as one string
  bool has_rest = false;  // parts that are neither text nor calls
  bool has_reasoning = false;
  Hash128 text;  // of all other roles: all parts
  Hash128 rest;
  std::uint32_t first_call = 0;  // in the list given to Canonicalizer::key
  std::uint32_t call_count = 0;
  std::uint64_t result_for = 0;  // hash of the call's id; 0 when it has none

  bool is_empty() const { return !has_text && !has_rest && call_count == 0; }
};

std::uint64_t id_hash(const RawString& id);

// Keeps scratch space, so that hashing allocates nothing. Belongs to one thread.
class Canonicalizer {
 public:
  // `parts` are the item's own; its calls go behind those in `calls`. Notes in calls whose
  // arguments are ours.
  ItemKey key(const Item& item, std::span<Part> parts, std::vector<CallKey>& calls);
  // The text hash of an assistant whose text comes in several pieces.
  Hash128 text_hash(std::span<const Part> parts);

  // What was repaired since the last call.
  TextRepairs take_repairs() { return std::exchange(repairs_, {}); }

 private:
  Hash128 part_hash(Part& part);
  Hash128 call_hash(Part& call);
  // The one spelling of a string; a view into it or into scratch space.
  std::string_view spelled(const RawString& text);

  std::string scratch_;
  std::string text_;
  TextRepairs repairs_;
};

}  // namespace albicilla
