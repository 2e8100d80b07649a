# Writes the page's files into a source file, as they are: cmake -DOUT=… -DDIR=… -DFILES=a;b -P embed.cmake
set(types_html "text/html; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_svg "image/svg+xml")

set(rows "")
set(count 0)
foreach(name IN LISTS FILES)
  file(READ "${DIR}/${name}" text)
  string(REGEX MATCH "[a-z]+$" extension "${name}")
  if(NOT DEFINED types_${extension})
    message(FATAL_ERROR "no content type for ${name}")
  endif()
  string(APPEND rows "    {\"/${name}\", \"${types_${extension}}\",\n     R\"embedded(${text})embedded\"},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUT}" "// Made by embed.cmake from converter/viewer/assets.\n\
#include \"converter/viewer/assets.h\"\n\n#include <array>\n\n\
namespace albicilla::viewer {\nnamespace {\n\n\
constexpr std::array<Asset, ${count}> kAssets = {{\n${rows}}};\n\n}  // namespace\n\n\
std::span<const Asset> assets() { return kAssets; }\n\n\
const Asset* find_asset(std::string_view path) {\n\
  for (const Asset& asset : kAssets) {\n    if (asset.path == path) return &asset;\n  }\n\
  return nullptr;\n}\n\n}  // namespace albicilla::viewer\n")
