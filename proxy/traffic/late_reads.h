// Reads that begin when the loop has dealt with everything that had come. In a burst each stream's
// event is passed on before any stream asks its socket for more, which would only say "nothing
// yet" and make those behind it wait. Belongs to the loop.
#pragma once

#include <vector>

#include "proxy/traffic/loop.h"

namespace albicilla {

class Input;

// Must outlive the inputs.
class LateReads {
 public:
  explicit LateReads(LoopExecutor executor) : executor_(executor) {}
  LateReads(const LateReads&) = delete;
  LateReads& operator=(const LateReads&) = delete;

  // Input::begin_late is called once, later in this round, unless it is removed before.
  void add(Input& input);
  void remove(Input& input);

 private:
  void begin_all();

  LoopExecutor executor_;
  std::vector<Input*> waiting_;  // nullptr: removed
  bool posted_ = false;
};

}  // namespace albicilla
