#include "common/record/wire.h"

#include <gtest/gtest.h>

namespace albicilla {
namespace {

template <class Id>
Id numbered_id(std::uint8_t first) {
  Id id;
  for (std::uint8_t& byte : id.bytes) byte = first++;
  return id;
}

WireHeader record_header() {
  WireHeader header;
  header.producer = numbered_id<ProducerId>(1);
  header.seq = Seq{70000};
  header.base = Seq{69000};
  header.expected_sink = numbered_id<SinkId>(40);
  header.round = 6;
  header.piece = 0;
  header.pieces = 3;
  header.crc = 0xDEADBEEF;
  header.exchange = numbered_id<ExchangeId>(90);
  header.naming = {WallTime(Microseconds(1768298400000001)),
                   WallTime(Microseconds(-5)),
                   "run \xff 7",
                   SessionSource::client_header,
                   "u",
                   "gpt-4o-mini",
                   "codex",
                   "openai_chat",
                   "hint \xff"};
  return header;
}

Watermark some_watermark() {
  Watermark watermark;
  watermark.producer = numbered_id<ProducerId>(1);
  watermark.sink = numbered_id<SinkId>(40);
  watermark.epoch = 9;
  watermark.durable = Seq{41};
  watermark.probe = Seq{50};
  watermark.round = 6;
  watermark.accepted = Seq{45};
  watermark.accepting = false;
  watermark.window_bytes = 1234567;
  watermark.session_secret = "s3";
  watermark.sessions = {1, 2, 3, 4, 5, 6};
  watermark.checkpoint = {7, sha256("a checkpoint")};
  watermark.most_chunks = 50;
  return watermark;
}

std::vector<WireHeader> all_headers() {
  WireHeader later = record_header();
  later.piece = 2;
  later.naming = {};
  WireHeader hello;
  hello.kind = MessageKind::hello;
  hello.producer = numbered_id<ProducerId>(1);
  hello.base = Seq{1};
  WireHeader probe = hello;
  probe.kind = MessageKind::probe;
  probe.seq = Seq{UINT64_MAX};
  WireHeader prefix = record_header();
  prefix.kind = MessageKind::prefix;
  WireHeader last = hello;
  last.retired = true;
  WireHeader with_total = last;
  with_total.opened = 7;
  return {record_header(), later, hello, probe, prefix, last, with_total};
}

TEST(Wire, GivesBackEveryKindOfHeader) {
  for (const WireHeader& header : all_headers()) {
    const auto parsed = parse_wire_header(encode(header));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, header);
  }
}

TEST(Wire, GivesBackAWatermark) {
  const auto parsed = parse_watermark(encode(some_watermark()));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, some_watermark());
}

TEST(Wire, RefusesAHeaderCutAnywhereOrWithAByteTooMany) {
  for (const WireHeader& header : all_headers()) {
    const std::string bytes = encode(header);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(parse_wire_header(std::string_view(bytes).substr(0, size))) << size;
    }
    EXPECT_FALSE(parse_wire_header(bytes + '\0'));
  }
}

TEST(Wire, RefusesAWatermarkCutAnywhereOrWithAByteTooMany) {
  const std::string bytes = encode(some_watermark());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(parse_watermark(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_watermark(bytes + '\0'));
}

TEST(Wire, RefusesUnknownVersionsAndKinds) {
  WireHeader header = record_header();
  header.version = kWireVersion + 1;
  EXPECT_FALSE(parse_wire_header(encode(header)));
  header = record_header();
  header.kind = static_cast<MessageKind>(7);
  EXPECT_FALSE(parse_wire_header(encode(header)));
  header.kind = static_cast<MessageKind>(0);
  EXPECT_FALSE(parse_wire_header(encode(header)));
  Watermark watermark = some_watermark();
  watermark.version = 0;
  EXPECT_FALSE(parse_watermark(encode(watermark)));
}

TEST(Wire, RefusesNumbersThatContradictEachOther) {
  WireHeader header = record_header();
  header.piece = header.pieces;
  EXPECT_FALSE(parse_wire_header(encode(header)));
  header = record_header();
  header.seq = Seq{0};
  EXPECT_FALSE(parse_wire_header(encode(header)));
  header = record_header();
  header.naming.session_source = static_cast<SessionSource>(200);
  EXPECT_FALSE(parse_wire_header(encode(header)));
  Watermark watermark = some_watermark();
  watermark.accepted = Seq{watermark.durable.value - 1};
  EXPECT_FALSE(parse_watermark(encode(watermark)));
}

TEST(Wire, CutsNamingTextThatASinkWouldRefuseAtACharacter) {
  WireHeader header = record_header();
  header.naming.model = std::string((64 << 10) - 1, 'm') + "\xC3\xA4" + "tail";
  const auto parsed = parse_wire_header(encode(header));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->naming.model, std::string((64 << 10) - 1, 'm'));
}

