// What the preloaded shim is told to do: its plan file, as fault_shim.cc says, read at the first
// call of a process; and which files it stands before.
#pragma once

#include <dlfcn.h>

#include <atomic>
#include <string>

namespace albicilla::fault {

// The library's own function of that name, behind ours.
template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

enum class Kind { none, count, kill, torn, error, shadow };

struct Plan {
  Kind kind = Kind::none;
  std::string prefix;
  std::string fired;
  std::string call;  // error
  std::string shadow;
  long at = 0;
  long count = 0;
  int error = 0;
  std::atomic<long>* calls = nullptr;  // count, kill, torn
};

// Nothing is to be done in a process that the plan is not for.
const Plan& plan();

bool watched(const char* path);
// Empty when the descriptor is none of a watched file.
std::string path_of(int fd);

}  // namespace albicilla::fault
