#include "common/translate/chat_parts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace albicilla {

namespace {

constexpr std::string_view kCaching = "the upstream caches prompts on its own";

constexpr std::array kTextFields{
    FieldRule{"type"}, FieldRule{"text"}, FieldRule{"cache_control", kCaching},
    FieldRule{"citations", "the upstream's API has no citations of earlier answers"}};
constexpr std::array kImageFields{FieldRule{"type"}, FieldRule{"source"},
                                  FieldRule{"cache_control", kCaching}};
constexpr std::array kDocumentFields{FieldRule{"type"},      FieldRule{"source"},
                                     FieldRule{"title"},     FieldRule{"context"},
                                     FieldRule{"citations"}, FieldRule{"cache_control", kCaching}};
constexpr std::array kSearchFields{FieldRule{"type"},      FieldRule{"source"},
                                   FieldRule{"title"},     FieldRule{"content"},
                                   FieldRule{"citations"}, FieldRule{"cache_control", kCaching}};

std::string data_url(const Json& source) {
  return "data:" + std::string(source.at("media_type").text()) + ";base64," +
         std::string(source.at("data").text());
}

// Citations in the answer are content that the upstream cannot give.
Status refuse_citations(const Json& block, const std::string& where) {
  if (block.at("citations").at("enabled").boolean().value_or(false)) {
    return refused(place(where, "citations"), "the upstream's API cannot cite");
  }
  return {};
}

Status append_image(const Json& block, const std::string& where, Notes& notes, Json& parts) {
  Status checked = check_fields(block, kImageFields, where, notes);
  if (!checked) return checked;
  const Json& source = block.at("source");
  const std::string_view type = source.at("type").text();
  std::string url;
  if (type == "base64") {
    url = data_url(source);
  } else if (type == "url") {
    url = source.at("url").text();
  } else {
    return refused(place(where, "source"), "an image must come as base64 or url for this upstream");
  }
  parts.push(Json::object(
      {{"type", "image_url"}, {"image_url", Json::object({{"url", std::move(url)}})}}));
  return {};
}

// A document's title and context, which chat parts have no fields for, as lines before its text.
std::string heading(const Json& block) {
  std::string out;
  for (const char* name : {"title", "context"}) {
    if (!block.at(name).text().empty()) out += std::string(block.at(name).text()) + "\n";
  }
  return out.empty() ? out : out + "\n";
}

Status append_document_content(const Json& content, const std::string& where, Notes& notes,
                               Json& parts) {
  if (content.is_string()) {
    parts.push(chat_text_part(content.text()));
    return {};
  }
  for (std::size_t i = 0; i < content.elements().size(); ++i) {
    const Json& inner = content.elements()[i];
    const std::string_view type = inner.at("type").text();
    if (type != "text" && type != "image") {
      return refused(place(where, i), "a document's content must be text or images");
    }
    Status added = append_chat_parts(inner, place(where, i), notes, parts);
    if (!added) return added;
  }
  return {};
}

Status append_document(const Json& block, const std::string& where, Notes& notes, Json& parts) {
  Status checked = check_fields(block, kDocumentFields, where, notes);
  if (checked) checked = refuse_citations(block, where);
  if (!checked) return checked;
  const Json& source = block.at("source");
  const std::string_view type = source.at("type").text();
  if (type == "text") {
    parts.push(chat_text_part(heading(block) + std::string(source.at("data").text())));
    return {};
  }
  if (type == "content") {
    if (const std::string above = heading(block); !above.empty()) parts.push(chat_text_part(above));
    return append_document_content(source.at("content"), place(where, "source.content"), notes,
                                   parts);
  }
  if (type != "base64") {
    return refused(place(where, "source"),
                   "a document must come as base64, text or content for this upstream");
  }
  const std::string_view title = block.at("title").text();
  if (!block.at("context").text().empty()) {
    parts.push(chat_text_part(block.at("context").text()));
  }
  parts.push(
      Json::object({{"type", "file"},
                    {"file", Json::object({{"filename", title.empty() ? "document.pdf" : title},
                                           {"file_data", data_url(source)}})}}));
  return {};
}

Status append_search_result(const Json& block, const std::string& where, Notes& notes,
                            Json& parts) {
  Status checked = check_fields(block, kSearchFields, where, notes);
  if (checked) checked = refuse_citations(block, where);
  if (!checked) return checked;
  std::string text =
      std::string(block.at("title").text()) + "\n" + std::string(block.at("source").text()) + "\n";
  for (const Json& inner : block.at("content").elements()) {
    text += "\n" + std::string(inner.at("text").text());
  }
  parts.push(chat_text_part(text));
  return {};
}

}  // namespace

Json chat_text_part(std::string_view text) {
  return Json::object({{"type", "text"}, {"text", text}});
}

bool is_chat_text(const Json& part) { return part.at("type").text() == "text"; }

Status append_chat_parts(const Json& block, const std::string& where, Notes& notes, Json& parts) {
  const std::string_view type = block.at("type").text();
  if (type == "text") {
    Status checked = check_fields(block, kTextFields, where, notes);
    if (checked) parts.push(chat_text_part(block.at("text").text()));
    return checked;
  }
  if (type == "image") return append_image(block, where, notes, parts);
  if (type == "document") return append_document(block, where, notes, parts);
  if (type == "search_result") return append_search_result(block, where, notes, parts);
  return refused(where, "a content block of this type cannot be expressed in the upstream's API");
}

Json chat_content_of(Json parts, std::string_view joint) {
  const Json::Array& all = parts.elements();
  if (!std::all_of(all.begin(), all.end(), is_chat_text)) return parts;
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) text += joint;
    text += all[i].at("text").text();
  }
  return Json(std::move(text));
}

}  // namespace albicilla
