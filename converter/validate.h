// `albicilla-conv validate`: the rules that rows pass before they are written, run over files that
// are there already.
#pragma once

#include <ostream>

namespace albicilla {

// The exit code: 0 all rows keep the rules, 1 some do not (each named on `out`), 2 wrong use, 3 a
// file cannot be read. `argv` starts behind the word "validate".
int validate(int argc, const char* const* argv, std::ostream& out);

}  // namespace albicilla
