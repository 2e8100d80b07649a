// The viewer's HTTP edge: page, API and live stream on cpp-httplib. Here stand the checks that
// every request must pass (host, origin, token), the limits and the access log; what is answered
// comes from the Api.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "converter/viewer/access.h"
#include "converter/viewer/api.h"
#include "converter/viewer/live_feed.h"

namespace albicilla::viewer {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 9002;                         // 0: any free one
  std::vector<std::string> allowed_hosts;  // names that Host may have besides addresses
};

class ViewServer {
 public:
  ViewServer(ServerOptions options, Access& access, const Api& api, LiveFeed& feed);
  ~ViewServer();

  // Afterwards port() is known and connections wait.
  Status bind();
  int port() const;
  // Until stop(), which any thread may call.
  Status run();
  void stop();

 private:
  class Edge;
  std::unique_ptr<Edge> edge_;
};

}  // namespace albicilla::viewer
