// The addresses of upstreams' names. Kept for half a minute, then asked for again, so that a name
// that moves is followed; many who ask at once share one question; while a name server is away the
// last answer serves on. Belongs to the loop.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "proxy/traffic/loop.h"

namespace albicilla {

using Addresses = std::vector<boost::asio::ip::address>;

class NameBook {
 public:
  NameBook(LoopExecutor executor, const Clock& clock) : executor_(executor), clock_(clock) {}

  // Somebody who waits for an answer; must outlive addresses(). A question that nobody waits for
  // any more is answered all the same: the system's resolver cannot be stopped.
  class Asker {
   public:
    explicit Asker(LoopExecutor executor) : event_(executor) {}
    void cancel() {
      cancelled_ = true;
      event_.notify();
    }

   private:
    friend class NameBook;
    LoopEvent event_;
    bool cancelled_ = false;
  };

  Task<Result<Addresses>> addresses(const std::string& host, Asker& asker);

  // None of the addresses could be reached: the next asker gets fresh ones.
  void doubt(const std::string& host);

 private:
  struct Entry {
    Addresses addresses;
    SteadyTime fresh_until{};
    SteadyTime good_until{};  // when nothing newer can be had
    std::string error;
    bool asking = false;
    std::list<LoopEvent*> waiting;
  };

  Task<void> ask(std::string host, std::shared_ptr<Entry> entry);

  LoopExecutor executor_;
  const Clock& clock_;
  // Hosts come from the configuration, so the map stays small.
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_;
};

}  // namespace albicilla
