// The page's files, built into the binary (embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace albicilla::viewer {

struct Asset {
  std::string_view path;  // "/app.js"
  std::string_view type;  // content type
  std::string_view bytes;
};

std::span<const Asset> assets();

// nullptr when there is none of that path.
const Asset* find_asset(std::string_view path);

}  // namespace albicilla::viewer
