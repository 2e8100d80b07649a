// `albicilla-proxy keys add|list|disable|enable|remove`: the keys file without a running proxy.
#pragma once

namespace albicilla {

// argv[0] is "keys". Returns the process's exit code: 0 done, 1 failed, 2 wrong use.
int run_keys_command(int argc, const char* const* argv);

}  // namespace albicilla
