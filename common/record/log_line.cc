#include "common/record/log_line.h"

#include <array>

#include "common/json/walk.h"

namespace albicilla {

namespace {

bool has_exactly_our_members(std::string_view middle) {
  constexpr std::array<std::string_view, 3> kKeys = {"request", "response", "exchange"};
  std::size_t at = 0;
  JsonMember member;
  for (JsonMembers all = JsonMembers::inside(middle); all.next(member); ++at) {
    if (at == kKeys.size() || member.key != kKeys[at]) return false;
  }
  return at == kKeys.size() && json_kind(member.value) == JsonKind::object;
}

}  // namespace

void append_line_start(std::string& line, WallTime timestamp, std::string_view session_id,
                       std::string_view middle) {
  line.reserve(line.size() + session_id.size() + middle.size() + 192);
  line.append("{\"timestamp\":\"").append(iso8601(timestamp)).append("\",\"session_id\":");
  append_json_string(line, session_id);
  line.append(",").append(middle);
}

bool is_line_middle(std::string_view middle) {
  const auto shape = check_json_members(middle);
  if (!shape || shape->raw_newline) return false;
  return has_exactly_our_members(middle);
}

void append_gap_line_start(std::string& line, WallTime timestamp, std::string_view middle) {
  line.append("{\"timestamp\":\"").append(iso8601(timestamp)).append("\",").append(middle);
}

bool is_gap_middle(std::string_view middle) {
  const auto shape = check_json_members(middle);
  if (!shape || shape->raw_newline) return false;
  JsonMembers all = JsonMembers::inside(middle);
  JsonMember member;
  if (!all.next(member) || member.key != "gap") return false;
  if (json_kind(member.value) != JsonKind::object) return false;
  return !all.next(member);
}

std::optional<LineView> view_line(std::string_view line) {
  if (!line.starts_with('{') || !line.ends_with('}')) return std::nullopt;
  LineView view;
  JsonMember member;
  for (JsonMembers all(line); all.next(member);) {
    if (member.key == "timestamp") {
      view.timestamp = json_inside(member.value);
    } else if (member.key == "session_id") {
      view.session_id = json_inside(member.value);
    } else if (member.key == "request") {
      view.request = member.value;
    } else if (member.key == "response") {
      view.response = member.value;
    } else if (member.key == "exchange") {
      view.exchange = member.value;
    } else if (member.key == "chain") {
      view.chain = member.value;
    }
  }
  return view;
}

}  // namespace albicilla
