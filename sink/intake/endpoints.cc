#include "sink/intake/endpoints.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>

namespace albicilla {

namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";
constexpr std::size_t kMostIpcPath = 107;  // of sockaddr_un

struct HostPort {
  std::string_view host;
  std::uint16_t port = 0;
};

std::optional<HostPort> host_port(std::string_view endpoint) {
  if (!endpoint.starts_with(kTcp)) return std::nullopt;
  endpoint.remove_prefix(kTcp.size());
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  HostPort parsed{endpoint.substr(0, colon), 0};
  const char* end = endpoint.data() + endpoint.size();
  const auto number = std::from_chars(endpoint.data() + colon + 1, end, parsed.port);
  if (number.ec != std::errc{} || number.ptr != end || parsed.port == 0) return std::nullopt;
  return parsed;
}

std::optional<std::string_view> ipc_path(std::string_view endpoint) {
  if (!endpoint.starts_with(kIpc)) return std::nullopt;
  endpoint.remove_prefix(kIpc.size());
  if (endpoint.empty() || endpoint.size() > kMostIpcPath || endpoint.front() == '@' ||
      endpoint.back() == '/') {
    return std::nullopt;
  }
  return endpoint;
}

}  // namespace

Status check_endpoint(std::string_view endpoint) {
  if (host_port(endpoint) || ipc_path(endpoint)) return {};
  return our_error("endpoint must be tcp://host:port or ipc://path with at most " +
                   std::to_string(kMostIpcPath) + " bytes of path, got '" + std::string(endpoint) +
                   "'");
}

Result<std::string> default_ack_endpoint(std::string_view listen) {
  if (const auto tcp = host_port(listen)) {
    if (tcp->port == 65535) return our_error("no port after 65535 for the watermarks: name one");
    return std::string(kTcp) + std::string(tcp->host) + ":" + std::to_string(tcp->port + 1);
  }
  const std::string ack = std::string(listen) + ".ack";
  if (const Status fits = check_endpoint(ack); !fits) return fits.error();
  return ack;
}

bool is_local(std::string_view endpoint) {
  const auto tcp = host_port(endpoint);
  if (!tcp) return endpoint.starts_with(kIpc);
  return tcp->host == "localhost" || tcp->host == "[::1]" || tcp->host.starts_with("127.");
}

Status secure_ipc_directory(FileSystem& files, std::string_view endpoint) {
  const auto path = ipc_path(endpoint);
  if (!path) return {};
  const std::string directory = directory_of(std::string(*path));
  if (const Status made = files.make_directories(directory); !made) return made;
  struct stat facts {};
  if (::stat(directory.c_str(), &facts) != 0) return errno_error("look at " + directory, errno);
  if (facts.st_uid != ::geteuid() || (facts.st_mode & 077) != 0) {
    return our_error(directory +
                     " must belong to us with mode 0700, or others could write records");
  }
  return {};
}

}  // namespace albicilla
