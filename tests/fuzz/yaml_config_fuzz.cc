// Properties: any bytes can be a configuration file; it is a configuration, which can be shown, or
// an error that says where, never an exception. No value of a secret stands in what is shown.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/config/config.h"
#include "proxy/config/settings.h"

namespace {

using namespace albicilla;

void expect(bool holds) {
  if (!holds) std::abort();
}

const char* environment(const char* name) {
  return std::string_view(name) == "SECRET" ? "CANARYsecret" : nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const int kFile = memfd_create("yaml", MFD_CLOEXEC);
  static const std::string kPath = "/proc/self/fd/" + std::to_string(kFile);
  expect(ftruncate(kFile, 0) == 0);
  expect(pwrite(kFile, bytes, size, 0) == static_cast<ssize_t>(size));
  auto layer = yaml_layer(kPath, environment);
  if (!layer) {
    expect(!layer.error().message.empty());
    return 0;
  }
  Json settings = *layer;
  if (settings.at("upstream").text().empty()) settings.set("upstream", "http://x");
  settings.set("api-key", "CANARYkey");
  settings.set("admin-token", "CANARYtoken");
  const auto config = build_config(settings);
  if (!config) {
    expect(!config.error().message.empty());
    return 0;
  }
  const std::string shown = dump_json(shown_config(*config));
  expect(shown.find("CANARYkey") == std::string::npos);
  expect(shown.find("CANARYtoken") == std::string::npos);
  return 0;
}
