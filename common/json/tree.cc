#include "common/json/tree.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "common/json/scan.h"

namespace albicilla {

namespace {

// Builds the tree from the parser's events, without its own tree and without recursion.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(Json(value)); }
  bool number_integer(number_integer_t value) override { return put(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(Json(value)); }
  bool number_float(number_float_t, const string_t& text) override {
    return put(Json(Json::Number{text}));
  }
  bool string(string_t& value) override { return put(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json(Json::Object{})); }
  bool key(string_t& value) override {
    keys_.back() = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json(Json::Array{})); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_offset_ = position == 0 ? 0 : position - 1;
    return false;
  }

  Json take() { return std::move(root_); }
  std::size_t error_offset() const { return error_offset_; }

 private:
  bool put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_array()) {
      open_.back().push(std::move(value));
    } else {
      open_.back().add(std::move(keys_.back()), std::move(value));
    }
    return true;
  }

  bool open(Json value) {
    if (open_.size() == kMostJsonDepth) return false;
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    Json done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return put(std::move(done));
  }

  Json root_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
  std::size_t error_offset_ = 0;
};

std::string place_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset : offset - newline - 1;
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(column + 1);
}

class Dumper {
 public:
  Dumper(std::string& out, std::size_t indent) : out_(&out), indent_(indent) {}

  // Recursion is bounded: a tree that was parsed is no deeper than kMostJsonDepth.
  void dump(const Json& value, std::size_t level) {
    if (value.is_null()) {
      out_->append("null");
    } else if (value.is_bool()) {
      out_->append(*value.boolean() ? "true" : "false");
    } else if (value.is_number()) {
      out_->append(value.text());
    } else if (value.is_string()) {
      append_json_string(*out_, value.text());
    } else if (value.is_array()) {
      dump_all(value.elements(), "[]", level);
    } else {
      dump_all(value.members(), "{}", level);
    }
  }

 private:
  void dump_one(const Json& element, std::size_t level) { dump(element, level); }

  void dump_one(const Json::Member& member, std::size_t level) {
    append_json_string(*out_, member.first);
    out_->append(indent_ > 0 ? ": " : ":");
    dump(member.second, level);
  }

  template <class All>
  void dump_all(const All& all, std::string_view brackets, std::size_t level) {
    out_->push_back(brackets[0]);
    bool first = true;
    for (const auto& one : all) {
      if (!first) out_->push_back(',');
      first = false;
      new_line(level + 1);
      dump_one(one, level + 1);
    }
    if (!first) new_line(level);
    out_->push_back(brackets[1]);
  }

  void new_line(std::size_t level) {
    if (indent_ > 0) out_->append("\n").append(indent_ * level, ' ');
  }

  std::string* out_;
  std::size_t indent_;
};

}  // namespace

Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string text) : value_(std::move(text)) {}
Json::Json(Number number) : value_(std::move(number)) {}
Json::Json(Array elements) : value_(std::move(elements)) {}
Json::Json(Object members) : value_(std::move(members)) {}

Json::Json(double number) {
  if (!std::isfinite(number)) return;
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  value_ = Number{std::string(digits, end)};
}

Json Json::array(std::initializer_list<Json> elements) { return Json(Array(elements)); }
Json Json::object(std::initializer_list<Member> members) { return Json(Object(members)); }

std::string_view Json::text() const {
  if (const auto* text = std::get_if<std::string>(&value_)) return *text;
  if (const auto* number = std::get_if<Number>(&value_)) return number->text;
  return {};
}

std::optional<std::int64_t> Json::integer() const {
  const auto* number = std::get_if<Number>(&value_);
  if (number == nullptr) return std::nullopt;
  const char* const end = number->text.data() + number->text.size();
  std::int64_t value = 0;
  const auto parsed = std::from_chars(number->text.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return value;
}

std::optional<double> Json::number() const {
  const auto* number = std::get_if<Number>(&value_);
  if (number == nullptr) return std::nullopt;
  double value = 0;
  const char* const end = number->text.data() + number->text.size();
  if (std::from_chars(number->text.data(), end, value).ec != std::errc{}) return std::nullopt;
  return value;
}

std::optional<bool> Json::boolean() const {
  const auto* value = std::get_if<bool>(&value_);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

const Json::Array& Json::elements() const {
  static const Array none;
  const auto* elements = std::get_if<Array>(&value_);
  return elements == nullptr ? none : *elements;
}

const Json::Object& Json::members() const {
  static const Object none;
  const auto* members = std::get_if<Object>(&value_);
  return members == nullptr ? none : *members;
}

const Json* Json::find(std::string_view name) const {
  const Object& all = members();
  const auto found = std::find_if(all.rbegin(), all.rend(),
                                  [&](const Member& member) { return member.first == name; });
  return found == all.rend() ? nullptr : &found->second;
}

Json* Json::find(std::string_view name) {
  return const_cast<Json*>(std::as_const(*this).find(name));
}

const Json& Json::at(std::string_view name) const {
  static const Json null;
  const Json* const found = find(name);
  return found == nullptr ? null : *found;
}

Json& Json::set(std::string_view name, Json value) {
  if (!is_object()) value_ = Object{};
  if (Json* const found = find(name)) {
    *found = std::move(value);
  } else {
    std::get<Object>(value_).emplace_back(std::string(name), std::move(value));
  }
  return *this;
}

Json& Json::add(std::string name, Json value) {
  if (!is_object()) value_ = Object{};
  std::get<Object>(value_).emplace_back(std::move(name), std::move(value));
  return *this;
}

void Json::erase(std::string_view name) {
  if (auto* members = std::get_if<Object>(&value_)) {
    std::erase_if(*members, [&](const Member& member) { return member.first == name; });
  }
}

Json& Json::push(Json element) {
  if (!is_array()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(element));
  return *this;
}

Result<Json> parse_json(std::string_view text) {
  // The grammar, depth and UTF-8 of the whole house decide; the parser below takes some more.
  const bool valid = check_json(text).has_value();
  Builder builder;
  const bool built = nlohmann::json::sax_parse(text, &builder);
  if (valid && built) return builder.take();
  return client_error("not JSON that can be read: " + place_of(text, builder.error_offset()));
}

std::string dump_json(const Json& value) {
  std::string out;
  Dumper(out, 0).dump(value, 0);
  return out;
}

std::string dump_json_pretty(const Json& value) {
  std::string out;
  Dumper(out, 2).dump(value, 0);
  return out;
}

}  // namespace albicilla
