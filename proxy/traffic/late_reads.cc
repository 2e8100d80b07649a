#include "proxy/traffic/late_reads.h"

#include <algorithm>
#include <utility>

#include "proxy/traffic/input.h"

namespace albicilla {

void LateReads::add(Input& input) {
  waiting_.push_back(&input);
  if (posted_) return;
  posted_ = true;
  boost::asio::post(executor_, [this] { begin_all(); });
}

void LateReads::remove(Input& input) {
  std::replace(waiting_.begin(), waiting_.end(), &input, static_cast<Input*>(nullptr));
}

// A read that begins may end in the same call only for one that cannot begin, whose coroutine goes
// on at once: it may remove others and add again.
void LateReads::begin_all() {
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (Input* input = std::exchange(waiting_[i], nullptr)) input->begin_late();
  }
  waiting_.clear();
  posted_ = false;
}

}  // namespace albicilla
