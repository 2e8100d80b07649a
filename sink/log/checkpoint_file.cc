#include "sink/log/checkpoint_file.h"

#include "common/base/bytes.h"
#include "common/base/crc32c.h"

namespace albicilla {

namespace {

constexpr std::uint32_t kMark = 0x43434C41;  // "ALCC"
constexpr std::uint32_t kFormatVersion = 5;
constexpr std::uint32_t kWithoutOpened = 4;
constexpr std::uint32_t kWithoutRetired = 3;
constexpr std::uint32_t kWithoutSessions = 2;
constexpr std::size_t kFrontBytes = 8;  // mark and crc

template <class Id>
Id take_id(ByteReader& reader) {
  return id_from_bytes<Id>(reader.bytes(16)).value_or(Id{});
}

void append_producer(std::string& out, const ProducerId& producer, const ProducerState& state) {
  out += producer.view();
  append_integer(out, state.accepted.value);
  append_integer(out, state.records);
  append_integer(out, state.missing);
  append_string(out, state.owner);
  append_integer(out, state.retired);
  append_integer(out, static_cast<std::uint8_t>(state.opened ? 1 : 0));
  append_integer(out, state.opened.value_or(0));
  append_integer(out, static_cast<std::uint32_t>(state.recent.size()));
  for (const std::uint64_t mark : state.recent) append_integer(out, mark);
}

std::pair<ProducerId, ProducerState> take_producer(ByteReader& reader, std::uint32_t version) {
  std::pair<ProducerId, ProducerState> taken;
  taken.first = take_id<ProducerId>(reader);
  ProducerState& state = taken.second;
  state.accepted = Seq{reader.integer<std::uint64_t>()};
  state.records = reader.integer<std::uint64_t>();
  state.missing = reader.integer<std::uint64_t>();
  state.owner = reader.string();
  if (version > kWithoutRetired) state.retired = reader.integer<std::uint64_t>();
  if (version > kWithoutOpened) {
    const bool said = reader.integer<std::uint8_t>() != 0;
    const auto opened = reader.integer<std::uint64_t>();
    if (said) state.opened = opened;
  }
  ByteReader marks(reader.bytes(std::uint64_t{reader.integer<std::uint32_t>()} * 8));
  while (marks.ok() && marks.left() > 0) state.recent.push_back(marks.integer<std::uint64_t>());
  return taken;
}

}  // namespace

std::string encode(const Checkpoint& checkpoint) {
  std::string fields;
  append_integer(fields, kFormatVersion);
  fields += checkpoint.sink.view();
  append_integer(fields, checkpoint.number);
  append_integer(fields, checkpoint.position.value);
  append_integer(fields, checkpoint.next_group);
  append_integer(fields, checkpoint.epoch);
  append_string(fields, checkpoint.sealed_until);
  append_integer(fields, static_cast<std::uint8_t>(checkpoint.rebuilt ? 1 : 0));
  append_integer(fields, static_cast<std::uint32_t>(checkpoint.heads.size()));
  for (const HeadsFileName& heads : checkpoint.heads) {
    append_integer(fields, heads.number);
    append_integer(fields, heads.bytes);
  }
  append_integer(fields, static_cast<std::uint32_t>(checkpoint.producers.size()));
  for (const auto& [producer, state] : checkpoint.producers) {
    append_producer(fields, producer, state);
  }
  append_string(fields, checkpoint.sessions);
  append_string(fields, checkpoint.prefixes);
  std::string bytes;
  append_integer(bytes, kMark);
  append_integer(bytes, crc32c(fields));
  return bytes + fields;
}

Result<Checkpoint> parse_checkpoint(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto mark = reader.integer<std::uint32_t>();
  const auto crc = reader.integer<std::uint32_t>();
  if (!reader.ok() || mark != kMark || crc != crc32c(bytes.substr(kFrontBytes))) {
    return our_error("it is damaged or no checkpoint");
  }
  const auto version = reader.integer<std::uint32_t>();
  if (version > kFormatVersion || version < kWithoutSessions) {
    return our_error("its format version is " + std::to_string(version) + ", expected " +
                     std::to_string(kFormatVersion) + "; --rebuild makes a new one");
  }
  Checkpoint checkpoint;
  checkpoint.sink = take_id<SinkId>(reader);
  checkpoint.number = reader.integer<std::uint64_t>();
  checkpoint.position = LogPosition{reader.integer<std::uint64_t>()};
  checkpoint.next_group = reader.integer<std::uint64_t>();
  checkpoint.epoch = reader.integer<std::uint64_t>();
  checkpoint.sealed_until = reader.string();
  checkpoint.rebuilt = reader.integer<std::uint8_t>() != 0;
  const auto heads = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < heads && reader.ok(); ++i) {
    HeadsFileName name;
    name.number = reader.integer<std::uint64_t>();
    name.bytes = reader.integer<std::uint64_t>();
    checkpoint.heads.push_back(name);
  }
  const auto producers = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < producers && reader.ok(); ++i) {
    checkpoint.producers.push_back(take_producer(reader, version));
  }
  if (version != kWithoutSessions) {
    checkpoint.sessions = reader.string();
    checkpoint.prefixes = reader.string();
  }
  if (!reader.finished()) return our_error("its fields do not fill it");
  return checkpoint;
}

}  // namespace albicilla
