#include "common/record/wire.h"

#include <array>
#include <cstring>

#include <msgpack.hpp>

namespace albicilla {

namespace {

constexpr std::size_t kMostTextBytes = std::size_t{64} << 10;
constexpr std::size_t kPlainFields = 9;    // hello, probe
constexpr std::size_t kPieceFields = 11;   // a record's later pieces
constexpr std::size_t kRecordFields = 20;  // a record's first piece
constexpr std::size_t kWatermarkFields = 20;
constexpr std::size_t kFirstWatermarkFields = 17;
constexpr std::size_t kMostFields = 40;  // with those that later versions may add

struct StringStream {
  std::string& out;
  void write(const char* bytes, std::size_t size) { out.append(bytes, size); }
};

using Packer = msgpack::packer<StringStream>;

void pack_bin(Packer& packer, std::string_view bytes) {
  packer.pack_bin(static_cast<std::uint32_t>(bytes.size()));
  packer.pack_bin_body(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
}

// Longer text would be refused by every sink for ever; the line itself holds it whole.
std::string_view cut_text(std::string_view text) {
  if (text.size() <= kMostTextBytes) return text;
  std::size_t size = kMostTextBytes;
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

// As bin, not str: headers are bytes, nothing promises that they are UTF-8.
void pack_text(Packer& packer, std::string_view text) { pack_bin(packer, cut_text(text)); }

void pack_time(Packer& packer, WallTime time) {
  packer.pack_int64(static_cast<std::int64_t>(time.time_since_epoch().count()));
}

// Takes the fields of an array in order; the first that does not fit fails the whole.
class FieldReader {
 public:
  explicit FieldReader(const msgpack::object_array& array) : array_(array) {}

  template <class T>
  void number(T& value) {
    const msgpack::object* field = take(msgpack::type::POSITIVE_INTEGER);
    if (field == nullptr) return;
    value = static_cast<T>(field->via.u64);
    if (static_cast<std::uint64_t>(value) != field->via.u64) good_ = false;
  }
  void boolean(bool& value) {
    if (const msgpack::object* field = take(msgpack::type::BOOLEAN)) value = field->via.boolean;
  }
  template <class Id>
  void id(Id& value) {
    const msgpack::object* field = take(msgpack::type::BIN);
    if (field == nullptr) return;
    const auto parsed = id_from_bytes<Id>({field->via.bin.ptr, field->via.bin.size});
    good_ = parsed.has_value();
    if (parsed) value = *parsed;
  }
  void digest(Digest& value) {
    const msgpack::object* field = take(msgpack::type::BIN);
    if (field == nullptr) return;
    good_ = field->via.bin.size == value.size();
    if (good_) std::memcpy(value.data(), field->via.bin.ptr, value.size());
  }
  void text(std::string& value) {
    if (const msgpack::object* field = take(msgpack::type::BIN)) {
      value.assign(field->via.bin.ptr, field->via.bin.size);
    }
  }
  void time(WallTime& value) {
    if (next_ >= array_.size) good_ = false;
    if (!good_) return;
    const msgpack::object& field = array_.ptr[next_++];
    const bool negative = field.type == msgpack::type::NEGATIVE_INTEGER;
    if (negative || (field.type == msgpack::type::POSITIVE_INTEGER && field.via.u64 <= INT64_MAX)) {
      value = WallTime(Microseconds(field.via.i64));
    } else {
      good_ = false;
    }
  }

  // Fields that a version before this one did not have stand at the end.
  bool more() const { return good_ && next_ < array_.size; }
  // All fields fitted. What is left are fields of a later version of the same kind.
  bool fitted() const { return good_; }

 private:
  const msgpack::object* take(msgpack::type::object_type type) {
    if (next_ >= array_.size || array_.ptr[next_].type != type) good_ = false;
    return good_ ? &array_.ptr[next_++] : nullptr;
  }

  const msgpack::object_array& array_;
  std::size_t next_ = 0;
  bool good_ = true;
};

// Calls read(FieldReader&) on the one array that `bytes` hold; false when they hold anything else.
template <class Read>
bool read_array(std::string_view bytes, Read read) {
  try {
    const msgpack::unpack_limit limit(kMostFields, 0, 0, kMostTextBytes, 0, 1);
    const auto refer = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    std::size_t offset = 0;
    const msgpack::object_handle handle =
        msgpack::unpack(bytes.data(), bytes.size(), offset, refer, nullptr, limit);
    if (offset != bytes.size() || handle->type != msgpack::type::ARRAY) return false;
    FieldReader fields(handle->via.array);
    read(fields);
    return fields.fitted();
  } catch (const std::exception&) {
    return false;
  }
}

void read_naming(FieldReader& fields, RecordNaming& naming) {
  std::uint8_t source = 0;
  fields.time(naming.started_at);
  fields.time(naming.closed_at);
  fields.text(naming.session_hint);
  fields.number(source);
  fields.text(naming.user_id);
  fields.text(naming.model);
  fields.text(naming.client_app);
  fields.text(naming.dialect);
  if (fields.more()) fields.text(naming.conversation);
  naming.session_source = static_cast<SessionSource>(source);
}

bool in_bounds(const WireHeader& header) {
  if (!carries_piece(header.kind)) return true;
  return header.seq.value > 0 && header.pieces > 0 && header.piece < header.pieces &&
         header.naming.session_source <= SessionSource::no_session;
}

}  // namespace

std::string encode(const WireHeader& header) {
  std::string out;
  StringStream stream{out};
  Packer packer(stream);
  const bool record = carries_piece(header.kind);
  const bool first = record && header.piece == 0;
  const bool says_opened = !record && header.retired && header.opened.has_value();
  packer.pack_array(static_cast<std::uint32_t>(first         ? kRecordFields
                                               : record      ? kPieceFields
                                               : says_opened ? kPlainFields + 1
                                                             : kPlainFields));
  packer.pack_uint8(header.version);
  packer.pack_uint8(static_cast<std::uint8_t>(header.kind));
  pack_bin(packer, header.producer.view());
  packer.pack_uint64(header.seq.value);
  packer.pack_uint64(header.base.value);
  pack_bin(packer, header.expected_sink.view());
  packer.pack_uint32(header.round);
  if (!record) {
    packer.pack_uint8(static_cast<std::uint8_t>(header.reads));
    header.retired ? packer.pack_true() : packer.pack_false();
    if (says_opened) packer.pack_uint64(*header.opened);
    return out;
  }
  packer.pack_uint32(header.piece);
  packer.pack_uint32(header.pieces);
  packer.pack_uint32(header.crc);
  pack_bin(packer, header.exchange.view());
  if (!first) return out;
  pack_time(packer, header.naming.started_at);
  pack_time(packer, header.naming.closed_at);
  pack_text(packer, header.naming.session_hint);
  packer.pack_uint8(static_cast<std::uint8_t>(header.naming.session_source));
  pack_text(packer, header.naming.user_id);
  pack_text(packer, header.naming.model);
  pack_text(packer, header.naming.client_app);
  pack_text(packer, header.naming.dialect);
  pack_text(packer, header.naming.conversation);
  return out;
}

Result<WireHeader> parse_wire_header(std::string_view bytes) {
  WireHeader header;
  bool known = false;
  const bool whole = read_array(bytes, [&](FieldReader& fields) {
    std::uint8_t kind = 0;
    fields.number(header.version);
    fields.number(kind);
    fields.id(header.producer);
    header.kind = static_cast<MessageKind>(kind);
    known = header.version == kWireVersion && kind >= 1 && kind <= 6;
    if (!known) return;
    fields.number(header.seq.value);
    fields.number(header.base.value);
    fields.id(header.expected_sink);
    fields.number(header.round);
    if (!carries_piece(header.kind)) {
      std::uint8_t reads = static_cast<std::uint8_t>(WatermarkShape::first);
      if (fields.more()) fields.number(reads);
      const bool open = reads > static_cast<std::uint8_t>(WatermarkShape::first);
      header.reads = open ? WatermarkShape::open : WatermarkShape::first;
      if (fields.more()) fields.boolean(header.retired);
      if (header.retired && fields.more()) fields.number(header.opened.emplace());
      return;
    }
    fields.number(header.piece);
    fields.number(header.pieces);
    fields.number(header.crc);
    fields.id(header.exchange);
    if (header.piece == 0) read_naming(fields, header.naming);
  });
  if (!whole || !known || !in_bounds(header)) {
    return client_error("wire header: must be a known kind of version " +
                        std::to_string(kWireVersion) + ", got " + std::to_string(bytes.size()) +
                        " other bytes");
  }
  return header;
}

std::string encode(const Watermark& watermark) {
  std::string out;
  StringStream stream{out};
  Packer packer(stream);
  const bool open = watermark.shape == WatermarkShape::open;
  packer.pack_array(open ? kWatermarkFields : kFirstWatermarkFields);
  packer.pack_uint8(watermark.version);
  pack_bin(packer, watermark.producer.view());
  pack_bin(packer, watermark.sink.view());
  packer.pack_uint64(watermark.epoch);
  packer.pack_uint64(watermark.durable.value);
  packer.pack_uint64(watermark.probe.value);
  packer.pack_uint32(watermark.round);
  packer.pack_uint64(watermark.accepted.value);
  watermark.accepting ? packer.pack_true() : packer.pack_false();
  packer.pack_uint64(watermark.window_bytes);
  pack_text(packer, watermark.session_secret);
  const SessionCounts& sessions = watermark.sessions;
  for (const std::uint64_t count : {sessions.active, sessions.created, sessions.expired,
                                    sessions.hits, sessions.misses, sessions.fuzzy}) {
    packer.pack_uint64(count);
  }
  if (!open) return out;
  packer.pack_uint64(watermark.checkpoint.number);
  const Digest& hash = watermark.checkpoint.hash;
  pack_bin(packer, {reinterpret_cast<const char*>(hash.data()), hash.size()});
  packer.pack_uint64(watermark.most_chunks);
  return out;
}

Result<Watermark> parse_watermark(std::string_view bytes) {
  Watermark watermark;
  const bool whole = read_array(bytes, [&](FieldReader& fields) {
    fields.number(watermark.version);
    fields.id(watermark.producer);
    fields.id(watermark.sink);
    fields.number(watermark.epoch);
    fields.number(watermark.durable.value);
    fields.number(watermark.probe.value);
    fields.number(watermark.round);
    fields.number(watermark.accepted.value);
    fields.boolean(watermark.accepting);
    fields.number(watermark.window_bytes);
    fields.text(watermark.session_secret);
    if (!fields.more()) return;
    SessionCounts& sessions = watermark.sessions;
    for (std::uint64_t* count : {&sessions.active, &sessions.created, &sessions.expired,
                                 &sessions.hits, &sessions.misses, &sessions.fuzzy}) {
      fields.number(*count);
    }
    if (!fields.more()) return;
    fields.number(watermark.checkpoint.number);
    fields.digest(watermark.checkpoint.hash);
    if (fields.more()) fields.number(watermark.most_chunks);
  });
  if (!whole || watermark.version != kWireVersion || watermark.accepted < watermark.durable) {
    return client_error("watermark: must have version " + std::to_string(kWireVersion) +
                        " and its fields, got " + std::to_string(bytes.size()) + " other bytes");
  }
  return watermark;
}

}  // namespace albicilla
