#include "tests/support/hostile/bad_requests.h"

#include <array>
#include <cstdio>

namespace albicilla::support {
namespace {

using Rows = std::vector<BadRequest>;

std::string head(const std::string& first_line, const std::string& fields) {
  return first_line + "\r\n" + fields + "\r\n";
}

std::string request(const std::string& method, const std::string& fields,
                    const std::string& body = "") {
  return head(method + " /v1/things HTTP/1.1", "Host: x\r\n" + fields) + body;
}

std::string post(const std::string& fields, const std::string& body = "") {
  return request("POST", fields, body);
}

std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

std::string field(const std::string& line) { return request("GET", line + "\r\n"); }

std::string target(const std::string& text) {
  return head("GET " + text + " HTTP/1.1", "Host: x\r\n");
}

std::string hex(unsigned char byte) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%02x", byte);
  return text.data();
}

// A readable name for bytes that are not.
std::string spelled(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 24)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += "<" + hex(byte) + ">";
    }
  }
  return text;
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += piece;
  return all;
}

}  // namespace

Rows bad_lengths() {
  Rows rows;
  const std::array<std::string, 28> values{"5, 5",
                                           "0, 5",
                                           "5,",
                                           ",5",
                                           "+5",
                                           "-5",
                                           "-0",
                                           "0x5",
                                           "0b1",
                                           "5 5",
                                           "5\t5",
                                           "5;5",
                                           "5.0",
                                           "5e0",
                                           "1_0",
                                           "\"5\"",
                                           "'5'",
                                           "(5)",
                                           "five",
                                           "NaN",
                                           "",
                                           " ",
                                           "\xEF\xBC\x95",
                                           "5\x0C",
                                           "9223372036854775808",
                                           "18446744073709551616",
                                           "18446744073709551621",
                                           "99999999999999999999999999"};
  for (const char* method : {"POST", "GET"}) {
    for (const std::string& value : values) {
      rows.push_back({std::string(method) + " length " + spelled(value),
                      request(method, "Content-Length: " + value + "\r\n", "hello"),
                      {400}});
    }
  }
  for (const char* method : {"POST", "GET", "OPTIONS", "DELETE", "HEAD"}) {
    for (const char* length : {"0", "5"}) {
      const std::string sized = std::string("Content-Length: ") + length + "\r\n";
      const std::string coded = "Transfer-Encoding: chunked\r\n";
      const std::string named = std::string(method) + " " + length;
      rows.push_back(
          {named + " length then coding", request(method, sized + coded, "0\r\n\r\n"), {400}});
      rows.push_back(
          {named + " coding then length", request(method, coded + sized, "0\r\n\r\n"), {400}});
      rows.push_back({named + " length twice", request(method, sized + sized, "hello"), {400}});
      rows.push_back(
          {named + " lengths differ", request(method, sized + "content-length: 6\r\n"), {400}});
    }
  }
  rows.push_back({"length with a space before the colon", post("Content-Length : 5\r\n"), {400}});
  rows.push_back({"length folded", post("Content-Length:\r\n 5\r\n", "hello"), {400}});
  rows.push_back({"length on HTTP/1.0 twice",
                  head("POST / HTTP/1.0", "Content-Length: 5\r\nContent-Length: 5\r\n") + "hello",
                  {400}});
  return rows;
}

