#include "converter/reading/exchange_reader.h"

#include <algorithm>
#include <array>
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
  static constexpr std::array<std::string_view ExchangeInfo::*, 7> kTexts = {
      &ExchangeInfo::id,    &ExchangeInfo::dialect, &ExchangeInfo::path,      &ExchangeInfo::ending,
      &ExchangeInfo::model, &ExchangeInfo::user_id, &ExchangeInfo::client_app};
  static_assert(static_cast<std::size_t>(Use::none) == kTexts.size());
  if (use < Use::none) {
    info.*kTexts[static_cast<std::size_t>(use)] = inside(raw);
    return;
  }
  switch (use) {
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
    default:
      return;
  }
}

// Takes the members that the last object had in its place as long as they have the same bytes.
void ExchangeReader::take_known(JsonCursor& cursor, Progress& progress, ExchangeInfo& info) {
  const std::string_view rest = cursor.rest();
  const std::size_t from = progress.last;
  const std::size_t moved = static_cast<std::size_t>(rest.data() - progress.begin) - from;
  const std::size_t same = from + common_size(rest, std::string_view(text_).substr(from));
  std::size_t taken = from;
  // What ends a value must be the same, too.
  for (; progress.next < members_.size() && members_[progress.next].end < same; ++progress.next) {
    Member& member = members_[progress.next];
    taken = member.end;
    member.value += moved;
    member.end += moved;
    if (member.use == Use::none) continue;
    put(member.use, {progress.begin + member.value, member.end - member.value}, info);
  }
  if (taken > from) cursor.pass_members(taken - from);
  progress.last = taken;
  progress.same = same - taken;
}

ExchangeInfo ExchangeReader::read(JsonCursor& cursor) {
  ExchangeInfo info;
  RawString key;
  std::string_view raw;
  cursor.kind();  // passes over the white space before the object
  Progress progress{cursor.rest().data()};
  cursor.begin_object();
  for (;;) {
    const bool is_guess = progress.next < members_.size();
    if (is_guess) take_known(cursor, progress, info);
    const char* const from = cursor.rest().data();
    if (!cursor.next_member(key) || !cursor.skip(raw)) break;
    const auto value = static_cast<std::size_t>(raw.data() - progress.begin);
    const Member member{value, value + raw.size(), use_of(key)};
    put(member.use, raw, info);
    // Another value of the same member, or another member: then the order is not that of before.
    const bool same_key = is_guess && progress.next < members_.size() &&
                          static_cast<std::size_t>(raw.data() - from) <= progress.same;
    if (same_key) {
      progress.last = members_[progress.next].end;
      members_[progress.next] = member;
    } else {
      members_.resize(progress.next);
      members_.push_back(member);
    }
    ++progress.next;
  }
  members_.resize(cursor.failed() ? 0 : progress.next);
  text_.assign(progress.begin, cursor.rest().data());
  return info;
}

}  // namespace albicilla
