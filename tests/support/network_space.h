// A network namespace of its own, joined to ours by a pair of virtual wires, in which packets can
// be dropped or answered with a reset: what a firewall or a pulled cable does to real connections.
// Needs root, ip and iptables. Gone with the object, or with the process.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/fault_proxy.h"
#include "tests/support/pipeline/child_process.h"
#include "tests/support/scratch_directory.h"

namespace albicilla::support {

class NetworkSpace {
 public:
  using Cut = FaultProxy::Cut;

  NetworkSpace();

  // False where this machine lets us make none.
  bool made() const { return made_; }
  // Of what listens inside, as seen from outside.
  const std::string& address() const { return inside_; }
  // The command that runs a program inside, under the process id of the command itself.
  std::vector<std::string> enter() const;
  // What happens to packets of connections that clients outside make to this port inside.
  void set(Cut cut, std::uint16_t port);

 private:
  bool make();
  bool run(std::vector<std::string> command) const;
  bool filter(const std::string& chain, const std::string& side, std::uint16_t port, bool resets);

  tests::ScratchDirectory scratch_;
  std::unique_ptr<ChildProcess> holder_;  // the namespace lives as long as somebody is in it
  std::string outside_;
  std::string inside_;
  std::string wire_;
  bool made_ = false;
};

}  // namespace albicilla::support
