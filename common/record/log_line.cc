#include "common/record/log_line.h"

#include <algorithm>

#include "common/json/walk.h"

namespace albicilla {

namespace {

// Takes `start` and the value behind it off the front of `rest`. A client's JSON stands there as it
// came, with the blanks around it.
std::optional<std::string_view> take_member(std::string_view& rest, std::string_view start) {
  if (!rest.starts_with(start)) return std::nullopt;
  const auto value = check_json_prefix(rest.substr(start.size()));
  if (!value || value->shape.raw_newline || value->shape.depth >= kMostJsonDepth) {
    return std::nullopt;
  }
  const std::string_view taken = rest.substr(start.size(), value->size);
  rest.remove_prefix(start.size() + value->size);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  return taken;
}

}  // namespace

void append_line_start(std::string& line, WallTime timestamp, std::string_view session_id,
                       std::string_view middle) {
  line.reserve(line.size() + session_id.size() + middle.size() + 192);
  line.append("{\"timestamp\":\"").append(iso8601(timestamp)).append("\",\"session_id\":");
  append_json_string(line, session_id);
  line.append(",").append(middle);
}

std::optional<std::string_view> exchange_of_middle(std::string_view middle) {
  std::string_view rest = middle;
  if (!take_member(rest, "\"request\":") || !take_member(rest, ",\"response\":")) {
    return std::nullopt;
  }
  const auto exchange = take_member(rest, ",\"exchange\":");
  if (!exchange || !rest.empty() || !exchange->starts_with('{') || !is_utf8(middle)) {
    return std::nullopt;
  }
  return exchange;
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
