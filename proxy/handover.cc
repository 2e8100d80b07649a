#include "proxy/handover.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace albicilla {
namespace {

constexpr int kSettingsFd = 3;
constexpr int kListeningFd = 4;
constexpr int kCountersFd = 5;
constexpr int kSharedFd = 6;

std::string read_from_start(int fd) {
  std::string bytes;
  std::array<char, 4096> block{};
  // By offset: the file position is shared with workers that read it before us.
  off_t place = 0;
  for (ssize_t got = 0; (got = ::pread(fd, block.data(), block.size(), place)) > 0; place += got) {
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

}  // namespace

Result<Handover> Handover::make(const Json& settings, const ControlEndpoint& control,
                                std::uint32_t first_slot) {
  const Json all = Json::object({{"settings", settings},
                                 {"control_port", control.port},
                                 {"control_token", control.token},
                                 {"first_slot", first_slot}});
  const std::string text = dump_json(all);
  Fd fd(::memfd_create("albicilla-settings", MFD_CLOEXEC));
  if (fd.get() < 0) return errno_error("settings for workers", errno);
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return errno_error("settings for workers", errno);
  }
  return Handover(std::move(fd));
}

Result<Inheritance> take_inheritance() {
  const std::string text = read_from_start(kSettingsFd);
  ::close(kSettingsFd);
  for (const int fd : {kListeningFd, kCountersFd, kSharedFd}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  const auto all = parse_json(text);
  if (!all) return our_error("inherited settings: " + all.error().message);
  auto counters = Counters::map(kCountersFd);
  if (!counters) return counters.error();
  auto shared = SharedPage::map(kSharedFd);
  if (!shared) return shared.error();
  Inheritance inheritance{all->at("settings"), {}, kListeningFd, *std::move(counters),
                          *std::move(shared),  0};
  inheritance.first_slot = static_cast<std::uint32_t>(all->at("first_slot").integer().value_or(0));
  inheritance.control.port =
      static_cast<std::uint16_t>(all->at("control_port").integer().value_or(0));
  inheritance.control.token = all->at("control_token").text();
  return inheritance;
}

}  // namespace albicilla
