#include "tests/support/network_space.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "tests/support/pipeline/eventually.h"

namespace albicilla::support {
namespace {

constexpr const char* kIp = "/sbin/ip";
constexpr const char* kFilter = "/sbin/iptables";

// Of a private range, four addresses for each space.
std::string address_in(unsigned space, unsigned last) {
  return "10.213." + std::to_string((space >> 6) & 255) + "." +
         std::to_string((space & 63) * 4 + last);
}

// Unlike that of other spaces, also of other processes, as far as addresses go.
unsigned new_space() {
  static std::atomic<unsigned> spaces{0};
  return static_cast<unsigned>(getpid()) * 7 + spaces++;
}

}  // namespace

NetworkSpace::NetworkSpace() {
  const unsigned space = new_space();
  outside_ = address_in(space, 1);
  inside_ = address_in(space, 2);
  wire_ = "alb" + std::to_string(space);
  made_ = make();
}

bool NetworkSpace::make() {
  if (geteuid() != 0 || !std::filesystem::exists(kIp) || !std::filesystem::exists(kFilter)) {
    return false;
  }
  ChildProcess::Command command;
  command.arguments = {"/usr/bin/unshare", "--net", "/bin/sleep", "infinity"};
  command.output = scratch_.path("output");
  holder_ = std::make_unique<ChildProcess>(command);
  const std::string pid = std::to_string(holder_->pid());
  std::error_code ignored;
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/net", ignored);
  const bool apart = eventually([&] {
    const auto its = std::filesystem::read_symlink("/proc/" + pid + "/ns/net", ignored);
    return !holder_->running() || (!its.empty() && its != ours);
  });
  if (!apart || !holder_->running()) return false;
  std::vector<std::string> inside = enter();
  const auto within = [&](std::vector<std::string> words) {
    std::vector<std::string> all = inside;
    all.insert(all.end(), words.begin(), words.end());
    return run(all);
  };
  return run({kIp, "link", "add", wire_ + "o", "type", "veth", "peer", "name", wire_ + "i", "netns",
              pid}) &&
         run({kIp, "address", "add", outside_ + "/30", "dev", wire_ + "o"}) &&
         run({kIp, "link", "set", wire_ + "o", "up"}) &&
         within({kIp, "address", "add", inside_ + "/30", "dev", wire_ + "i"}) &&
         within({kIp, "link", "set", wire_ + "i", "up"}) &&
         within({kIp, "link", "set", "lo", "up"}) && within({kFilter, "-L", "-n"});
}

std::vector<std::string> NetworkSpace::enter() const {
  return {"/usr/bin/nsenter", "--target", std::to_string(holder_->pid()), "--net", "--"};
}

bool NetworkSpace::run(std::vector<std::string> command) const {
  ChildProcess::Command child;
  child.arguments = std::move(command);
  child.output = scratch_.path("output");
  return ChildProcess(child).wait(kPatience) == 0;
}

bool NetworkSpace::filter(const std::string& chain, const std::string& side, std::uint16_t port,
                          bool resets) {
  std::vector<std::string> command = enter();
  for (const std::string& word :
       {std::string(kFilter), std::string("-w"), std::string("-A"), chain, std::string("-p"),
        std::string("tcp"), side, std::to_string(port), std::string("-j")}) {
    command.push_back(word);
  }
  if (resets) {
    command.insert(command.end(), {"REJECT", "--reject-with", "tcp-reset"});
  } else {
    command.emplace_back("DROP");
  }
  return run(command);
}

void NetworkSpace::set(Cut cut, std::uint16_t port) {
  const bool resets = cut == Cut::reset;
  if (cut == Cut::none) {
    std::vector<std::string> command = enter();
    command.insert(command.end(), {kFilter, "-w", "-F"});
    run(command);
  }
  if (resets || cut == Cut::swallow_forward || cut == Cut::swallow_both) {
    filter("INPUT", "--dport", port, resets);
  }
  if (resets || cut == Cut::swallow_back || cut == Cut::swallow_both) {
    filter("OUTPUT", "--sport", port, resets);
  }
}

}  // namespace albicilla::support
