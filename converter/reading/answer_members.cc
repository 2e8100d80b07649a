#include "converter/reading/answer_members.h"

namespace albicilla {

namespace {

// The members of the object that comes next.
bool slice_object(JsonCursor& cursor, std::vector<AnswerMember>& members) {
  AnswerMember member;
  if (!cursor.begin_object()) return false;
  while (cursor.next_member(member.name)) {
    if (!cursor.skip(member.value)) return false;
    members.push_back(member);
  }
  return !cursor.failed();
}

bool slice_choices(JsonCursor& cursor, AnswerMembers& answer) {
  answer.choices.clear();
  answer.choice_members.clear();
  if (cursor.kind() != JsonKind::array) return cursor.skip();
  cursor.begin_array();
  while (cursor.next_element()) {
    if (cursor.kind() != JsonKind::object) {
      if (!cursor.skip()) return false;
      continue;
    }
    AnswerMembers::Choice choice{answer.choice_members.size(), 0};
    if (!slice_object(cursor, answer.choice_members)) return false;
    choice.last = answer.choice_members.size();
    answer.choices.push_back(choice);
  }
  return !cursor.failed();
}

bool slice_answer_object(JsonCursor& cursor, AnswerMembers& answer) {
  AnswerMember member;
  cursor.begin_object();
  while (cursor.next_member(member.name)) {
    cursor.kind();  // passes over the white space before the value
    const char* const from = cursor.rest().data();
    const bool is_list = member.name.is("choices");
    if (!(is_list ? slice_choices(cursor, answer) : cursor.skip())) return false;
    member.value = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
    answer.members.push_back(member);
  }
  return !cursor.failed();
}

}  // namespace

void AnswerMembers::clear() {
  text = {};
  members.clear();
  choices.clear();
  choice_members.clear();
}

bool slice_members(JsonCursor& cursor, AnswerMembers& answer) {
  answer.clear();
  const bool is_object = cursor.kind() == JsonKind::object;
  const char* const from = cursor.rest().data();
  if (!(is_object ? slice_answer_object(cursor, answer) : cursor.skip())) return false;
  answer.text = {from, static_cast<std::size_t>(cursor.rest().data() - from)};
  return true;
}

}  // namespace albicilla
