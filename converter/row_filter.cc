#include "converter/row_filter.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace albicilla {

namespace {

constexpr std::array<std::string_view, 11> kFields = {"id",       "session", "user",   "client",
                                                      "model",    "edge",    "status", "turns",
                                                      "messages", "calls",   "tools"};

bool holds_any(const std::vector<std::string>& wanted, const std::vector<std::string>& values) {
  return std::any_of(values.begin(), values.end(), [&wanted](const std::string& value) {
    return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  });
}

std::vector<std::string> values_of(const Conversation& conversation, std::string_view field) {
  const Provenance& provenance = conversation.provenance;
  if (field == "id") return {provenance.id};
  if (field == "session") return {provenance.session};
  if (field == "user") return {provenance.user};
  if (field == "client") return {provenance.client};
  if (field == "model") return provenance.models;
  if (field == "edge") return {std::string(to_string(provenance.edge))};
  if (field == "status") return {std::to_string(provenance.status)};
  if (field == "turns") return {std::to_string(conversation.assistant_turns())};
  if (field == "messages") return {std::to_string(conversation.turns.size())};
  if (field == "calls") return {std::to_string(conversation.call_count())};
  return {std::to_string(conversation.tools.size())};
}

double number_of(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool fits(const Condition& condition, const std::string& value) {
  switch (condition.relation) {
    case Condition::Relation::equal:
    case Condition::Relation::different:
      return value == condition.value;
    case Condition::Relation::more:
      return number_of(value) > number_of(condition.value);
    case Condition::Relation::less:
      return number_of(value) < number_of(condition.value);
    case Condition::Relation::holds:
      return value.find(condition.value) != std::string::npos;
  }
  return false;
}

bool holds(const Condition& condition, const Conversation& conversation) {
  const auto values = values_of(conversation, condition.field);
  const bool any = std::any_of(values.begin(), values.end(),
                               [&](const std::string& value) { return fits(condition, value); });
  return condition.relation == Condition::Relation::different ? !any : any;
}

}  // namespace

Result<Condition> parse_condition(std::string_view text) {
  const std::size_t at = text.find_first_of("=!<>~");
  Condition condition;
  condition.field = text.substr(0, at);
  const bool known = std::find(kFields.begin(), kFields.end(), condition.field) != kFields.end();
  const bool lame = at != std::string_view::npos && text[at] == '!' &&
                    (at + 1 == text.size() || text[at + 1] != '=');
  if (at == std::string_view::npos || !known || lame) {
    std::string fields;
    for (const std::string_view field : kFields) {
      fields += (fields.empty() ? "" : ", ") + std::string(field);
    }
    return client_error("must be FIELD=VALUE, !=, <, > or ~ (holds), FIELD one of " + fields +
                        ", got '" + std::string(text) + "'");
  }
  using Relation = Condition::Relation;
  const char sign = text[at];
  condition.relation = sign == '='   ? Relation::equal
                       : sign == '!' ? Relation::different
                       : sign == '>' ? Relation::more
                       : sign == '<' ? Relation::less
                                     : Relation::holds;
  condition.value = text.substr(at + (sign == '!' ? 2 : 1));
  return condition;
}

std::string_view RowFilter::leaves_out(const Conversation& conversation) const {
  const Provenance& provenance = conversation.provenance;
  if (since && provenance.started_at < *since) return "since";
  if (until && provenance.started_at >= *until) return "until";
  if (!models.empty() && !holds_any(models, provenance.models)) return "model";
  if (!sessions.empty() && !holds_any(sessions, {provenance.session})) return "session";
  if (!users.empty() && !holds_any(users, {provenance.user})) return "user";
  const bool has_status =
      std::find(statuses.begin(), statuses.end(), provenance.status) != statuses.end();
  if (!statuses.empty() && !has_status) return "status";
  if (conversation.assistant_turns() < min_turns) return "min-turns";
  if (has_tools && conversation.call_count() == 0) return "has-tools";
  for (const Condition& condition : where) {
    if (!holds(condition, conversation)) return "where";
  }
  return {};
}

}  // namespace albicilla
