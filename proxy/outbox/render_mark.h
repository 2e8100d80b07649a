// Which record a worker is rendering, in a page of its slot that outlives it: a record whose
// rendering has killed two workers must not kill a third. Memory only, so it costs no call.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/id128.h"
#include "common/base/strong.h"
#include "proxy/outbox/slot.h"

namespace albicilla {

// One thread. Where the page cannot be made, nothing is marked and nobody is suspected.
class RenderMark {
 public:
  // Takes note of what the slot's worker before this one was rendering when it died.
  explicit RenderMark(const Slot& slot);
  ~RenderMark();
  RenderMark(const RenderMark&) = delete;
  RenderMark& operator=(const RenderMark&) = delete;

  // How many workers of this slot have died while they rendered this record.
  std::uint64_t deaths(const ProducerId& producer, Seq seq) const;

  void begin(const ProducerId& producer, Seq seq);
  void end();

 private:
  struct Record;

  Record* page_ = nullptr;  // the one that is being rendered, then those that workers died of
  bool suspects_ = false;   // there is one of those
};

}  // namespace albicilla