TEST(Wire, RefusesLengthsAndDepthsBeyondTheLimitsWithoutTakingMemory) {
  using namespace std::string_literals;
  EXPECT_FALSE(parse_wire_header("\xdd\xff\xff\xff\xff"s));                  // array of 4 G
  EXPECT_FALSE(parse_wire_header("\x97\x01\x02\xc6\xff\xff\xff\xff"s));      // bin of 4 GiB
  EXPECT_FALSE(parse_wire_header("\x97\x01\x02\xdb\xff\xff\xff\xff"s));      // str of 4 GiB
  EXPECT_FALSE(parse_wire_header("\xdf\xff\xff\xff\xff"s));                  // map of 4 G
  EXPECT_FALSE(parse_wire_header(std::string(100000, '\x91')));              // depth
  EXPECT_FALSE(parse_wire_header("\x97\x01\x02\xc9\xff\xff\xff\xff\x01"s));  // ext of 4 GiB
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

// As a worker wrote them before records had a conversation and watermarks had counts of sessions.
TEST(Wire, ReadsWhatTheVersionBeforeSaid) {
  const auto record = parse_wire_header(bytes_of_hex(
      "dc00130101c4100102030405060708090a0b0c0d0e0f10ce00011170ce00010d88c41028292a2b2c"
      "2d2e2f3031323334353637060003cedeadbeefc4105a5b5c5d5e5f60616263646566676869cf0006"
      "48420dfd2801fbc40572756e203703c40175c4056770742d34c405636f646578c40b6f70656e6169"
      "5f63686174"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->seq, Seq{70000});
  EXPECT_EQ(record->naming.dialect, "openai_chat");
  EXPECT_EQ(record->naming.conversation, "");
  const auto watermark = parse_watermark(bytes_of_hex(
      "9b01c4100102030405060708090a0b0c0d0e0f10c41028292a2b2c2d2e2f30313233343536370929"
      "32062dc2ce0012d687c4027333"));
  ASSERT_TRUE(watermark);
  Watermark same = some_watermark();
  same.sessions = {};
  same.checkpoint = {};
  same.most_chunks = 0;
  EXPECT_EQ(*watermark, same);
}

// As a sink wrote it before it could ask for chunks.
TEST(Wire, ReadsAWatermarkThatAsksForNothing) {
  std::string bytes = encode(some_watermark());
  ASSERT_EQ(bytes.substr(0, 3), std::string("\xDC\x00\x14", 3));
  bytes[2] = 19;
  bytes.pop_back();  // a small number is one byte
  const auto parsed = parse_watermark(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->most_chunks, 0U);
  EXPECT_EQ(parsed->checkpoint, some_watermark().checkpoint);
}

TEST(Wire, WritesWatermarksThatTheVersionBeforeReads) {
  Watermark watermark = some_watermark();
  watermark.shape = WatermarkShape::first;
  const std::string bytes = encode(watermark);
  EXPECT_EQ(bytes.substr(0, 3), std::string("\xDC\x00\x11", 3)) << "17 fields, to the last one";
  const auto parsed = parse_watermark(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->sessions, watermark.sessions);
  EXPECT_EQ(parsed->checkpoint, SeenCheckpoint{});
  // Its hello had no word about it.
  const auto hello = parse_wire_header(bytes_of_hex(
      "970102c4100102030405060708090a0b0c0d0e0f100001c41000000000000000000000000000000000"
      "00"));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->reads, WatermarkShape::first);
  EXPECT_FALSE(hello->retired);
}

// A sink of the next version must not leave the workers of this one deaf.
TEST(Wire, PassesOverFieldsThatALaterVersionAdds) {
  for (const WireHeader& header : all_headers()) {
    std::string bytes = encode(header);
    // Each as an array with a length of 16 bits, so that it can be made longer.
    const bool is_short = static_cast<unsigned char>(bytes[0]) != 0xDC;
    const auto count = static_cast<unsigned char>(is_short ? bytes[0] & 0x0F : bytes[2]);
    bytes.replace(0, is_short ? 1 : 3, std::string("\xDC\0", 2) + static_cast<char>(count + 2));
    bytes += "\x07\xC4\x01z";
    const auto parsed = parse_wire_header(bytes);
    ASSERT_TRUE(parsed);
    if (count == 20) {
      EXPECT_EQ(*parsed, header);
    }
  }
  std::string bytes = encode(some_watermark());
  bytes[2] = static_cast<char>(bytes[2] + 1);
  bytes += "\x07";
  const auto parsed = parse_watermark(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, some_watermark());
}

}  // namespace
}  // namespace albicilla
