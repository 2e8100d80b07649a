// A client that sends exactly the bytes it is told and reports exactly the bytes it got: blocking,
// one connection, every wait bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/http_framing.h"

namespace albicilla::support {

struct Reply {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  // in their order
  std::string body;                                         // without its framing
  bool complete = false;                                    // framing whole
  bool closed = false;                                      // the peer closed
  std::string raw;                                          // every byte

  // The first field of that name, empty when there is none.
  std::string field(std::string_view name) const;
};

class WireClient {
 public:
  explicit WireClient(std::uint16_t port);
  explicit WireClient(const std::filesystem::path& socket);
  ~WireClient();
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool send(std::string_view bytes);
  // Reads until `text` stands in what was received since the last reply, or the bound or the peer
  // ends it. Returns all that was received since then.
  std::string read_until(std::string_view text, std::chrono::milliseconds bound);
  // Whatever has come since the last call, at least one byte; empty at the bound or the end.
  std::string take_some(std::chrono::milliseconds bound);
  // Reads and forgets at least that many bytes; how many there were before the bound or the end.
  std::size_t discard(std::size_t bytes, std::chrono::milliseconds bound);
  // One whole answer; `head_only` for HEAD.
  Reply receive(bool head_only = false,
                std::chrono::milliseconds bound = std::chrono::milliseconds(20'000));
  // Closes our sending side only.
  void finish_sending();
  void close();
  // With RST instead of FIN.
  void reset();

 private:
  enum class Read { more, end, late };
  Read read(std::chrono::steady_clock::time_point until);

  int fd_;
  std::string received_;
};

struct Ask {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};  // with Content-Length when not empty or not GET
};

std::string to_bytes(const Ask& ask);
// Over a connection of its own.
Reply ask(std::uint16_t port, const Ask& what);

}  // namespace albicilla::support
