#include "converter/split.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "converter/reading/hash128.h"

namespace albicilla {

namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

Result<Split> parse_split(std::string_view text) {
  const auto wrong = [&text](const std::string& what) -> Error {
    return client_error(what + ", got '" + std::string(text) + "'");
  };
  Split split;
  double sum = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t sign = part.find('=');
    if (sign == std::string_view::npos) return wrong("must be NAME=SHARE,...");
    SplitPart next{std::string(part.substr(0, sign)), 0};
    const std::string_view share = part.substr(sign + 1);
    const auto [stop, problem] =
        std::from_chars(share.data(), share.data() + share.size(), next.share);
    const bool good = problem == std::errc() && stop == share.data() + share.size();
    if (!good || next.share <= 0 || !is_name(next.name)) return wrong("must be NAME=SHARE,...");
    sum += next.share;
    split.push_back(std::move(next));
  }
  if (split.empty() || std::fabs(sum - 1) > 1e-6) return wrong("the shares must make 1");
  return split;
}

std::string_view part_of(const Split& split, std::string_view session) {
  if (split.empty()) return {};
  constexpr double kWhole = 9007199254740992.0;  // 2^53
  double place = static_cast<double>(hash_bytes(session, 1).high >> 11) / kWhole;
  for (const SplitPart& part : split) {
    if (place < part.share) return part.name;
    place -= part.share;
  }
  return split.back().name;
}

}  // namespace albicilla
