#include "common/redact/redaction_series.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "common/json/scan.h"
#include "common/json/walk.h"

namespace albicilla {

namespace {

// Deltas of different items may come in turns; these members say which one an event belongs to.
constexpr std::array<std::string_view, 6> kItemNames = {
    "type", "index", "output_index", "content_index", "summary_index", "item_id"};

// A string of one piece; the whole piece when that is no JSON.
struct Part {
  std::size_t piece = 0;
  std::size_t at = 0;  // of its raw text in the piece
  std::size_t size = 0;
  bool is_json = false;
  std::string text;
  bool changed = false;
};

// Strings at the same place of successive pieces.
using Lane = std::vector<std::size_t>;  // indexes of parts

class Lanes {
 public:
  explicit Lanes(const std::vector<std::string>& pieces) {
    for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
      piece_ = piece;
      whole_ = pieces[piece];
      if (check_json(whole_)) {
        collect(whole_, ".");
      } else if (!whole_.empty()) {
        add("", {piece, 0, whole_.size(), false, std::string(whole_), false});
      }
    }
  }

  std::vector<Part>& parts() { return parts_; }

  // A text that is the same in every piece (an id, a model's name) is no text in pieces.
  std::vector<Lane> texts() const {
    std::vector<Lane> found;
    for (const auto& entry : lanes_) {
      const Lane& lane = entry.second;
      const bool varies = std::any_of(lane.begin(), lane.end(), [&](std::size_t part) {
        return parts_[part].text != parts_[lane.front()].text;
      });
      if (varies) found.push_back(lane);
    }
    return found;
  }

 private:
  void add(const std::string& place, Part part) {
    lanes_[place].push_back(parts_.size());
    parts_.push_back(std::move(part));
  }

  static std::string item_of(std::string_view object) {
    std::string item;
    for (const std::string_view name : kItemNames) {
      const std::string_view value = json_first_member(object, name);
      const JsonKind kind = json_kind(value);
      if (kind == JsonKind::string || kind == JsonKind::number) item.append(value).push_back(';');
    }
    return item;
  }

  // `raw` lies in whole_, which is valid JSON, so the depth is bounded.
  void collect(std::string_view raw, const std::string& place) {
    const std::size_t first = std::min(raw.find_first_not_of(" \t\r\n"), raw.size());
    raw.remove_prefix(first);
    raw = raw.substr(0, raw.find_last_not_of(" \t\r\n") + 1);
    const JsonKind kind = json_kind(raw);
    if (kind == JsonKind::object) {
      const std::string here = place + "{" + item_of(raw);
      JsonMember member;
      for (JsonMembers members(raw); members.next(member);) {
        collect(member.value, here + "." + std::string(member.key));
      }
    } else if (kind == JsonKind::array) {
      std::size_t index = 0;
      std::string_view element;
      for (JsonElements elements(raw); elements.next(element); ++index) {
        collect(element, place + "[" + std::to_string(index));
      }
    } else if (kind == JsonKind::string) {
      const auto at = static_cast<std::size_t>(raw.data() - whole_.data());
      add(place, {piece_, at, raw.size(), true, json_text(raw).value_or(std::string()), false});
    }
  }

  std::size_t piece_ = 0;
  std::string_view whole_;
  std::vector<Part> parts_;
  std::map<std::string, Lane> lanes_;
};

// Puts one found text's replacement where it begins and takes the rest of it out of later parts.
class Cutter {
 public:
  Cutter(std::vector<Part>& parts, const Lane& lane) : parts_(&parts) {
    for (const std::size_t index : lane) {
      begins_.push_back(joined_.size());
      joined_ += parts[index].text;
      lane_.push_back(index);
    }
  }

  void apply(Replacer& replacer, const CompiledRule& rule) {
    const auto found = rule.find(joined_);
    // From the end, so that the offsets in front stay.
    std::vector<std::string> words;
    for (const auto& one : found) {
      words.push_back(replacer.word(rule, std::string_view(joined_).substr(one.at, one.size)));
    }
    for (std::size_t i = found.size(); i-- > 0;) replace(found[i], words[i]);
    if (!found.empty()) join_again();
  }

 private:
  void replace(const CompiledRule::Found& found, const std::string& word) {
    const std::size_t end = found.at + found.size;
    bool placed = false;
    for (std::size_t i = first_of(found.at); i < lane_.size() && begins_[i] < end; ++i) {
      Part& part = (*parts_)[lane_[i]];
      const std::size_t size =
          (i + 1 < lane_.size() ? begins_[i + 1] : joined_.size()) - begins_[i];
      if (size == 0) continue;
      const std::size_t from = std::max(found.at, begins_[i]) - begins_[i];
      const std::size_t to = std::min(end - begins_[i], size);
      part.text.replace(from, to - from, std::exchange(placed, true) ? std::string() : word);
      part.changed = true;
    }
  }

  // The part in which this byte lies.
  std::size_t first_of(std::size_t at) const {
    const auto behind = std::upper_bound(begins_.begin(), begins_.end(), at);
    return static_cast<std::size_t>(behind - begins_.begin()) - 1;
  }

  void join_again() {
    joined_.clear();
    for (std::size_t i = 0; i < lane_.size(); ++i) {
      begins_[i] = joined_.size();
      joined_ += (*parts_)[lane_[i]].text;
    }
  }

  std::vector<Part>* parts_;
  std::vector<std::size_t> lane_;
  std::vector<std::size_t> begins_;
  std::string joined_;
};

// The pieces anew, with their changed parts.
void write_back(const std::vector<Part>& parts, std::vector<std::string>& pieces) {
  std::size_t next = 0;
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    std::string result;
    std::size_t done = 0;
    for (; next < parts.size() && parts[next].piece == piece; ++next) {
      const Part& part = parts[next];
      if (!part.changed) continue;
      result.append(pieces[piece], done, part.at - done);
      part.is_json ? append_json_string(result, part.text) : void(result.append(part.text));
      done = part.at + part.size;
    }
    if (done == 0) continue;
    result.append(pieces[piece], done);
    pieces[piece] = std::move(result);
  }
}

}  // namespace

void redact_across(Replacer& replacer, std::vector<std::string>& pieces) {
  if (pieces.size() < 2) return;
  Lanes lanes(pieces);
  for (const Lane& lane : lanes.texts()) {
    Cutter cutter(lanes.parts(), lane);
    for (const CompiledRule& rule : replacer.rules()) {
      if (rule.everywhere()) cutter.apply(replacer, rule);
    }
  }
  write_back(lanes.parts(), pieces);
}

}  // namespace albicilla
