// An image part, whatever the dialect called it: a link, or bytes with their type.
#pragma once

#include <string>

#include "converter/reading/items.h"

namespace albicilla {

// Insides of JSON strings, spelled our way.
struct Image {
  std::string url;         // a link; empty when the bytes are here
  std::string media_type;  // "image/png"
  std::string data;        // base64
};

Image image_of(const Part& part);
// A link, or the bytes as a data: URL.
std::string image_url(const Image& image);

}  // namespace albicilla