Rows bad_codings() {
  Rows rows;
  const std::array<std::string, 26> values{"identity",
                                           "gzip",
                                           "deflate",
                                           "compress",
                                           "br",
                                           "gzip, chunked",
                                           "chunked, gzip",
                                           "identity, chunked",
                                           "chunked, identity",
                                           "chunked, chunked",
                                           "chunked,",
                                           ", chunked",
                                           "xchunked",
                                           "chunkedx",
                                           "chunke",
                                           "chun ked",
                                           "\"chunked\"",
                                           "'chunked'",
                                           "chunked;q=1",
                                           "chunked;",
                                           "\x0B"
                                           "chunked",
                                           "\x0C"
                                           "chunked",
                                           "chunked\x0B",
                                           "chunked\x01",
                                           "",
                                           "cow"};
  for (const std::string& value : values) {
    rows.push_back({"coding " + spelled(value),
                    post("Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n"),
                    {400, 501}});
    rows.push_back({"GET with coding " + spelled(value),
                    request("GET", "Transfer-Encoding: " + value + "\r\n", "0\r\n\r\n"),
                    {400, 501}});
  }
  for (const char* second : {"chunked", "identity", "gzip", ""}) {
    rows.push_back(
        {"two codings, second " + std::string(second),
         post("Transfer-Encoding: chunked\r\ntransfer-encoding: " + std::string(second) + "\r\n",
              "0\r\n\r\n"),
         {400, 501}});
    rows.push_back(
        {"two codings, first " + std::string(second),
         post("Transfer-Encoding: " + std::string(second) + "\r\nTransfer-Encoding: chunked\r\n",
              "0\r\n\r\n"),
         {400, 501}});
  }
  for (const char* line : {"Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked",
                           "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: chunked\r\n gzip",
                           " Transfer-Encoding: chunked"}) {
    rows.push_back({"coding line " + spelled(line),
                    post(std::string(line) + "\r\n", "0\r\n\r\n"),
                    {400, 501}});
  }
  for (const char* method : {"POST", "GET", "PUT"}) {
    rows.push_back(
        {std::string(method) + " HTTP/1.0 with a coding",
         head(std::string(method) + " / HTTP/1.0", "Host: x\r\nTransfer-Encoding: chunked\r\n") +
             "0\r\n\r\n",
         {400, 501}});
  }
  return rows;
}

