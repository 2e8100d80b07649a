#include "sink/log/sealed_days.h"

#include "common/base/log.h"
#include "sink/layout/session.h"
#include "sink/log/sealed_file.h"

namespace albicilla {

namespace {

constexpr std::chrono::seconds kLookAgain{2};  // for requests to erase
constexpr std::chrono::seconds kTryAgain{60};

}  // namespace

SealedDays::SealedDays(Parts parts, SealedDaysRules rules)
    : parts_(std::move(parts)),
      rules_(std::move(rules)),
      packer_(parts_.files, parts_.log_root, parts_.counters, [this] { return stopping(); }),
      requests_(parts_.files, parts_.log_root),
      retention_(parts_.files, parts_.log_root),
      thread_([this] { run(); }) {}

SealedDays::~SealedDays() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SealedDays::note(SealedDaysFacts facts) {
  {
    const std::lock_guard lock(mutex_);
    if (facts == facts_) return;
    facts_ = std::move(facts);
    noted_ = true;
  }
  changed_.notify_all();
}

bool SealedDays::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void SealedDays::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    noted_ = false;
    const SealedDaysFacts facts = facts_;
    lock.unlock();
    const Status worked = work(facts);
    if (!worked) {
      log_error("work on sealed days failed, trying again", {{"reason", worked.error().message}});
    }
    lock.lock();
    const auto pause = worked ? kLookAgain : kTryAgain;
    changed_.wait_for(lock, pause, [&] { return stopping_ || (worked && noted_); });
  }
}

Status SealedDays::work(const SealedDaysFacts& facts) {
  if (rules_.packing == Packing::zstd && facts.sealed_until > packed_until_) {
    if (const Status packed = packer_.pack_days(facts.sealed_until); !packed) return packed;
    packed_until_ = facts.sealed_until;
  }
  if (rules_.ready && facts.sealed_until > ready_until_ && !stopping()) {
    rules_.ready(facts.sealed_until);
    ready_until_ = facts.sealed_until;
  }
  if (facts.signer == nullptr) return {};
  if (const Status erased = erase(facts); !erased) return erased;
  return let_go(facts);
}

Status SealedDays::erase(const SealedDaysFacts& facts) {
  auto waiting = requests_.waiting();
  if (!waiting) return waiting.error();
  parts_.counters.erasures_waiting = waiting->size();
  for (ErasureRequest& request : *waiting) {
    if (stopping()) return {};
    if (const Status erased = erase(request, facts); !erased) return erased;
    const auto complete = is_complete(request, facts.sealed_until);
    if (!complete) return complete.error();
    if (!*complete || stopping()) continue;
    if (const Status closed = requests_.close(request, parts_.clock.wall()); !closed) return closed;
    --parts_.counters.erasures_waiting;
    log_info("erased", {{"request", request.name},
                        {"kind", to_string(request.target.kind)},
                        {"lines", request.lines},
                        {"files", request.files}});
  }
  return {};
}

// Days that are open wait until they are sealed: until then a replay could write the lines again.
Status SealedDays::erase(ErasureRequest& request, const SealedDaysFacts& facts) {
  const auto names = parts_.files.list(parts_.log_root);
  if (!names) return names.error();
  Eraser eraser(parts_.files, parts_.log_root, *facts.signer, parts_.clock.wall());
  for (const std::string& day : *names) {
    if (!is_day_name(day) || day > facts.sealed_until || day > request.until) continue;
    if (day <= request.done_until) continue;
    const Status walked =
        walk_day(parts_.files, parts_.log_root, day, [&](const std::string& file) -> Result<Walk> {
          if (!Eraser::may_hold(request.target, file)) return Walk::go_on;
          const auto erased = eraser.erase(request.target, file);
          if (!erased) return erased.error();
          request.lines += *erased;
          request.files += *erased > 0 ? 1 : 0;
          parts_.counters.erased_lines += *erased;
          if (*erased > 0 && rules_.rewritten) rules_.rewritten(file);
          return stopping() ? Walk::stop : Walk::go_on;
        });
    if (!walked) return walked;
    if (stopping()) return requests_.save(request);
    request.done_until = day;
    if (const Status saved = requests_.save(request); !saved) return saved;
  }
  return {};
}

Result<bool> SealedDays::is_complete(const ErasureRequest& request,
                                     const std::string& sealed_until) {
  if (request.until <= sealed_until) return true;
  if (utc_day(parts_.clock.wall()) <= request.until) return false;
  const auto names = parts_.files.list(parts_.log_root);
  if (!names) return names.error();
  for (const std::string& day : *names) {
    if (is_day_name(day) && day > sealed_until && day <= request.until) return false;
  }
  return true;
}

Status SealedDays::let_go(const SealedDaysFacts& facts) {
  if (!rules_.retention.any() || !facts.date_believed) return {};
  const std::string today = utc_day(parts_.clock.wall());
  if (looked_on_ == today + facts.sealed_until) return {};
  const auto kept = retention_.kept_days(facts.sealed_until);
  if (!kept) return kept.error();
  bool all = true;
  for (const std::string& day : days_to_let_go(*kept, rules_.retention, today)) {
    if (stopping()) return {};
    if (rules_.may_go && !rules_.may_go(day)) {
      all = false;  // the store has not confirmed it yet
      break;
    }
    const Status gone = retention_.let_go(day, "retention", *facts.signer, parts_.clock.wall());
    if (!gone) return gone;
    ++parts_.counters.removed_days;
    log_info("day let go", {{"day", day}});
  }
  if (all) looked_on_ = today + facts.sealed_until;
  return {};
}

}  // namespace albicilla
