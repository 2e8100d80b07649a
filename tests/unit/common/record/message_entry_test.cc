#include "common/record/message_entry.h"

#include <vector>

#include <gtest/gtest.h>

namespace albicilla {
namespace {

TEST(MessageEntry, GivesBackWhatWasWritten) {
  const std::vector<MessagePiece> pieces = {
      {Microseconds(0), FrameKind::text, true, "{\"type\":\"x\"}", 0},
      {Microseconds(1'500'000), FrameKind::binary, false, std::string_view("\n\0 9 text", 9), 0},
      {Microseconds(1'500'001), FrameKind::ping, true, "", 0},
      {Microseconds(2), FrameKind::raw, true, "abc", 17},
  };
  std::string body;
  for (const MessagePiece& piece : pieces) append_message_piece(body, piece);
  MessagePieces reader(body);
  for (const MessagePiece& piece : pieces) EXPECT_EQ(reader.next(), piece);
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_FALSE(reader.cut());
}

TEST(MessageEntry, GivesWhatIsThereOfAPieceThatTheCapHasCut) {
  std::string body;
  append_message_piece(body, {Microseconds(7), FrameKind::text, true, "0123456789", 0});
  for (std::size_t size = 1; size < body.size(); ++size) {
    MessagePieces reader(std::string_view(body).substr(0, size));
    const auto piece = reader.next();
    if (piece) {
      EXPECT_FALSE(piece->ends);
      EXPECT_TRUE(std::string_view("0123456789").starts_with(piece->bytes));
    }
    EXPECT_EQ(reader.next(), std::nullopt);
    EXPECT_TRUE(reader.cut()) << size;
  }
}

TEST(MessageEntry, StopsWhereNoPieceStands) {
  for (const char* body :
       {"x", "\n", "1 text end 3\nabc\n", "1 text end 3 0 0\nabc\n", "1 talk end 3 0\nabc\n",
        "1 text last 3 0\nabc\n", "1 text end 2 0\nabc\n", "1 text end -1 0\nabc\n",
        "a text end 3 0\nabc\n"}) {
    MessagePieces reader{std::string_view(body)};
    EXPECT_EQ(reader.next(), std::nullopt) << body;
    EXPECT_TRUE(reader.cut());
  }
}

}  // namespace
}  // namespace albicilla
