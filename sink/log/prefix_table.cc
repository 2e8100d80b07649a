#include "sink/log/prefix_table.h"

#include "common/base/bytes.h"

namespace albicilla {

void PrefixTable::set(std::string_view session, std::string_view prefix) {
  if (const auto known = prefixes_.find(session); known != prefixes_.end()) {
    by_number_.erase(known->second.number);
    prefixes_.erase(known);
  }
  if (prefix.empty()) return;
  if (prefixes_.size() >= kMost) {
    prefixes_.erase(by_number_.begin()->second);
    by_number_.erase(by_number_.begin());
  }
  by_number_.emplace(next_number_, session);
  prefixes_.emplace(session, Prefix{std::string(prefix), next_number_++});
}

std::string_view PrefixTable::of(std::string_view session) const {
  const auto found = prefixes_.find(session);
  return found == prefixes_.end() ? std::string_view{} : std::string_view(found->second.text);
}

std::string PrefixTable::encode() const {
  std::string out;
  append_integer(out, static_cast<std::uint32_t>(by_number_.size()));
  for (const auto& [number, session] : by_number_) {
    append_string(out, session);
    append_string(out, of(session));
  }
  return out;
}

Status PrefixTable::restore(std::string_view bytes) {
  *this = {};
  if (bytes.empty()) return {};
  ByteReader reader(bytes);
  const auto count = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::string_view session = reader.string();
    set(session, reader.string());
  }
  return reader.finished() ? Status{} : Status{our_error("prefix table: its bytes are damaged")};
}

}  // namespace albicilla
