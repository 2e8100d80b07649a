// Ctrl-C as a question that work may ask: the run stops between two sessions, what is finished is
// in the state folder, nothing half written appears.
#pragma once

namespace albicilla {

// From now on SIGINT and SIGTERM only set a mark; a second one ends the process as usual.
void watch_for_interrupt();
bool is_interrupted();

}  // namespace albicilla
