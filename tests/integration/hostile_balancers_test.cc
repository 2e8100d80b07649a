// HTTP.md's rows behind HAProxy and nginx as deploy/lb ships them. A balancer has answers of its
// own and may repair a request before it passes it on, so what is promised is what a smuggler would
// have to break: no request reaches the upstream without its answer reaching whoever sent it, and
// nobody else's answer is touched, although both keep connections to the proxy that many clients
// share.
#include <atomic>
#include <fstream>

#include "tests/integration/relay_fixture.h"
#include "tests/support/hostile/bad_requests.h"

namespace albicilla::support {
namespace {

// A balancer's configuration from deploy/lb with other addresses in it.
class ShippedConfig {
 public:
  explicit ShippedConfig(const std::string& name) {
    std::ifstream file(std::string(ALBICILLA_SOURCE_DIR) + "/deploy/lb/" + name);
    text_.assign(std::istreambuf_iterator<char>(file), {});
  }

  // The line or part of one that begins with `begin` up to `end` becomes `now`.
  void replace(const std::string& begin, const std::string& end, const std::string& now) {
    const auto from = text_.find(begin);
    ASSERT_NE(from, std::string::npos) << begin << " does not stand in the configuration";
    text_.replace(from, text_.find(end, from) - from, now);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Answers each request with its own target, so that an answer says whose it is.
class NamingUpstream {
 public:
  NamingUpstream() : upstream_([this](UpstreamPeer& peer) { serve(peer); }) {}
  std::string url() const { return upstream_.url(); }
  std::size_t served() const { return served_; }

 private:
  void serve(UpstreamPeer& peer) {
    while (const auto request = peer.read_request()) {
      ++served_;
      const auto target = request->find(' ') + 1;
      if (!peer.send(simple_answer(request->substr(target, request->find(' ', target) - target)))) {
        return;
      }
    }
  }

  std::atomic<std::size_t> served_{0};
  ScriptedUpstream upstream_;  // last: its threads use the other
};

class HostileBalancers : public testing::Test {
 protected:
  void start(const std::string& program, const std::vector<std::string>& flags,
             const std::string& config) {
    std::ofstream(scratch_.path("config")) << config;
    std::vector<std::string> arguments{program};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.push_back(scratch_.path("config"));
    balancer_ = std::make_unique<ChildProcess>(
        ChildProcess::Command{arguments, {}, scratch_.path(), scratch_.path("output")});
  }
  void start_haproxy();
  void start_nginx();
  void check_all();
  void check(const BadRequest& row);

  NamingUpstream upstream_;
  BareProxy proxy_{upstream_.url()};
  tests::ScratchDirectory scratch_;
  std::uint16_t front_ = free_port();
  std::unique_ptr<ChildProcess> balancer_;
  std::size_t marks_ = 0;
};

void HostileBalancers::start_haproxy() {
  ShippedConfig config("haproxy.cfg");
  config.replace("stats socket", "\n", "");
  config.replace("bind :9000", "\n", "bind 127.0.0.1:" + std::to_string(front_));
  config.replace("server-template", "\n",
                 "server worker 127.0.0.1:" + std::to_string(proxy_.port()) + " check");
  start("/usr/sbin/haproxy", {"-db", "-f"}, config.text());
}

void HostileBalancers::start_nginx() {
  ShippedConfig config("nginx.conf");
  config.replace("listen 9000", ";", "listen 127.0.0.1:" + std::to_string(front_));
  config.replace("server 127.0.0.1:9001", ";", "server 127.0.0.1:" + std::to_string(proxy_.port()));
  config.replace("server 127.0.0.1:9002", "\n", "");
  const std::string& here = scratch_.path();
  std::string whole = "daemon off; pid " + here + "/pid; error_log " + here +
                      "/errors;\nevents {}\nhttp {\naccess_log off;\n";
  for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    whole.append(kind).append("_temp_path ").append(here).append("/").append(kind).append(";\n");
  }
  start("/usr/sbin/nginx", {"-c"}, whole + config.text() + "}\n");
}

void HostileBalancers::check(const BadRequest& row) {
  const std::size_t before = upstream_.served();
  WireClient client(front_);
  client.send(row.bytes);
  const Reply reply = client.receive(false, std::chrono::milliseconds(3000));
  client.send("GET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string answers = reply.raw;
  for (std::string more; !(more = client.take_some(std::chrono::milliseconds(3000))).empty();) {
    answers += more;
  }
  std::size_t good = 0;
  for (auto at = answers.find("HTTP/1.1 200"); at != std::string::npos;
       at = answers.find("HTTP/1.1 200", at + 1)) {
    ++good;
  }
  EXPECT_LE(upstream_.served() - before, good) << answers;
  // More than one of them, so that every kept connection behind the balancer is tried.
  for (int each = 0; each < 2; ++each) {
    const std::string mark = "/v1/honest/" + std::to_string(++marks_);
    EXPECT_EQ(ask(front_, {.target = mark}).body, mark);
  }
}

void HostileBalancers::check_all() {
  ASSERT_TRUE(proxy_.ready());
  const pid_t worker = proxy_.worker();
  ASSERT_TRUE(eventually([this] {
    return ask(front_, {.target = "/v1/up", .fields = {{"Connection", "close"}}}).status == 200;
  })) << tests::bytes_of_file(scratch_.path("output"));
  for (const auto& rows : {bad_lengths(), bad_codings(), bad_chunks(), bad_fields(), bad_hosts(),
                           bad_targets(), bad_request_lines(), control_characters()}) {
    for (const BadRequest& row : rows) {
      SCOPED_TRACE(row.name);
      check(row);
    }
  }
  EXPECT_EQ(proxy_.worker(), worker) << "the worker has died";
  EXPECT_TRUE(balancer_->running());
}

TEST_F(HostileBalancers, HAProxyAndAWorkerAgreeWhereEveryRequestEnds) {
  start_haproxy();
  check_all();
}

TEST_F(HostileBalancers, NginxAndAWorkerAgreeWhereEveryRequestEnds) {
  start_nginx();
  check_all();
}

}  // namespace
}  // namespace albicilla::support
