// Time as an argument: parts that need it take a Clock&, tests give a FixedClock.
#pragma once

#include <chrono>
#include <string>

namespace albicilla {

using Microseconds = std::chrono::microseconds;
// For what people read (UTC, microseconds). May jump; nothing's order or timeout rests on it.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Microseconds>;
// For durations and timeouts.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

// Implementations are thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall() const override {
    return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

// ISO 8601 UTC with microseconds, as in every line: "2026-01-13T10:00:00.000000+00:00".
std::string iso8601(WallTime time);
// "2026-01-13"
std::string utc_day(WallTime time);

}  // namespace albicilla
