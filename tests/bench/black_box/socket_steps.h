// The few socket calls that the benchmark's ends share. They end the process when a call fails that
// cannot fail on a machine that is set up for the measurement (enough descriptors, loopback).
#pragma once

#include <cstdint>
#include <string_view>

namespace albicilla::bench {

[[noreturn]] void give_up(std::string_view what);
std::int64_t now_ns();  // steady
int make_epoll();
void watch(int epoll, int fd, std::uint32_t events, std::uint32_t key);
// Listens on 127.0.0.1 at a free port; gives the port.
int listen_anywhere(std::uint16_t& port);
// Connected (loopback answers at once), non-blocking, without delay.
int connect_to(std::uint16_t port);
// The small writes of a benchmark fit into an empty socket buffer: all or false.
bool write_all(int fd, std::string_view bytes);

}  // namespace albicilla::bench
