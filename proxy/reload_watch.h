// Sees when the configuration file or the program itself changes on the disk (--reload).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace albicilla {

class ReloadWatch {
 public:
  // Files as they are now; those that are missing count as changed once they appear.
  explicit ReloadWatch(std::vector<std::string> files);

  // True when one has changed since the last call or the start. A file that is being written, or is
  // gone for a moment, is waited for.
  bool changed();

 private:
  struct Seen {
    std::int64_t modified = 0;  // nanoseconds
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    bool operator==(const Seen&) const = default;
  };
  static Seen look(const std::string& file);

  std::vector<std::string> files_;
  std::vector<Seen> known_;
  std::vector<Seen> last_;  // of the call before: equal twice means that nobody writes any more
};

}  // namespace albicilla
