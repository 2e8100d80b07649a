// Loaded before the C library (LD_PRELOAD), so that a test says what names mean: a host that ends
// in
// ".test" has the addresses of ALBICILLA_TEST_ADDRESSES, separated by commas and in that order, and
// the question takes ALBICILLA_TEST_NAME_MS milliseconds. Without addresses it has none. Each
// question adds a byte to the file ALBICILLA_TEST_NAME_LOG.
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

using Ask = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

void note_question() {
  const int file = ::open(setting("ALBICILLA_TEST_NAME_LOG").c_str(), O_WRONLY | O_APPEND);
  if (file < 0) return;
  if (::write(file, "?", 1) != 1) std::abort();
  ::close(file);
}

}  // namespace

extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const auto kReal = reinterpret_cast<Ask>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (host == nullptr || !std::string_view(host).ends_with(".test")) {
    return kReal(host, service, hints, found);
  }
  note_question();
  std::this_thread::sleep_for(
      std::chrono::milliseconds(std::atoi(setting("ALBICILLA_TEST_NAME_MS").c_str())));
  *found = nullptr;
  addrinfo** end = found;
  std::string rest = setting("ALBICILLA_TEST_ADDRESSES");
  while (!rest.empty()) {
    const std::string address = rest.substr(0, rest.find(','));
    rest.erase(0, address.size() + 1);
    if (const int problem = kReal(address.c_str(), service, hints, end); problem != 0) {
      return problem;
    }
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return *found == nullptr ? EAI_NONAME : 0;
}
