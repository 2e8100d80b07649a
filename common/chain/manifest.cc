#include "common/chain/manifest.h"

#include <optional>

#include "common/chain/merkle.h"
#include "common/json/walk.h"
#include "common/json/writer.h"

namespace albicilla {

namespace {

// Names what is signed, so that no signature can be used for another kind of thing.
constexpr std::string_view kKeyPurpose = "albicilla manifest key\n";
constexpr std::string_view kCheckpointPurpose = "albicilla checkpoint\n";
constexpr std::string_view kRemovalPurpose = "albicilla removal\n";

std::string object_of(const ManifestFile& file) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("i").number(file.index).key("name").text(file.name);
  writer.key("lines").number(file.lines).key("bytes").number(file.bytes);
  writer.key("h").text(hex_prefix(file.h, 64)).end_object();
  return text;
}

std::string object_of(const ManifestKey& key) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("public").text(hex_text(key.key));
  writer.key("previous").text(hex_text(key.previous));
  writer.key("sink").text(hex_text(key.sink.bytes)).key("at").text(key.at).end_object();
  return text;
}

std::string object_of(const SignedCheckpoint& checkpoint) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("number").number(checkpoint.number);
  writer.key("sink").text(hex_text(checkpoint.sink.bytes)).key("at").text(checkpoint.at);
  writer.key("day").text(checkpoint.day).key("final").boolean(checkpoint.final);
  writer.key("files").number(checkpoint.files).key("lines").number(checkpoint.lines);
  writer.key("root").text(hex_prefix(checkpoint.root, 64));
  writer.key("previous").text(hex_prefix(checkpoint.previous, 64)).key("producers").begin_array();
  for (const ProducerMark& mark : checkpoint.producers) {
    writer.begin_array().text(hex_text(mark.producer.bytes)).number(mark.accepted.value);
    writer.number(mark.records).number(mark.missing);
    if (mark.ended) {
      mark.ended->opened ? writer.number(*mark.ended->opened) : writer.null();
      writer.number(mark.ended->closed);
    }
    writer.end_array();
  }
  writer.end_array().key("key").text(hex_text(checkpoint.key)).end_object();
  return text;
}

std::string object_of(const ManifestRemoval& removal) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("day").text(removal.day).key("files").number(removal.files);
  writer.key("lines").number(removal.lines).key("at").text(removal.at);
  writer.key("cause").text(removal.cause).key("key").text(hex_text(removal.key)).end_object();
  return text;
}

std::string signed_line(std::string_view kind, const std::string& object,
                        const Signature& signature) {
  return "{\"" + std::string(kind) + "\":" + object + ",\"signature\":\"" + hex_text(signature) +
         "\"}";
}

// Takes an object's fields by name; the first that is missing or of another kind spoils it.
class Fields {
 public:
  explicit Fields(std::string_view object) : object_(object) {}

  bool ok() const { return ok_; }
  std::string text(std::string_view name) {
    return expect(json_exact_text(json_first_member(object_, name)));
  }
  std::uint64_t number(std::string_view name) {
    return expect(json_count(json_first_member(object_, name)));
  }
  bool boolean(std::string_view name) { return json_is_true(json_first_member(object_, name)); }
  Digest digest(std::string_view name) { return expect(digest_from_hex(text(name))); }
  PublicKey key(std::string_view name) { return expect(public_key_from_hex(text(name))); }
  SinkId sink(std::string_view name) { return SinkId{expect(from_hex_text(text(name)))}; }
  std::string_view raw(std::string_view name) const { return json_first_member(object_, name); }

  template <class T>
  T expect(std::optional<T> value) {
    if (!value) ok_ = false;
    return std::move(value).value_or(T{});
  }

 private:
  std::string_view object_;
  bool ok_ = true;
};

ManifestFile take_file(Fields fields, bool& ok) {
  ManifestFile file;
  file.index = fields.number("i");
  file.name = fields.text("name");
  file.lines = fields.number("lines");
  file.bytes = fields.number("bytes");
  file.h = fields.digest("h");
  ok = fields.ok();
  return file;
}

ManifestKey take_key(Fields fields, bool& ok) {
  ManifestKey key;
  key.key = fields.key("public");
  key.previous = fields.key("previous");
  key.sink = fields.sink("sink");
  key.at = fields.text("at");
  ok = fields.ok();
  return key;
}

