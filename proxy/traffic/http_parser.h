// Beast's incremental HTTP/1 parser filling our own values: fields in the order and spelling in
// which they came, body bytes as views into the caller's buffer. Beast decides what is HTTP; what
// is HTTP and still not wanted is framing_policy's business.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>

#include "common/http/message.h"
#include "proxy/traffic/loop.h"

namespace albicilla {

struct HeadLimits {
  std::uint32_t head_bytes = 64U << 10;
  std::uint32_t target_bytes = 32U << 10;
  std::uint32_t fields = 200;
};

// What the parser or our limits object to. `none` is not an objection.
enum class HeadFault {
  none,
  syntax,           // not HTTP
  version,          // HTTP, but not 1.0 or 1.1
  head_too_large,   // 431
  target_too_long,  // 414
};

// A run of body bytes from one read. Chunk borders are kept, so that they can be written out again.
struct BodySlice {
  std::string_view bytes;
  std::uint64_t begins_chunk = 0;  // size of the chunk that starts here; 0 inside one and unchunked
  bool ends_chunk = false;
};

// One message. feed() may be called until done(); views into the fed bytes stay valid as long as
// those do.
template <bool is_request>
class HttpParser final : private boost::beast::http::basic_parser<is_request> {
  using Base = boost::beast::http::basic_parser<is_request>;

 public:
  using Head = std::conditional_t<is_request, RequestHead, ResponseHead>;

  explicit HttpParser(const HeadLimits& limits);

  // An answer to HEAD has no body, whatever its fields say. Before the first feed().
  void expect_no_body() { Base::skip(true); }

  // Returns how many bytes were taken; the rest must be fed again together with more. slices() are
  // those of this call. After fault() != none nothing more may be fed.
  std::size_t feed(std::string_view bytes);
  // The peer has closed: completes a message that ends so, else it is a fault.
  void feed_end();

  bool head_done() const { return Base::is_header_done(); }
  bool done() const { return Base::is_done(); }
  bool started() const { return Base::got_some(); }
  HeadFault fault() const { return fault_; }

  Head& head() { return head_; }
  const std::vector<BodySlice>& slices() const { return slices_; }
  const Headers& trailers() const { return trailers_; }

  // Of a finished head:
  bool chunked() const { return Base::chunked(); }
  bool ends_with_connection() const { return Base::need_eof(); }
  bool keep_alive() const { return Base::keep_alive(); }
  bool folded() const { return folded_; }
  std::uint64_t content_length() const {
    return Base::content_length() ? *Base::content_length() : 0;
  }

 private:
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version,
                       NetError& error) override;
  void on_response_impl(int code, Text reason, int version, NetError& error) override;
  void on_field_impl(boost::beast::http::field field, Text name, Text value,
                     NetError& error) override;
  void on_header_impl(NetError&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, NetError&) override {}
  std::size_t on_body_impl(Text body, NetError&) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, NetError& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, NetError&) override;
  void on_finish_impl(NetError&) override {}

  void take_error(const NetError& error, std::string_view unread);

  HeadLimits limits_;
  Head head_;
  Headers trailers_;
  std::vector<BodySlice> slices_;
  std::string_view feeding_;
  std::size_t head_taken_ = 0;
  std::uint64_t chunk_size_ = 0;  // of a chunk whose first byte has not come yet
  HeadFault fault_ = HeadFault::none;
  HeadFault objection_ = HeadFault::none;
  bool after_chunk_ = false;  // the line end of a chunk's bytes is still to come
  bool first_line_done_ = false;
  bool folded_ = false;
};

extern template class HttpParser<true>;
extern template class HttpParser<false>;
using RequestParser = HttpParser<true>;
using ResponseParser = HttpParser<false>;

}  // namespace albicilla
