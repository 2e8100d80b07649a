#include "common/record/message_entry.h"

#include <array>
#include <charconv>

namespace albicilla {
namespace {

constexpr std::array<std::string_view, 6> kWords{"text", "binary", "close", "ping", "pong", "raw"};
// Three numbers of 20 digits and three words fit; whatever is longer is no head of a piece.
constexpr std::size_t kMostHead = 100;

// Cuts the word before the next `mark` off `text`.
std::string_view word_before(char mark, std::string_view& text) {
  const std::size_t end = text.find(mark);
  if (end == std::string_view::npos) return {};
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end + 1);
  return word;
}

template <class Number>
bool read_number(std::string_view digits, Number& number) {
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  return !digits.empty() && read.ec == std::errc() && read.ptr == end;
}

bool read_kind(std::string_view word, FrameKind& kind) {
  for (std::size_t index = 0; index < kWords.size(); ++index) {
    if (kWords[index] != word) continue;
    kind = static_cast<FrameKind>(index);
    return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(FrameKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

void append_message_piece(std::string& out, const MessagePiece& piece) {
  out.append(std::to_string(piece.at.count())).append(" ");
  out.append(to_string(piece.kind)).append(piece.ends ? " end " : " more ");
  out.append(std::to_string(piece.bytes.size())).append(" ");
  out.append(std::to_string(piece.left_out)).append("\n");
  out.append(piece.bytes).append("\n");
}

std::optional<MessagePiece> MessagePieces::next() {
  if (rest_.empty()) return std::nullopt;
  cut_ = true;
  std::string_view rest = rest_;
  std::string_view head = word_before('\n', rest);
  if (head.size() > kMostHead) return std::nullopt;
  MessagePiece piece;
  std::int64_t at = 0;
  std::uint64_t size = 0;
  if (!read_number(word_before(' ', head), at)) return std::nullopt;
  if (!read_kind(word_before(' ', head), piece.kind)) return std::nullopt;
  const std::string_view ends = word_before(' ', head);
  if (ends != "end" && ends != "more") return std::nullopt;
  if (!read_number(word_before(' ', head), size)) return std::nullopt;
  if (!read_number(head, piece.left_out)) return std::nullopt;
  piece.at = Microseconds(at);
  piece.ends = ends == "end";
  piece.bytes = rest.substr(0, size);
  if (rest.size() > size) {
    if (rest[size] != '\n') return std::nullopt;
    cut_ = false;
    rest_ = rest.substr(size + 1);
  } else {
    piece.ends = false;
    rest_ = {};
  }
  return piece;
}

}  // namespace albicilla
