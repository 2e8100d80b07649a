// An ExchangeLog that counts and forgets: for requests to our own endpoints, which are not traffic,
// and for benches of the bare relay. Never for traffic that somebody expects to find in the log.
#pragma once

#include <cstdint>

#include "proxy/outbox/exchange_log.h"

namespace albicilla {

class DiscardLog final : public ExchangeLog {
 public:
  bool accepting() const override { return true; }
  SpoolPosition opened(const OpenedFacts&) override { return ++said_; }
  SpoolPosition part(const PartFacts&, std::string_view) override { return ++said_; }
  SpoolPosition answered(const AnsweredFacts&) override { return ++said_; }
  SpoolPosition closed(const ClosedFacts&) override { return ++said_; }
  Task<Status> unlogged() override { co_return Status(); }
  Task<Status> written(SpoolPosition) override { co_return Status(); }
  bool is_written(SpoolPosition) const override { return true; }
  bool congested() const override { return false; }
  Task<void> uncongested() override { co_return; }
  bool late() const override { return false; }
  Task<void> caught_up() override { co_return; }

  std::uint64_t said() const { return said_; }

 private:
  SpoolPosition said_ = 0;
};

}  // namespace albicilla
