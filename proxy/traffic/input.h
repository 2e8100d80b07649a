// What a peer sends, buffered: bytes that have come and were not consumed yet, and one read that
// may stay under way while the loop does something else. That pending read is how a client that
// leaves is noticed while its answer is still being waited for, and costs no system call of its
// own: the next request arrives through it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "proxy/traffic/late_reads.h"
#include "proxy/traffic/loop.h"
#include "proxy/traffic/net_stream.h"

namespace albicilla {

// The stream must outlive it, and settled() must have been awaited before either goes.
class Input {
 public:
  // `most`: how much is held at a time; reading pauses when that is full.
  Input(NetStream& stream, LoopExecutor executor, std::size_t first, std::size_t most);
  ~Input() { forget_late(); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  std::string_view bytes() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);

  // The peer will send no more. `error()` tells an orderly end (none) from a broken one.
  bool ended() const { return ended_; }
  NetError error() const { return error_; }

  // Waits for more bytes than there were; false when the peer has ended or the buffer is full.
  Task<bool> more();

  // Calls `taker` from the loop for what comes while more() is waited for. When it returns true, it
  // has dealt with all that and more() goes on waiting: the hot path of a stream resumes no
  // coroutine. The read behind that one begins by `late`.
  void take_at_once(std::function<bool()> taker, LateReads& late);
  void take_no_more() { taker_ = nullptr; }

  // Lets whoever waits in more() go on without new bytes; the read stays under way.
  void nudge();

  // Keeps one read under way. `on_end` is called from the loop when the peer ends meanwhile.
  void watch(std::function<void()> on_end);
  void unwatch() { on_end_ = nullptr; }

  // Waits until no read is under way; the stream has been closed or cancelled before.
  Task<void> settled();

  // For LateReads.
  void begin_late();

  // Gives the buffer back while a connection idles, unless bytes or a read are in it.
  void shrink();

 private:
  bool make_room();
  bool start();
  void take(NetError error, std::size_t count);
  void resume();
  void forget_late();

  NetStream& stream_;
  LoopEvent arrived_;
  std::function<void()> on_end_;
  std::function<bool()> taker_;
  LateReads* late_ = nullptr;
  std::unique_ptr<char[]> buffer_;
  std::size_t first_;
  std::size_t most_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool reading_ = false;
  bool waiting_ = false;
  bool is_late_ = false;  // the next read begins by `late_`; until then these cancels count for it:
  std::uint32_t cancels_ = 0;
  bool ended_ = false;
  NetError error_;
};

}  // namespace albicilla
