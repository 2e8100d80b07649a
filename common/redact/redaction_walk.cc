#include "common/redact/redaction_walk.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/json/scan.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

constexpr int kMostNested = 4;  // JSON inside a string inside JSON ...

// Only what a rule replaces is written anew, the bytes between are copied. Recursion is bounded by
// the depth that check_json lets through.
class Walk {
 public:
  Walk(Replacer& replacer, int nested) : replacer_(&replacer), nested_(nested) {}

  struct Place {
    const CompiledRule* rule;
    PathProgress progress;
  };
  using Places = std::vector<Place>;

  std::string redact(std::string_view json, const Places& places) {
    done_ = json.data();
    const std::size_t first = std::min(json.find_first_not_of(" \t\r\n"), json.size());
    const std::size_t last = json.find_last_not_of(" \t\r\n");
    value(json.substr(first, last + 1 - first), places);
    out_.append(done_, static_cast<std::size_t>(json.data() + json.size() - done_));
    return std::move(out_);
  }

  bool changed() const { return changed_; }

 private:
  template <class Step>
  static Places follow(const Places& places, Step step) {
    Places next;
    for (const Place& place : places) {
      PathProgress progress = step(place.progress);
      if (!progress.lost()) next.push_back({place.rule, std::move(progress)});
    }
    return next;
  }

  void value(std::string_view raw, const Places& places) {
    for (const Place& place : places) {
      if (place.progress.arrived() && place.rule->whole_value() && raw != "null") {
        return replace(raw, replacer_->word(*place.rule, raw));
      }
    }
    const JsonKind kind = json_kind(raw);
    if (kind == JsonKind::object) {
      object(raw, places);
    } else if (kind == JsonKind::array) {
      array(raw, places);
    } else if (kind == JsonKind::string || kind == JsonKind::number) {
      scalar(raw, places);
    }
  }

  void replace(std::string_view raw, std::string_view text) {
    out_.append(done_, static_cast<std::size_t>(raw.data() - done_));
    append_json_string(out_, text);
    done_ = raw.data() + raw.size();
    changed_ = true;
  }

  void object(std::string_view raw, const Places& places) {
    JsonMember member;
    for (JsonMembers members(raw); members.next(member);) {
      const std::string_view quoted(member.key.data() - 1, member.key.size() + 2);
      scalar(quoted, {});
      const auto step = [&](const PathProgress& p) {
        return p.member(json_text(quoted).value_or(std::string()));
      };
      value(member.value, places.empty() ? Places() : follow(places, step));
    }
  }

  void array(std::string_view raw, const Places& places) {
    std::size_t index = 0;
    std::string_view element;
    for (JsonElements elements(raw); elements.next(element); ++index) {
      value(element, follow(places, [&](const PathProgress& p) { return p.element(index); }));
    }
  }

  // A number in which something was found becomes a string.
  void scalar(std::string_view raw, const Places& places) {
    const bool is_string = json_kind(raw) == JsonKind::string;
    const bool escaped = is_string && raw.find('\\') != std::string_view::npos;
    std::string text = escaped     ? json_text(raw).value_or(std::string())
                       : is_string ? std::string(json_inside(raw))
                                   : std::string(raw);
    bool changed = false;
    for (const Place& place : places) {
      if (place.progress.arrived() && !place.rule->whole_value()) {
        changed = replacer_->replace(*place.rule, text) || changed;
      }
    }
    changed = redact_nested(*replacer_, text, nested_ + 1) || changed;
    if (changed) replace(raw, text);
  }

  Replacer* replacer_;
  int nested_;
  bool changed_ = false;
  std::string out_;
  const char* done_ = nullptr;  // up to here the value is in out_
};

// Without an escape its strings are what the text itself shows.
bool may_hide_text(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  const bool may_be_json = text[first] == '{' || text[first] == '[' || text[first] == '"';
  return may_be_json && text.find('\\') != std::string_view::npos;
}

}  // namespace

bool redact_nested(Replacer& replacer, std::string& text, int depth) {
  bool changed = false;
  if (depth <= kMostNested && may_hide_text(text) && check_json(text)) {
    Walk walk(replacer, depth);
    std::string inside = walk.redact(text, {});
    changed = walk.changed();
    if (changed) text = std::move(inside);
  }
  return replacer.replace_everywhere(text) || changed;
}

std::string redact_value(Replacer& replacer, std::string_view root, std::string_view json) {
  Walk::Places places;
  for (const CompiledRule& rule : replacer.rules()) {
    if (rule.everywhere()) continue;
    PathProgress progress = PathProgress(rule.path()).member(root);
    if (!progress.lost()) places.push_back({&rule, std::move(progress)});
  }
  return Walk(replacer, 0).redact(json, places);
}

}  // namespace albicilla
