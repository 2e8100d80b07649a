// What the data plane may say to the outbox: three facts per exchange and one wait. All calls are
// made on the worker's event loop; none of them touches a file.
#pragma once

#include <coroutine>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "common/base/result.h"
#include "common/record/record.h"

namespace albicilla {

// Every coroutine and socket of a worker is typed on the loop's own executor, not the type-erased
// one.
using LoopExecutor = boost::asio::io_context::executor_type;
template <class T>
using Task = boost::asio::awaitable<T, LoopExecutor>;

// Counts what has been said; grows by each call. `written(p)` waits for everything up to p.
using SpoolPosition = std::uint64_t;

class ExchangeLog {
 public:
  virtual ~ExchangeLog() = default;

  // False when new exchanges must be refused (503): spool full or a disk that does not answer.
  virtual bool accepting() const = 0;

  // Order: opened, parts (and answered), closed; closed exactly once for each opened. The bytes are
  // copied; a part holds at most kMostPartBytes.
  virtual SpoolPosition opened(const OpenedFacts& facts) = 0;
  virtual SpoolPosition part(const PartFacts& facts, std::string_view bytes) = 0;
  // For answers that last (event streams), once their head is known: should the worker die, the
  // record then has status and headers too. Nobody need wait for it.
  virtual SpoolPosition answered(const AnsweredFacts& facts) = 0;
  // The outbox gives the Seq; facts.seq is ignored.
  virtual SpoolPosition closed(const ClosedFacts& facts) = 0;

  // Counts an exchange that goes on without a record while nothing is accepted (--on-full pass).
  // Nothing of it may go upstream before this returns; after an error it must be refused.
  virtual Task<Status> unlogged() = 0;

  // Returns when all up to `position` is as durable as the configuration asks (written, synced, or
  // acknowledged by the sink). An error means that it never will be: break the exchange off.
  virtual Task<Status> written(SpoolPosition position) = 0;
  virtual bool is_written(SpoolPosition position) const = 0;

  // Nobody waits for these bytes, but they should go soon (at most 10 ms): plain stream parts are
  // written in groups without holding the relay back. When more than the limit waits (64 MiB),
  // `congested` is true and the relay pauses its reads from upstreams in uncongested().
  virtual bool congested() const = 0;
  virtual Task<void> uncongested() = 0;

  // What was said some milliseconds ago is not in the file yet. Whoever has more of an answer for a
  // client then waits in caught_up(), which may have to be repeated: so a worker that is killed has
  // kept all that its clients had, but for the last 10 ms, however late disk or processor are. A
  // disk that stalls holds running streams back for a second, and no more until it has caught up.
  virtual bool late() const = 0;
  virtual Task<void> caught_up() = 0;
};

}  // namespace albicilla
