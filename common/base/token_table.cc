#include "common/base/token_table.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace albicilla {
namespace {

constexpr std::size_t kNameBytes = 64;
constexpr std::size_t kModels = 64;
constexpr std::size_t kUsers = 128;
constexpr std::size_t kSessions = 128;
constexpr std::string_view kOther = "other";

// Free when its name is empty.
struct Cell {
  std::array<char, kNameBytes> name;
  std::uint64_t used;  // the table's clock when it was last added to
  std::uint64_t input;
  std::uint64_t cached;
  std::uint64_t output;
};

// The first cell is that of "other".
template <std::size_t places>
using Cells = std::array<Cell, places + 1>;

}  // namespace

struct TokenCells {
  pthread_mutex_t mutex;
  std::uint64_t clock;
  Cells<kModels> models;
  Cells<kUsers> users;
  Cells<kSessions> sessions;
};

namespace {

class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) : mutex_(mutex) {
    // The last owner died: what it was adding may be half there, which no later sum minds.
    if (::pthread_mutex_lock(&mutex_) == EOWNERDEAD) ::pthread_mutex_consistent(&mutex_);
  }
  ~Lock() { ::pthread_mutex_unlock(&mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

std::string label_text(std::string_view name) {
  std::string text(name.substr(0, kNameBytes - 1));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

void give_way(Cell& cell, Cell& other) {
  other.input += cell.input;
  other.cached += cell.cached;
  other.output += cell.output;
  cell = {};
}

Cell& cell_of(std::span<Cell> cells, std::string_view name) {
  if (name == kOther) return cells[0];
  Cell* quiet = &cells[1];
  for (Cell& cell : cells.subspan(1)) {
    if (std::string_view(cell.name.data()) == name) return cell;
    if (cell.used < quiet->used) quiet = &cell;
  }
  if (quiet->name[0] != '\0') give_way(*quiet, cells[0]);
  std::memcpy(quiet->name.data(), name.data(), name.size());
  return *quiet;
}

void add_to(std::span<Cell> cells, std::string_view name, const TokenUse& use,
            std::uint64_t clock) {
  if (name.empty()) return;
  Cell& cell = cell_of(cells, label_text(name));
  cell.used = clock;
  cell.input += use.input;
  cell.cached += use.cached;
  cell.output += use.output;
}

std::vector<TokenCount> counts_of(std::span<const Cell> cells) {
  std::vector<TokenCount> counts;
  for (const Cell& cell : cells) {
    const bool other = &cell == &cells.front();
    if (other ? cell.input + cell.output == 0 : cell.name[0] == '\0') continue;
    counts.push_back({std::string(other ? kOther : std::string_view(cell.name.data())), cell.input,
                      cell.cached, cell.output});
  }
  return counts;
}

}  // namespace

std::size_t TokenTable::bytes() { return sizeof(TokenCells); }

void TokenTable::create(void* memory) {
  auto* cells = static_cast<TokenCells*>(memory);
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  ::pthread_mutex_init(&cells->mutex, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
}

TokenTable::TokenTable(void* memory) : cells_(static_cast<TokenCells*>(memory)) {}

void TokenTable::add(const TokenUse& use) {
  const Lock lock(cells_->mutex);
  const std::uint64_t clock = ++cells_->clock;
  add_to(cells_->models, use.model, use, clock);
  add_to(cells_->users, use.user, use, clock);
  add_to(cells_->sessions, use.session, use, clock);
}

TokenSums TokenTable::sums() const {
  const Lock lock(cells_->mutex);
  return {counts_of(cells_->models), counts_of(cells_->users), counts_of(cells_->sessions)};
}

}  // namespace albicilla
