#include "converter/format/images.h"

#include <array>

#include "converter/reading/json_text.h"

namespace albicilla {

namespace {

constexpr std::array<std::string_view, 4> kTypes = {"image/png", "image/jpeg", "image/webp",
                                                    "image/gif"};

}  // namespace

Image image_of(const Part& part) {
  TextRepairs repairs;
  std::string text;
  append_respelled(text, part.text, repairs);
  Image image;
  if (text.starts_with("data:")) {
    const std::size_t comma = text.find(',');
    const std::size_t end = text.find_first_of(";,");
    if (comma != std::string::npos && text.substr(0, comma).ends_with(";base64")) {
      image.media_type = text.substr(5, end - 5);
      image.data = text.substr(comma + 1);
      return image;
    }
  }
  if (text.starts_with("data:") || text.find("://") != std::string::npos) {
    image.url = std::move(text);
    return image;
  }
  image.media_type = kTypes.front();
  for (const std::string_view type : kTypes) {
    if (part.raw.find(type) != std::string_view::npos) image.media_type = type;
  }
  image.data = std::move(text);
  return image;
}

std::string image_url(const Image& image) {
  if (!image.url.empty()) return image.url;
  return "data:" + image.media_type + ";base64," + image.data;
}

}  // namespace albicilla
