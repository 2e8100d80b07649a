#include "proxy/outbox/slot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <thread>

#include "common/base/log.h"
#include "common/io/entry.h"

namespace albicilla {

namespace {

constexpr std::string_view kSlotPrefix = "slot-";
constexpr std::string_view kGenerationPrefix = "gen-";
constexpr std::uint32_t kMostSlots = 4096;
constexpr std::size_t kMostSinksBytes = std::size_t{1} << 20;
constexpr std::uint8_t kSinkEntry = 1;
constexpr std::chrono::milliseconds kLockPause{20};

std::string slot_directory(const std::string& spool_directory, std::uint32_t index) {
  return spool_directory + "/" + std::string(kSlotPrefix) + std::to_string(index);
}

template <class Number>
std::optional<Number> number_after(std::string_view prefix, std::string_view name, int base) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  Number number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number, base);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

Result<std::optional<Slot>> try_claim(FileSystem& files, const std::string& spool_directory,
                                      std::uint32_t index) {
  Slot slot{index, slot_directory(spool_directory, index), {}};
  if (const Status made = files.make_directories(slot.directory); !made) return made.error();
  auto lock = files.try_lock(slot.directory + "/lock");
  if (!lock) return lock.error();
  if (!lock->has_value()) return std::optional<Slot>();
  slot.lock = std::move(**lock);
  return std::optional<Slot>(std::move(slot));
}

// Another worker may have made these directories a moment ago and not have synced them yet.
Result<Slot> with_durable_place(FileSystem& files, const std::string& spool_directory, Slot slot) {
  for (const std::string& place : {spool_directory, directory_of(spool_directory)}) {
    if (const Status synced = files.sync_directory(place); !synced) return synced.error();
  }
  return slot;
}

}  // namespace

Result<Slot> claim_slot(FileSystem& files, const std::string& spool_directory, std::uint32_t wanted,
                        std::chrono::milliseconds patience) {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto slot = try_claim(files, spool_directory, wanted);
    if (!slot) return slot.error();
    if (slot->has_value()) {
      return with_durable_place(files, spool_directory, std::move(**slot));
    }
    if (std::chrono::steady_clock::now() >= give_up) break;
    std::this_thread::sleep_for(kLockPause);
  }
  for (std::uint32_t index = 0; index < kMostSlots; ++index) {
    auto slot = try_claim(files, spool_directory, index);
    if (!slot) return slot.error();
    if (!slot->has_value()) continue;
    log_warning("spool slot held by another process, took another one",
                {{"wanted", wanted}, {"slot", index}});
    return with_durable_place(files, spool_directory, std::move(**slot));
  }
  return our_error(spool_directory + ": every slot is held by another process");
}

Result<std::vector<Slot>> claim_left_over_slots(FileSystem& files,
                                                const std::string& spool_directory, SlotRange own) {
  const auto names = files.list(spool_directory);
  if (!names) return names.error();
  std::vector<Slot> slots;
  for (const std::string& name : *names) {
    const auto index = number_after<std::uint32_t>(kSlotPrefix, name, 10);
    if (!index || own.contains(*index)) continue;
    auto slot = try_claim(files, spool_directory, *index);
    if (!slot) return slot.error();
    if (!slot->has_value()) continue;
    const auto generations = list_generations(files, **slot);
    if (generations && !generations->empty()) slots.push_back(std::move(**slot));
  }
  return slots;
}

std::string generation_directory(const Slot& slot, GenerationNumber number) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(number));
  return slot.directory + "/" + std::string(kGenerationPrefix) + digits.data();
}

Result<std::vector<GenerationNumber>> list_generations(FileSystem& files, const Slot& slot) {
  const auto names = files.list(slot.directory);
  if (!names) return names.error();
  std::vector<GenerationNumber> numbers;
  for (const std::string& name : *names) {
    const auto number = number_after<GenerationNumber>(kGenerationPrefix, name, 16);
    if (number && generation_directory(slot, *number) == slot.directory + "/" + name) {
      numbers.push_back(*number);
    }
  }
  return numbers;  // names come sorted, and so do their numbers
}

KnownSinks::KnownSinks(FileSystem& files, const Slot& slot)
    : files_(files), path_(slot.directory + "/sinks") {
  const auto facts = files_.look(path_);
  if (!facts || !facts->has_value()) return;
  const auto bytes = read_file(files_, path_, kMostSinksBytes);
  if (!bytes) {
    log_error("cannot read the known sinks, going on without", {{"cause", bytes.error().message}});
    return;
  }
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const EntryParse parse = parse_entry(rest);
    const auto id = id_from_bytes<SinkId>(parse.entry.payload.substr(0, 16));
    if (parse.state != EntryState::whole || parse.entry.type != kSinkEntry || !id) {
      log_error("damaged file of known sinks, going on without its rest", {{"file", path_}});
      return;
    }
    ids_[std::string(parse.entry.payload.substr(16))] = *id;
    rest.remove_prefix(parse.entry.frame_bytes);
  }
}

SinkId KnownSinks::at(const std::string& endpoint) const {
  const auto found = ids_.find(endpoint);
  return found == ids_.end() ? SinkId{} : found->second;
}

Status KnownSinks::remember(const std::string& endpoint, const SinkId& id) {
  ids_[endpoint] = id;
  std::string bytes;
  for (const auto& [name, known] : ids_) {
    append_entry(bytes, kSinkEntry, std::string(known.view()) + name);
  }
  return replace_file(files_, path_, bytes);
}

}  // namespace albicilla
