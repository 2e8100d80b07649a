#include "common/dialect/tool_calls.h"

#include <algorithm>
#include <vector>

namespace albicilla {

namespace {

// No model makes this many calls in one message; a hostile stream must not make us search further.
constexpr std::size_t kMostLookups = 512;

bool has_text(std::string_view raw) {
  return json_kind(raw) == JsonKind::string && !json_inside(raw).empty();
}

// The `function` or `custom` part of a delta, whichever it has.
std::string_view callee(std::string_view delta) {
  const std::string_view function = json_first_member(delta, "function");
  return function.empty() ? json_first_member(delta, "custom") : function;
}

}  // namespace

// By index, as the API says. Some vendors number every call 0 but give each its own id and name,
// some leave the index out.
ToolCalls::Call& ToolCalls::call_of(std::string_view delta) {
  const auto index = json_count(json_first_member(delta, "index"));
  const std::string_view id = json_first_member(delta, "id");
  const std::size_t most = std::min(calls_.size(), kMostLookups);
  for (std::size_t back = 1; back <= most; ++back) {
    Call& call = calls_[calls_.size() - back];
    if (index && call.index != *index) continue;
    const bool other_id = has_text(id) && !call.id.empty() && call.id != id;
    if (index && other_id && has_text(json_first_member(callee(delta), "name"))) break;
    if (index || !other_id) return call;
  }
  Call& call = calls_.emplace_back();
  call.index = index.value_or(calls_.size() - 1);
  return call;
}

void ToolCalls::grow(std::string_view array, EventWords& words) {
  std::string_view delta;
  for (JsonElements deltas(array); deltas.next(delta);) {
    if (json_kind(delta) != JsonKind::object) {
      words.once();
      calls_.emplace_back().value.set(delta);
      continue;
    }
    Call& call = call_of(delta);
    bool repeats_id = false;
    JsonMember one;
    for (JsonMembers members(delta); members.next(one);) {
      const bool nested = json_kind(one.value) == JsonKind::object;
      if (one.key == "index") continue;
      if (one.key == "id" && has_text(one.value)) {
        words.once();
        repeats_id = call.id == one.value;
        call.id = one.value;
      }
      if (nested && (one.key == "function" || one.key == "custom")) {
        grow_callee(call, one, repeats_id, words);
      } else if (one.key == "id" || one.key == "type") {
        call.value.member(one.key).update(one.value);
      } else {
        grow_text(call.value.member(one.key), one.value, words);
      }
    }
  }
}

// Names come in pieces, but a vendor that repeats id and name in every chunk does not mean a longer
// name.
void ToolCalls::grow_callee(Call& call, const JsonMember& part, bool repeats_id,
                            EventWords& words) {
  GrowingValue& callee_value = call.value.member(part.key);
  JsonMember one;
  for (JsonMembers members(part.value); members.next(one);) {
    GrowingValue& value = callee_value.member(one.key);
    const bool repeated =
        repeats_id && one.key == "name" && value.inside() == json_inside(one.value);
    if (!repeated) grow_text(value, one.value, words);
  }
}

void ToolCalls::write(std::string& out) {
  std::vector<Call*> sorted;
  for (Call& call : calls_) {
    if (call.value.find("type") == nullptr && call.value.find("function") != nullptr) {
      call.value.member("type").set("\"function\"");
    }
    sorted.push_back(&call);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Call* a, const Call* b) { return a->index < b->index; });
  char before = '[';
  for (const Call* call : sorted) {
    out.push_back(before);
    call->value.write(out);
    before = ',';
  }
  out.append(calls_.empty() ? "[]" : "]");
}

}  // namespace albicilla
