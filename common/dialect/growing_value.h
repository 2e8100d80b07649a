// A JSON value that grows while a stream's deltas come in. It works on raw JSON text: strings are
// joined as they are escaped, numbers keep their digits, nothing is parsed twice; that is what
// makes assembly fast and exact. Only text that check_json took may go in. Private to this room.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/walk.h"

namespace albicilla {

class GrowingValue {
 public:
  GrowingValue();
  ~GrowingValue();
  GrowingValue(GrowingValue&&) noexcept;
  GrowingValue& operator=(GrowingValue&&) noexcept;
  GrowingValue(const GrowingValue&) = delete;
  GrowingValue& operator=(const GrowingValue&) = delete;

  JsonKind kind() const { return kind_; }
  bool absent() const { return kind_ == JsonKind::absent; }
  bool absent_or_null() const { return absent() || kind_ == JsonKind::null; }
  // What stands between the quotes; empty unless it is a string.
  std::string_view inside() const;

  // Replaces whatever was there.
  void set(std::string_view raw);
  // Joins a string's inside to the string that is there.
  void append_inside(std::string_view inside);
  // Appends an element; a value that was no array becomes the array's first element.
  void push(std::string_view raw);
  // The member of that name as written, made when absent. It stays where it is until the object
  // itself is replaced.
  GrowingValue& member(std::string_view key);
  // nullptr when absent or not an object.
  GrowingValue* find(std::string_view key);
  // The element that a stream calls by this index, made when absent; elements are written in the
  // order of their indices. It stays where it is, too.
  GrowingValue& element(std::uint64_t index);

  // A delta: strings are joined, arrays appended (by "index" where their elements have one),
  // objects merged; numbers, booleans and strings that name things (id, type, role ...) are
  // replaced. Null only says that the field exists.
  void grow(std::string_view raw);
  // The same for one member of a delta.
  void grow_member(std::string_view key, std::string_view raw);
  // True for members that are replaced although they are strings.
  static bool names_something(std::string_view key);
  // A newer state: like assignment, but null, "" and [] never replace something.
  void update(std::string_view raw);

  // Appends the JSON text; null when absent.
  void write(std::string& out) const;

 private:
  struct Member;
  struct Element;

  static std::unique_ptr<Member> make_member(std::string_view key);
  static std::unique_ptr<Element> make_element(std::uint64_t index);
  void become(JsonKind kind);
  void expand();
  std::uint64_t next_index() const;
  void write_elements(std::string& out) const;

  JsonKind kind_ = JsonKind::absent;
  // A string's inside; else raw text. An object or array stays raw until something is added to it.
  std::string text_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<std::unique_ptr<Element>> elements_;  // in order of arrival
  std::size_t next_member_ = 0;  // chunks repeat their keys in order: where the next one likely is
};

struct GrowingValue::Member {
  std::string key;
  GrowingValue value;
};

struct GrowingValue::Element {
  std::uint64_t index = 0;
  GrowingValue value;
};

}  // namespace albicilla
