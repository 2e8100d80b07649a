// The one place where Asio's and Beast's own code is compiled (separate compilation of the
// headers).
#include <coroutine>
#include <utility>

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
