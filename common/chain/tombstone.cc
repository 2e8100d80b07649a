#include "common/chain/tombstone.h"

#include "common/json/walk.h"
#include "common/json/writer.h"

namespace albicilla {

namespace {

constexpr std::string_view kStart = "{\"tombstone\":";
constexpr std::string_view kPurpose = "albicilla tombstone\n";

std::string object_of(const Tombstone& tombstone) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("file").text(tombstone.file).key("n").number(tombstone.n);
  writer.key("line").text(hex_prefix(tombstone.line, 64)).key("bytes").number(tombstone.bytes);
  writer.key("producer").text(hex_text(tombstone.producer.bytes));
  writer.key("seq").number(tombstone.seq.value).key("at").text(tombstone.at);
  writer.key("cause").text(tombstone.cause).key("key").text(hex_text(tombstone.key)).end_object();
  return text;
}

std::string chained_line(const std::string& object, const Signature& signature) {
  return std::string(kStart) + object + ",\"signature\":\"" + hex_text(signature) + "\"";
}

std::optional<Tombstone> take_object(std::string_view object) {
  const auto file = json_exact_text(json_first_member(object, "file"));
  const auto n = json_count(json_first_member(object, "n"));
  const auto line = digest_from_hex(json_inside(json_first_member(object, "line")));
  const auto bytes = json_count(json_first_member(object, "bytes"));
  const auto producer = from_hex_text(json_inside(json_first_member(object, "producer")));
  const auto seq = json_count(json_first_member(object, "seq"));
  const auto at = json_exact_text(json_first_member(object, "at"));
  const auto cause = json_exact_text(json_first_member(object, "cause"));
  const auto key = public_key_from_hex(json_inside(json_first_member(object, "key")));
  if (!file || !n || !line || !bytes || !producer || !seq || !at || !cause || !key) {
    return std::nullopt;
  }
  return Tombstone{*file, *n, *line, *bytes, ProducerId{*producer}, Seq{*seq}, *at, *cause, *key};
}

}  // namespace

std::string tombstone_line(const Tombstone& tombstone, const SigningKey& signer) {
  const std::string object = object_of(tombstone);
  return chained_line(object, signer.sign(std::string(kPurpose) + object));
}

bool is_tombstone(std::string_view line) { return line.starts_with(kStart); }

std::optional<ParsedTombstone> parse_tombstone(std::string_view chained) {
  if (!chained.starts_with(kStart)) return std::nullopt;
  const std::string whole = std::string(chained) + "}";
  auto tombstone = take_object(json_first_member(whole, "tombstone"));
  const auto signature = signature_from_hex(json_inside(json_first_member(whole, "signature")));
  if (!tombstone || !signature) return std::nullopt;
  const std::string object = object_of(*tombstone);
  // Only what is written exactly so is ours.
  if (chained_line(object, *signature) != chained) return std::nullopt;
  const bool holds = verify(tombstone->key, std::string(kPurpose) + object, *signature);
  return ParsedTombstone{std::move(*tombstone), holds};
}

Digest line_digest(std::string_view chained, std::string_view file, std::uint64_t n,
                   const Digest* hashed) {
  const auto parsed = parse_tombstone(chained);
  const bool speaks = parsed && parsed->signature_holds && parsed->tombstone.file == file &&
                      parsed->tombstone.n == n;
  if (speaks) return parsed->tombstone.line;
  return hashed != nullptr ? *hashed : sha256(chained);
}

}  // namespace albicilla
