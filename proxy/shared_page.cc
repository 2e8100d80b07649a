#include "proxy/shared_page.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace albicilla {
namespace {

constexpr std::size_t kRates = 65536;
constexpr std::size_t kRateBytes = kRates * sizeof(RateSlot);

std::size_t page_bytes() { return kRateBytes + TokenTable::bytes(); }

void* tokens_in(void* memory) { return static_cast<char*>(memory) + kRateBytes; }

}  // namespace

Result<int> SharedPage::make() {
  const int fd = ::memfd_create("albicilla-shared", MFD_CLOEXEC);
  if (fd < 0) return errno_error("shared page", errno);
  if (::ftruncate(fd, static_cast<off_t>(page_bytes())) != 0) {
    const int why = errno;
    ::close(fd);
    return errno_error("shared page", why);
  }
  const auto page = map(fd);
  if (!page) return page.error();
  TokenTable::create(tokens_in(page->memory_.get()));
  return fd;
}

Result<SharedPage> SharedPage::map(int fd) {
  const std::size_t bytes = page_bytes();
  void* place = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (place == MAP_FAILED) return errno_error("shared page", errno);
  return SharedPage(
      std::shared_ptr<void>(place, [bytes](void* memory) { ::munmap(memory, bytes); }));
}

std::span<RateSlot> SharedPage::rates() const {
  return {static_cast<RateSlot*>(memory_.get()), kRates};
}

TokenTable SharedPage::tokens() const { return TokenTable(tokens_in(memory_.get())); }

}  // namespace albicilla
