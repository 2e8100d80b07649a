#include "converter/reading/read_ahead.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace albicilla {

namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kPieces = 4;

class ReadAhead final : public ByteSource {
 public:
  explicit ReadAhead(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
    for (Piece& piece : pieces_) piece.bytes.resize(kPiece);
    thread_ = std::thread([this] { fill(); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  Result<std::size_t> read(std::span<char> into) override {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return taken_ < filled_; });
    }
    Piece& piece = pieces_[taken_ % kPieces];
    if (piece.error) return *piece.error;  // stays: nothing comes behind an error or the end
    if (piece.size == 0) return std::size_t{0};
    const std::size_t size = std::min(into.size(), piece.size - at_);
    std::memcpy(into.data(), piece.bytes.data() + at_, size);
    at_ += size;
    if (at_ == piece.size) {
      at_ = 0;
      {
        const std::lock_guard lock(mutex_);
        ++taken_;
      }
      changed_.notify_all();
    }
    return size;
  }

 private:
  struct Piece {
    std::vector<char> bytes;
    std::size_t size = 0;  // 0: the end
    std::optional<Error> error;
  };

  void fill() {
    for (bool goes_on = true; goes_on;) {
      std::size_t number = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || filled_ < taken_ + kPieces; });
        if (stopped_) return;
        number = filled_;
      }
      Piece& piece = pieces_[number % kPieces];
      auto got = source_->read(piece.bytes);
      piece.size = got ? *got : 0;
      if (!got) piece.error = got.error();
      goes_on = piece.size > 0;
      {
        const std::lock_guard lock(mutex_);
        ++filled_;
      }
      changed_.notify_all();
    }
  }

  std::unique_ptr<ByteSource> source_;
  std::array<Piece, kPieces> pieces_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t filled_ = 0;  // pieces that were read
  std::size_t taken_ = 0;   // pieces that were given out
  std::size_t at_ = 0;      // in the piece that is being given out
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
  return std::make_unique<ReadAhead>(std::move(source));
}

bool has_spare_processor() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

}  // namespace albicilla
