#include "converter/reading/exchange_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "converter/reading/iso8601.h"

namespace albicilla {

namespace {

template <class Number>
Number number_of(std::string_view raw) {
  Number value{};
  std::from_chars(raw.data(), raw.data() + raw.size(), value);
  return value;
}

// A string value's inside, or empty for any other value.
std::string_view inside(std::string_view raw) {
  return raw.starts_with('"') ? raw.substr(1, raw.size() - 2) : std::string_view{};
}

// How many bytes both texts begin with.
std::size_t common_size(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t at = 0;
  for (std::uint64_t x = 0, y = 0; most - at >= sizeof x; at += sizeof x) {
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    if (x != y) break;
  }
  while (at < most && a[at] == b[at]) ++at;
  return at;
}

}  // namespace

ExchangeReader::Use ExchangeReader::use_of(const RawString& key) {
  switch (key.body.size()) {
    case 2:
      return key.is("id") ? Use::id : Use::none;
    case 3:
      return key.is("seq") ? Use::seq : Use::none;
    case 4:
      return key.is("path") ? Use::path : Use::none;
    case 5:
      if (key.is("usage")) return Use::usage;
      return key.is("model") ? Use::model : Use::none;
    case 6:
      if (key.is("status")) return Use::status;
      return key.is("ending") ? Use::ending : Use::none;
    case 7:
      if (key.is("user_id")) return Use::user_id;
      return key.is("dialect") ? Use::dialect : Use::none;
    case 9:
      return key.is("truncated") ? Use::truncated : Use::none;
    case 10:
      if (key.is("client_app")) return Use::client_app;
      return key.is("started_at") ? Use::started_at : Use::none;
    default:
      return Use::none;
  }
}

void ExchangeReader::put(Use use, std::string_view raw, ExchangeInfo& info) {
  switch (use) {
    case Use::none:
      return;
    case Use::id:
      info.id = inside(raw);
      return;
    case Use::dialect:
      info.dialect = inside(raw);
      return;
    case Use::path:
      info.path = inside(raw);
      return;
    case Use::ending:
      info.ending = inside(raw);
      return;
    case Use::model:
      info.model = inside(raw);
      return;
    case Use::user_id:
      info.user_id = inside(raw);
      return;
    case Use::client_app:
      info.client_app = inside(raw);
      return;
    case Use::usage:
      info.usage = raw;
      return;
    case Use::seq:
      info.seq = number_of<std::uint64_t>(raw);
      return;
    case Use::status:
      info.status = number_of<int>(raw);
      return;
    case Use::started_at:
      info.started_at = parse_iso8601(inside(raw));
      return;
    case Use::truncated:
      info.truncated = raw != "false" && raw != "null";
      return;
  }
}

// Takes the members that the last object had in its place, from number `next` on, as long as they
// have the same bytes. Returns how many bytes behind those are the same.
std::size_t ExchangeReader::take_known(JsonCursor& cursor, const char* begin, std::size_t& next,
                                       ExchangeInfo& info) {
  const std::size_t from = next == 0 ? 1 : members_[next - 1].end;
  const std::string_view rest = cursor.rest();
  const auto here = static_cast<std::size_t>(rest.data() - begin);
  const std::size_t same = from + common_size(rest, std::string_view(text_).substr(from));
  std::size_t taken = from;
  // What ends a value must be the same, too.
  for (; next < members_.size() && members_[next].end < same; ++next) {
    Member member = members_[next];
    taken = member.end;
    member.value += here - from;
    member.end += here - from;
    put(member.use, {begin + member.value, member.end - member.value}, info);
    found_.push_back(member);
  }
  if (taken > from) cursor.pass_members(taken - from);
  return same - taken;
}

ExchangeInfo ExchangeReader::read(JsonCursor& cursor) {
  ExchangeInfo info;
  RawString key;
  std::string_view raw;
  cursor.kind();  // passes over the white space before the object
  const char* const begin = cursor.rest().data();
  found_.clear();
  std::size_t next = 0;  // the member of the last object that probably comes
  cursor.begin_object();
  for (;;) {
    const bool is_guess = next < members_.size();
    const std::size_t same = is_guess ? take_known(cursor, begin, next, info) : 0;
    const char* const from = cursor.rest().data();
    if (!cursor.next_member(key) || !cursor.skip(raw)) break;
    const auto value = static_cast<std::size_t>(raw.data() - begin);
    found_.push_back({value, value + raw.size(), use_of(key)});
    put(found_.back().use, raw, info);
    // Another value of the same member, or another member: then the order is not that of before.
    const bool same_key =
        is_guess && next < members_.size() && static_cast<std::size_t>(raw.data() - from) <= same;
    next = same_key ? next + 1 : members_.size();
  }
  if (cursor.failed()) return info;
  text_.assign(begin, cursor.rest().data());
  std::swap(members_, found_);
  return info;
}

}  // namespace albicilla
