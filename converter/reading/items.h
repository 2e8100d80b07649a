// A message as every dialect means it: who speaks, in which parts, which calls it makes, which call
// it answers. Views into the raw text, so nothing is lost or copied. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "converter/reading/json_cursor.h"

namespace albicilla {

enum class Role : std::uint8_t { system, user, assistant, tool };
std::string_view to_string(Role role);

enum class PartKind : std::uint8_t {
  text,
  reasoning,
  refusal,
  image,
  media,  // audio, files, documents
  call,
  other,  // kept as it is
};

// What a call was given.
enum class ArgumentsKind : std::uint8_t {
  none,
  json_text,  // a string that holds JSON
  json,       // a JSON value
  free_text,  // a string that is no JSON (custom tools)
};

struct Part {
  PartKind kind = PartKind::text;
  RawString text;              // text, reasoning, refusal; image: its URL or base64 bytes
  std::string_view raw;        // the part as it was sent; empty when it was a plain string
  RawString id;                // of a call
  RawString name;              // of a call
  std::string_view arguments;  // raw JSON value
  ArgumentsKind arguments_kind = ArgumentsKind::none;
  // json_text: both the string and the JSON in it are spelled as we would write them. False when
  // nobody looked.
  bool arguments_are_ours = false;
};

struct Item {
  Role role = Role::user;
  std::uint32_t first_part = 0;  // in ItemList::parts
  std::uint32_t part_count = 0;
  RawString result_for;   // tool: the id of the call; empty when there is none (legacy functions)
  RawString name;         // of the speaker or the tool
  bool is_error = false;  // tool: the call failed
};

// Items with their parts, flat so that one list can be filled again and again without allocating.
struct ItemList {
  std::vector<Item> items;
  std::vector<Part> parts;
  void clear() {
    items.clear();
    parts.clear();
  }
};

// What a raw text is and therefore how it is read.
enum class Shape : std::uint8_t {
  chat_message,
  anthropic_message,  // {"role","content"}
  responses_item,
  system_text,     // a string or a list of text blocks
  user_text,       // a string or a list of strings
  assistant_text,  // a string, or the content blocks of an Anthropic answer
};

class ItemReader;

// Used again and again, so that reading a message allocates nothing. Belongs to one thread.
class ItemParser {
 public:
  ItemParser();
  ~ItemParser();

  // Adds the items of `raw`, one JSON value, behind those in `list`. Views point into `raw`.
  Status parse(Shape shape, std::string_view raw, ItemList& list, const KnownText& known = {});

 private:
  std::unique_ptr<ItemReader> reader_;
};

}  // namespace albicilla