ManifestRemoval take_removal(Fields fields, bool& ok) {
  ManifestRemoval removal;
  removal.day = fields.text("day");
  removal.files = fields.number("files");
  removal.lines = fields.number("lines");
  removal.at = fields.text("at");
  removal.cause = fields.text("cause");
  removal.key = fields.key("key");
  ok = fields.ok();
  return removal;
}

ProducerMark take_mark(Fields& fields, std::string_view array) {
  ProducerMark mark;
  JsonElements elements(array);
  std::string_view raw[4];
  for (std::string_view& element : raw) elements.next(element);
  const auto id = json_exact_text(raw[0]);
  mark.producer.bytes = fields.expect(id ? from_hex_text(*id) : std::nullopt);
  mark.accepted = Seq{fields.expect(json_count(raw[1]))};
  mark.records = fields.expect(json_count(raw[2]));
  mark.missing = fields.expect(json_count(raw[3]));
  std::string_view opened;
  std::string_view closed;
  if (!elements.next(opened)) return mark;
  elements.next(closed);
  ProducerTotals& ended = mark.ended.emplace();
  if (opened != "null") ended.opened = fields.expect(json_count(opened));
  ended.closed = fields.expect(json_count(closed));
  return mark;
}

SignedCheckpoint take_checkpoint(Fields fields, bool& ok) {
  SignedCheckpoint checkpoint;
  checkpoint.number = fields.number("number");
  checkpoint.sink = fields.sink("sink");
  checkpoint.at = fields.text("at");
  checkpoint.day = fields.text("day");
  checkpoint.final = fields.boolean("final");
  checkpoint.files = fields.number("files");
  checkpoint.lines = fields.number("lines");
  checkpoint.root = fields.digest("root");
  checkpoint.previous = fields.digest("previous");
  checkpoint.key = fields.key("key");
  JsonElements marks(fields.raw("producers"));
  for (std::string_view mark; marks.next(mark);) {
    checkpoint.producers.push_back(take_mark(fields, mark));
  }
  ok = fields.ok();
  return checkpoint;
}

}  // namespace

Digest manifest_leaf(const ManifestFile& file) { return merkle_leaf(object_of(file)); }

std::string manifest_line(const ManifestFile& file) { return "{\"file\":" + object_of(file) + "}"; }

std::string manifest_line(const ManifestKey& key, const SigningKey& signer) {
  const std::string object = object_of(key);
  return signed_line("key", object, signer.sign(std::string(kKeyPurpose) + object));
}

std::string manifest_line(const SignedCheckpoint& checkpoint, const SigningKey& signer) {
  const std::string object = object_of(checkpoint);
  return signed_line("checkpoint", object, signer.sign(std::string(kCheckpointPurpose) + object));
}

std::string manifest_line(const ManifestRemoval& removal, const SigningKey& signer) {
  const std::string object = object_of(removal);
  return signed_line("removed", object, signer.sign(std::string(kRemovalPurpose) + object));
}

Result<ManifestLine> parse_manifest_line(std::string_view line) {
  const Error strange = our_error("no line of a manifest");
  JsonMembers members(line);
  JsonMember what;
  if (!members.next(what)) return strange;
  ManifestLine parsed;
  bool ok = false;
  if (what.key == "file") {
    parsed.what = take_file(Fields(what.value), ok);
    // Only what is written exactly so is ours: no second spelling of one fact.
    if (!ok || manifest_line(std::get<ManifestFile>(parsed.what)) != line) return strange;
    return parsed;
  }
  JsonMember last;
  const auto signature = members.next(last) && last.key == "signature"
                             ? signature_from_hex(json_inside(last.value))
                             : std::nullopt;
  if (!signature) return strange;
  std::string object;
  if (what.key == "key") {
    const ManifestKey key = take_key(Fields(what.value), ok);
    object = object_of(key);
    parsed.signature_holds = verify(key.previous, std::string(kKeyPurpose) + object, *signature);
    parsed.what = key;
  } else if (what.key == "checkpoint") {
    const SignedCheckpoint checkpoint = take_checkpoint(Fields(what.value), ok);
    object = object_of(checkpoint);
    parsed.signature_holds =
        verify(checkpoint.key, std::string(kCheckpointPurpose) + object, *signature);
    parsed.what = checkpoint;
  } else if (what.key == "removed") {
    const ManifestRemoval removal = take_removal(Fields(what.value), ok);
    object = object_of(removal);
    parsed.signature_holds = verify(removal.key, std::string(kRemovalPurpose) + object, *signature);
    parsed.what = removal;
  }
  if (!ok || signed_line(what.key, object, *signature) != line) return strange;
  return parsed;
}

}  // namespace albicilla
