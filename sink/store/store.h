// Where sealed files go: another directory, Azure Blob Storage, an S3 bucket, a Kafka topic. A
// store takes whole files under a name and says `confirmed` only when it holds exactly these bytes;
// what is under a name already is never overwritten by other bytes unasked. Every call may be
// repeated after a lost answer without harm, so a restart simply tries again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sink/store/source_file.h"

namespace albicilla {

enum class StoreVerdict {
  confirmed,       // the store holds these bytes now
  already_there,   // it held them before: an earlier attempt had arrived
  missing,         // nothing under that name
  conflict,        // other bytes are under that name; nothing was changed
  other_position,  // the object does not end at that position; StoreAnswer::size says where
  refused,         // credentials, permissions, a missing bucket: somebody must act
  unavailable,     // transport, overload, full, shutting down: try again later
  unsupported,     // this store cannot do that at all
};

// "confirmed", "other_position", ...
std::string_view to_string(StoreVerdict verdict);

struct StoreAnswer {
  StoreVerdict verdict = StoreVerdict::unavailable;
  std::uint64_t size = 0;  // of the object, where the verdict is about one that exists
  std::string sha256;      // hex, from head(), when the object was put whole by us; else empty
  std::string message;     // why, when it did not go well; no secrets

  bool holds() const {
    return verdict == StoreVerdict::confirmed || verdict == StoreVerdict::already_there;
  }
};

// What to do about an object that is there with other bytes: `create` leaves it and answers
// `conflict`; `replace` is for erasure, when a sealed file was rewritten around a tombstone.
enum class PutMode { create, replace };

struct StoreAbilities {
  bool appends = false;     // append()
  bool reads_back = false;  // head() knows what is stored; replace and remove work
};

// Blocking; one thread at a time, but for interrupt().
class Store {
 public:
  virtual ~Store() = default;
  virtual std::string_view name() const = 0;  // the word in --store and in metrics
  virtual StoreAbilities abilities() const = 0;

  // `name` is relative, with '/' between its parts: "2026-01-13/session.jsonl.zst".
  virtual StoreAnswer put(const std::string& name, const SourceFile& file, PutMode mode) = 0;
  // Appends the file's bytes from `position` to its end to an object that has exactly `position`
  // bytes (0 creates it). A double append changes nothing: it answers other_position.
  virtual StoreAnswer append(const std::string& name, const SourceFile& file,
                             std::uint64_t position) = 0;
  // `confirmed` with size and sha256, or `missing`.
  virtual StoreAnswer head(const std::string& name) = 0;
  // `confirmed` or `missing`.
  virtual StoreAnswer remove(const std::string& name) = 0;
  // Makes the call under way fail soon, from any thread; used once, at the end.
  virtual void interrupt() {}
};

}  // namespace albicilla
