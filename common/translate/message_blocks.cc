#include "common/translate/message_blocks.h"

#include <array>
#include <optional>
#include <utility>

namespace albicilla {

namespace {

constexpr std::string_view kCaching = "the upstream's API marks caching otherwise";

constexpr std::array kTextFields{FieldRule{"type"}, FieldRule{"text"},
                                 FieldRule{"prompt_cache_breakpoint", kCaching}};
constexpr std::array kRefusalFields{FieldRule{"type"}, FieldRule{"refusal"}};
constexpr std::array kImageFields{FieldRule{"type"}, FieldRule{"image_url"},
                                  FieldRule{"prompt_cache_breakpoint", kCaching}};
constexpr std::array kImageUrlFields{FieldRule{"url"},
                                     FieldRule{"detail", "the upstream's API has none"}};
constexpr std::array kFilePartFields{FieldRule{"type"}, FieldRule{"file"},
                                     FieldRule{"prompt_cache_breakpoint", kCaching}};
constexpr std::array kFileFields{FieldRule{"filename"}, FieldRule{"file_data"}};

struct DataUrl {
  std::string_view media_type;
  std::string_view base64;
};

// data:image/png;base64,....
std::optional<DataUrl> parse_data_url(std::string_view url) {
  if (!url.starts_with("data:")) return std::nullopt;
  url.remove_prefix(5);
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view head = url.substr(0, comma);
  if (!head.ends_with(";base64")) return std::nullopt;
  head.remove_suffix(7);
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

Json base64_source(const DataUrl& data) {
  return Json::object({{"type", "base64"}, {"media_type", data.media_type}, {"data", data.base64}});
}

Status append_image(const Json& part, const std::string& where, Notes& notes, Json& blocks) {
  Status checked = check_fields(part, kImageFields, where, notes);
  const Json& image = part.at("image_url");
  if (checked) checked = check_fields(image, kImageUrlFields, place(where, "image_url"), notes);
  if (!checked) return checked;
  const std::string_view url = image.at("url").text();
  Json source;
  if (const auto data = parse_data_url(url)) {
    source = base64_source(*data);
  } else if (url.starts_with("https://") || url.starts_with("http://")) {
    source = Json::object({{"type", "url"}, {"url", url}});
  } else {
    return refused(place(where, "image_url.url"), "expected an http(s) URL or base64 data URL");
  }
  blocks.push(Json::object({{"type", "image"}, {"source", std::move(source)}}));
  return {};
}

Status append_file(const Json& part, const std::string& where, Notes& notes, Json& blocks) {
  const Json& file = part.at("file");
  if (!file.at("file_id").is_null()) {
    return refused(place(where, "file.file_id"), "files by id belong to the other provider");
  }
  Status checked = check_fields(part, kFilePartFields, where, notes);
  if (checked) checked = check_fields(file, kFileFields, place(where, "file"), notes);
  if (!checked) return checked;
  const auto data = parse_data_url(file.at("file_data").text());
  if (!data || data->media_type != "application/pdf") {
    return refused(place(where, "file.file_data"), "expected a base64 data URL of a PDF");
  }
  Json block = Json::object({{"type", "document"}, {"source", base64_source(*data)}});
  if (!file.at("filename").is_null()) block.set("title", file.at("filename"));
  blocks.push(std::move(block));
  return {};
}

void append_text(std::string_view text, Json& blocks) {
  if (!text.empty()) blocks.push(anthropic_text_block(text));
}

Status append_part(const Json& part, const std::string& where, Notes& notes, Json& blocks) {
  const std::string_view type = part.at("type").text();
  if (type == "text") {
    Status checked = check_fields(part, kTextFields, where, notes);
    if (checked) append_text(part.at("text").text(), blocks);
    return checked;
  }
  if (type == "refusal") {
    Status checked = check_fields(part, kRefusalFields, where, notes);
    if (checked) append_text(part.at("refusal").text(), blocks);
    return checked;
  }
  if (type == "image_url") return append_image(part, where, notes, blocks);
  if (type == "file") return append_file(part, where, notes, blocks);
  return refused(where, "a content part of this type cannot be expressed in the upstream's API");
}

}  // namespace

Json anthropic_text_block(std::string_view text) {
  return Json::object({{"type", "text"}, {"text", text}});
}

Status append_blocks(const Json& content, const std::string& where, Notes& notes, Json& blocks) {
  if (content.is_null()) return {};
  if (content.is_string()) {
    append_text(content.text(), blocks);
    return {};
  }
  if (!content.is_array()) return refused(where, "expected a string or an array of parts");
  for (std::size_t i = 0; i < content.elements().size(); ++i) {
    Status added = append_part(content.elements()[i], place(where, i), notes, blocks);
    if (!added) return added;
  }
  return {};
}

}  // namespace albicilla
