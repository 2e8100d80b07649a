// Keeps what is in memory (keys, prompts) out of core files and away from debuggers of other
// processes of the same user. For every program that stays: proxy, sink, viewer.
#pragma once

namespace albicilla {

// For this process; the core limit also for its children.
void guard_memory();

}  // namespace albicilla