Rows bad_chunks() {
  Rows rows;
  const std::array<std::string, 22> sizes{"",
                                          "0x1",
                                          "0X1",
                                          "+1",
                                          "-1",
                                          "1_",
                                          "_1",
                                          " 1",
                                          "\t1",
                                          "zz",
                                          "g",
                                          "1g",
                                          "1.0",
                                          "1,1",
                                          "\"1\"",
                                          "10000000000000000",
                                          "fffffffffffffffff",
                                          "100000000000000000001",
                                          ";x=y",
                                          "\x0B"
                                          "1",
                                          "1\x01",
                                          "\xEF\xBC\x91"};
  for (const std::string& size : sizes) {
    rows.push_back({"chunk size " + spelled(size), chunked(size + "\r\na\r\n0\r\n\r\n"), {400}});
    rows.push_back({"second chunk size " + spelled(size),
                    chunked("3\r\nabc\r\n" + size + "\r\na\r\n0\r\n\r\n"),
                    {400}});
  }
  const std::array<std::string, 13> bodies{"1\na\n0\n\n",
                                           "1\na\r\n0\r\n\r\n",
                                           "1\ra\r\n0\r\n\r\n",
                                           "1\r\nab\r\n0\r\n\r\n",
                                           "1\r\na0\r\n\r\n",
                                           "1\r\na\n0\r\n\r\n",
                                           "1\r\na\r0\r\n\r\n",
                                           "1;=\r\na\r\n0\r\n\r\n",
                                           "1\r\na\r\n0\n\n",
                                           "1\r\na\r\n0\r\n\n",
                                           "1\r\na\r\n\r\n0\r\n\r\n",
                                           "3\r\nab\r\n0\r\n\r\n0\r\n\r\n",
                                           "1;x\ny\r\na\r\n0\r\n\r\n"};
  for (const std::string& body : bodies) {
    rows.push_back({"chunks " + spelled(body), chunked(body), {400}});
  }
  rows.push_back({"chunk extension of 5 KB",
                  chunked("1;x=" + std::string(5000, 'y') + "\r\na\r\n0\r\n\r\n"),
                  {400}});
  rows.push_back(
      {"last chunk's extension of 5 KB", chunked("0;x=" + std::string(5000, 'y') + "\r\n"), {400}});
  rows.push_back({"chunk size of 5 KB", chunked(std::string(5000, '0')), {400}});
  rows.push_back({"trailer without a colon", chunked("0\r\nno colon\r\n\r\n"), {400}});
  rows.push_back({"trailer with a length", chunked("0\r\nContent-Length: 5\r\n\r\n"), {400}});
  rows.push_back({"trailer without a name", chunked("0\r\n: b\r\n\r\n"), {400}});
  rows.push_back({"trailer with a bare LF", chunked("0\r\nA: b\n\r\n"), {400}});
  rows.push_back({"trailer without end", chunked("0\r\n" + std::string(70'000, 'x')), {400}});
  return rows;
}

Rows bad_fields() {
  Rows rows;
  const std::array<std::string, 16> lines{
      "nonsense",   ": value",    ":",           "A : c",          "A\t: c",      "A: b\rc",
      "A: b\nC: d", "A: b\r\n c", "A: b\r\n\tc", "A:\r\n b",       "\xC3\xA9: c", "A\xFF: c",
      "A: b\n",     "A: b\r",     "\rA: b",      "A: b\r\n \r\n c"};
  for (const std::string& line : lines) {
    rows.push_back({"field " + spelled(line), field(line), {400}});
  }
  for (const char separator : std::string_view("()<>@,;\\\"/[]?={} \t")) {
    const std::string name = std::string("A") + separator + "B";
    rows.push_back({"field name " + spelled(name), field(name + ": c"), {400}});
  }
  rows.push_back({"first field folded", head("GET / HTTP/1.1", " Host: x\r\n"), {400}});
  rows.push_back({"201 fields", request("GET", repeated("A: b\r\n", 200)), {431}});
  rows.push_back({"a field of 66 KB", field("A: " + std::string(66'000, 'b')), {431}});
  rows.push_back({"a field name of 66 KB", field(std::string(66'000, 'b') + ": a"), {431}});
  rows.push_back({"a field without end",
                  "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(70'000, 'b'),
                  {431}});
  rows.push_back({"199 fields of 400 bytes",
                  request("GET", repeated("A: " + std::string(400, 'b') + "\r\n", 198)),
                  {431}});
  return rows;
}

Rows bad_hosts() {
  Rows rows;
  const std::array<std::string, 18> values{"",    "a b",  "a/b", "/",   "user@x", "@x",
                                           "a,b", "a\\b", "a?b", "a#b", "a;b",    "a\"b",
                                           "<a>", "a|b",  "{a}", "a`b", "a^b",    "x\ty"};
  for (const std::string& value : values) {
    rows.push_back({"host " + spelled(value),
                    head("GET /v1/things HTTP/1.1", "Host: " + value + "\r\n"),
                    {400}});
  }
  rows.push_back({"no host", head("GET /v1/things HTTP/1.1", "A: b\r\n"), {400}});
  rows.push_back({"two hosts", field("Host: y"), {400}});
  rows.push_back({"two equal hosts", field("Host: x"), {400}});
  rows.push_back(
      {"two hosts on HTTP/1.0", head("GET / HTTP/1.0", "Host: x\r\nhost: y\r\n"), {400}});
  return rows;
}

Rows bad_targets() {
  Rows rows;
  const std::array<std::string, 22> targets{"http://evil.example/",
                                            "https://evil.example/",
                                            "HTTP://evil.example/",
                                            "ftp://evil.example/",
                                            "evil.example:443",
                                            "@evil.example/",
                                            ":80/",
                                            "v1/things",
                                            "*",
                                            "?a=b",
                                            "\\v1\\things",
                                            "/a b",
                                            "/a\tb",
                                            "/a#b",
                                            "#",
                                            "/%",
                                            "/%4",
                                            "/%zz",
                                            "/a%4",
                                            "/a%4g?x",
                                            "/a?b=%",
                                            "%2fv1"};
  for (const std::string& text : targets) {
    rows.push_back({"target " + spelled(text), target(text), {400}});
  }
  rows.push_back({"target of 33 KB", target("/" + std::string(33'000, 'a')), {414}});
  rows.push_back({"query of 33 KB", target("/?" + std::string(33'000, 'a')), {414}});
  rows.push_back({"target without end", "GET /" + std::string(70'000, 'a'), {414}});
  return rows;
}

Rows bad_request_lines() {
  Rows rows;
  const std::array<std::string, 24> lines{"GET  HTTP/1.1",
                                          "GET",
                                          "GET /",
                                          " GET / HTTP/1.1",
                                          " / HTTP/1.1",
                                          "GET\t/ HTTP/1.1",
                                          "GET /\tHTTP/1.1",
                                          "GET / HTTP/1.1 ",
                                          "GET / HTTP/1.1 x",
                                          "G{T / HTTP/1.1",
                                          "G,T / HTTP/1.1",
                                          "\xC3\x89 / HTTP/1.1",
                                          "GET / HTTP/0.9",
                                          "GET / HTTP/1.2",
                                          "GET / HTTP/1.11",
                                          "GET / HTTP/11.1",
                                          "GET / HTTP/2.0",
                                          "GET / HTTP/3",
                                          "GET / HTTP/1",
                                          "GET / HTTP/1.",
                                          "GET / HTTP/.1",
                                          "GET / http/1.1",
                                          "GET / HTTPS/1.1",
                                          "GET / ICE/1.0"};
  for (const std::string& line : lines) {
    rows.push_back({"line " + spelled(line), head(line, "Host: x\r\n"), {400, 505}});
  }
  for (const char* method : {"CONNECT", "TRACE"}) {
    for (const char* text : {"/", "/v1/things", "evil.example:443"}) {
      rows.push_back({std::string(method) + " " + text,
                      head(std::string(method) + " " + text + " HTTP/1.1", "Host: x\r\n"),
                      {400, 405}});
    }
  }
  rows.push_back({"HTTP/0.9", "GET /\r\n", {400, 505}});
  rows.push_back({"h2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}});
  rows.push_back(
      {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), {400}});
  rows.push_back({"random bytes", std::string("\x9f\x00\x12\xfe\r\n\r\n", 8), {400}});
  rows.push_back({"bare LF lines", "GET /v1/things HTTP/1.1\nHost: x\n\n", {400, 505}});
  rows.push_back({"bare LF at the end", "GET /v1/things HTTP/1.1\r\nHost: x\r\n\n", {400}});
  rows.push_back({"bare CR lines", "GET /v1/things HTTP/1.1\rHost: x\r\r", {400, 505}});
  return rows;
}

Rows control_characters() {
  Rows rows;
  for (unsigned code = 0; code <= 0x7F; ++code) {
    const char c = static_cast<char>(code);
    if ((code > 0x20 && code != 0x7F) || c == '\t' || c == '\n' || c == '\r' || c == ' ') continue;
    const std::string mark(1, c);
    const std::string named = "<" + hex(static_cast<unsigned char>(code)) + "> in ";
    rows.push_back({named + "a value", field("A: b" + mark + "c"), {400}});
    rows.push_back({named + "a name", field("A" + mark + "B: c"), {400}});
    rows.push_back({named + "the target", target("/a" + mark + "b"), {400}});
    rows.push_back(
        {named + "the method", head("G" + mark + "T / HTTP/1.1", "Host: x\r\n"), {400, 505}});
    rows.push_back({named + "the host", head("GET / HTTP/1.1", "Host: a" + mark + "b\r\n"), {400}});
  }
  return rows;
}

}  // namespace albicilla::support
