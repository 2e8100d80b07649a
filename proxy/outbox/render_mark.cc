#include "proxy/outbox/render_mark.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <span>

#include "common/base/log.h"
#include "common/io/file.h"

namespace albicilla {

namespace {

constexpr std::size_t kPageBytes = 4096;

}  // namespace

// Seq 0 is nobody's. Little matters less than that a page of another version is read: at the worst
// somebody is suspected who does not exist.
struct RenderMark::Record {
  std::array<std::uint8_t, 16> producer;
  std::uint64_t seq;
  std::uint64_t deaths;

  bool is(const ProducerId& who, Seq number) const {
    return seq == number.value && producer == who.bytes;
  }
};

RenderMark::RenderMark(const Slot& slot) {
  constexpr std::size_t kRecords = kPageBytes / sizeof(Record);
  const std::string path = slot.directory + "/rendering";
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  // Room first: a page without any would kill whoever writes to it.
  const int why = file.get() < 0 ? errno : ::posix_fallocate(file.get(), 0, kPageBytes);
  void* const place =
      why != 0 ? MAP_FAILED
               : ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (place == MAP_FAILED) {
    log_warning("a record that kills workers would not be told",
                {{"cause", errno_error("map " + path, why != 0 ? why : errno).message}});
    return;
  }
  page_ = static_cast<Record*>(place);
  const std::span known(page_ + 1, kRecords - 1);
  suspects_ = page_->seq != 0 || std::any_of(known.begin(), known.end(), [](const Record& record) {
                return record.deaths > 0;
              });
  if (page_->seq == 0) return;
  const ProducerId producer{page_->producer};
  const Seq seq{page_->seq};
  auto found = std::find_if(known.begin(), known.end(),
                            [&](const Record& record) { return record.is(producer, seq); });
  if (found == known.end()) {
    found = std::min_element(known.begin(), known.end(),
                             [](const Record& a, const Record& b) { return a.deaths < b.deaths; });
    *found = {page_->producer, page_->seq, 0};
  }
  ++found->deaths;
  page_->seq = 0;
  log_warning(
      "a worker died while it rendered a record",
      {{"producer", hex_text(producer.bytes)}, {"seq", seq.value}, {"deaths", found->deaths}});
}

RenderMark::~RenderMark() {
  if (page_ != nullptr) ::munmap(page_, kPageBytes);
}

std::uint64_t RenderMark::deaths(const ProducerId& producer, Seq seq) const {
  if (!suspects_) return 0;
  const std::span known(page_ + 1, kPageBytes / sizeof(Record) - 1);
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const Record& record) { return record.is(producer, seq); });
  return found == known.end() ? 0 : found->deaths;
}

void RenderMark::begin(const ProducerId& producer, Seq seq) {
  if (page_ == nullptr) return;
  page_->producer = producer.bytes;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  page_->seq = seq.value;
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

void RenderMark::end() {
  if (page_ == nullptr) return;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  page_->seq = 0;
}

}  // namespace albicilla
