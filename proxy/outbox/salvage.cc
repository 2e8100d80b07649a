#include "proxy/outbox/salvage.h"

#include "common/io/entry_repair.h"
#include "common/record/spool_entry.h"

namespace albicilla {

namespace {

constexpr std::size_t kPrefixBytes = 8;

bool is_known(std::uint8_t type) {
  return type >= static_cast<std::uint8_t>(EntryType::generation) &&
         type <= static_cast<std::uint8_t>(EntryType::answered);
}

// Length and type only, so that a long search computes few checksums. Returns the frame's size,
// 0 when nothing of ours can begin here.
std::size_t plausible_frame(std::string_view bytes) {
  if (bytes.size() < kEntryHeaderBytes || !is_known(static_cast<std::uint8_t>(bytes[8]))) return 0;
  std::size_t length = 0;
  for (std::size_t i = 4; i-- > 0;) length = (length << 8) | static_cast<std::uint8_t>(bytes[i]);
  if (length == 0 || length > kMostEntryBytes) return 0;
  return kPrefixBytes + length;
}

bool is_entry(std::string_view bytes) {
  const std::size_t frame = plausible_frame(bytes);
  if (frame == 0 || frame > bytes.size()) return false;
  const std::string_view behind = bytes.substr(frame);
  // What follows must look like one too, unless it is cut or the end.
  if (behind.size() >= kEntryHeaderBytes && plausible_frame(behind) == 0) return false;
  return parse_entry(bytes).state == EntryState::whole;
}

}  // namespace

std::optional<Salvage::Found> Salvage::next() {
  while (at_ < bytes_.size()) {
    const std::string_view rest = bytes_.substr(at_);
    const EntryParse parse = parse_entry(rest);
    const std::uint64_t offset = offset_ + at_;
    if (parse.state == EntryState::whole) {
      at_ += parse.entry.frame_bytes;
      return Found{parse.entry, offset, false};
    }
    if (auto repaired = repair_entry(rest)) {
      repaired_ = std::move(*repaired);
      at_ += repaired_.size();
      return Found{parse_entry(repaired_).entry, offset, true};
    }
    const std::size_t next = next_entry(at_ + 1);
    const bool cut = parse.state == EntryState::cut && next == bytes_.size();
    lost_.push_back({offset, next - at_, cut});
    at_ = next;
  }
  return std::nullopt;
}

// The end when there is none.
std::size_t Salvage::next_entry(std::size_t from) const {
  for (std::size_t at = from; at + kEntryHeaderBytes <= bytes_.size(); ++at) {
    if (is_entry(bytes_.substr(at))) return at;
  }
  return bytes_.size();
}

}  // namespace albicilla
