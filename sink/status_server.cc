#include "sink/status_server.h"

#include <httplib.h>

#include <charconv>
#include <string_view>
#include <thread>

namespace albicilla {

namespace {

void append_metric(std::string& out, std::string_view name, std::string_view kind,
                   std::string_view help, const std::string& value) {
  out.append("# HELP albicilla_sink_").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE albicilla_sink_").append(name).append(" ").append(kind).append("\n");
  out.append("albicilla_sink_").append(name).append(" ").append(value).append("\n");
}

std::string seconds_text(std::uint64_t microseconds) {
  return std::to_string(static_cast<double>(microseconds) / 1e6);
}

class HttplibStatusServer final : public StatusServer {
 public:
  HttplibStatusServer(const SinkCounters& counters, const std::function<void()>& look) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(2); };  // httplib owns it
    // Its default, SO_REUSEPORT, lets two sinks share a port without a word.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_keep_alive_max_count(1);
    server_.set_read_timeout(5);
    server_.set_payload_max_length(4096);
    server_.Get("/healthz", [&counters](const httplib::Request&, httplib::Response& response) {
      response.set_content(render_health(counters), "application/json");
    });
    server_.Get("/metrics", [&counters, look](const httplib::Request&,
                                              httplib::Response& response) {
      look();
      response.set_content(render_metrics(counters), "text/plain; version=0.0.4; charset=utf-8");
    });
  }
  HttplibStatusServer(const HttplibStatusServer&) = delete;
  HttplibStatusServer& operator=(const HttplibStatusServer&) = delete;
  ~HttplibStatusServer() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  bool listen(const std::string& host, int port) {
    port_ = port == 0 ? server_.bind_to_any_port(host) : port;
    if (port_ < 0 || (port != 0 && !server_.bind_to_port(host, port))) return false;
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() would do nothing to a server that does not run yet.
    while (!server_.is_running()) std::this_thread::yield();
    return true;
  }

  int port() const override { return port_; }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace

std::string render_metrics(const SinkCounters& c) {
  struct Row {
    std::string_view name;
    std::string_view help;
    const Counter& value;
  };
  const Row totals[] = {
      {"records_total", "Records accepted", c.records},
      {"record_bytes_total", "Bytes of accepted records as rendered", c.record_bytes},
      {"duplicates_total", "Records dropped because they were accepted before", c.duplicates},
      {"quarantined_total", "Records whose seq was taken by another exchange", c.quarantined},
      {"ahead_total", "Records dropped because one before them was missing", c.ahead},
      {"unusable_total", "Records accepted whose bytes are not JSON", c.unusable},
      {"gaps_total", "Gaps: stretches of records lost for good", c.gaps},
      {"missing_records_total", "Records in those gaps", c.missing},
      {"bad_messages_total", "Messages with a bad header, size or checksum", c.bad_messages},
      {"foreign_messages_total", "Messages meant for another sink", c.foreign},
      {"refused_records_total", "Records dropped while there was no room", c.refused},
      {"torn_files_total", "Log files with bytes that the commit log did not know", c.torn_files},
      {"shrunk_files_total", "Log files that somebody cut", c.shrunk_files},
      {"commit_groups_total", "Groups synced to the commit log", c.groups},
      {"commit_bytes_total", "Bytes synced to the commit log", c.group_bytes},
      {"checkpoints_total", "Checkpoints written for a restart", c.checkpoints},
      {"signed_checkpoints_total", "Checkpoints signed in manifests", c.signed_checkpoints},
      {"packed_files_total", "Sealed log files packed", c.packed_files},
      {"uploaded_bytes_total", "Bytes that stores have confirmed", c.uploaded_bytes},
      {"uploaded_files_total", "Files that stores have confirmed", c.uploaded_files},
      {"upload_failures_total", "Uploads that failed and are repeated", c.upload_failures},
      {"upload_conflicts_total", "Uploads given up, other bytes are there", c.upload_conflicts},
      {"erased_lines_total", "Lines erased on request", c.erased_lines},
      {"removed_folders_total", "Days let go by retention, each a folder", c.removed_days},
      {"usurped_messages_total", "Messages for a producer of another worker", c.usurped},
      {"refused_peers_total", "Connections without an allowed key", c.refused_peers},
      {"sessions_created_total", "Sessions begun by history", c.sessions_created},
      {"sessions_expired_total", "Sessions by history that ended", c.sessions_expired},
      {"session_hits_total", "Exchanges whose history was known", c.session_hits},
      {"session_misses_total", "Exchanges whose history nobody knew", c.session_misses},
      {"session_fuzzy_matches_total", "Exchanges found by likeness", c.session_fuzzy},
  };
  const Row levels[] = {
      {"sessions", "Sessions by history that may go on", c.sessions_active},
      {"producers", "Producers known", c.producers},
      {"log_files", "Log files that may still grow", c.files},
      {"open_files", "Log files open", c.open_files},
      {"uploads_waiting", "Files that a store has not confirmed", c.uploads_waiting},
      {"stores_refusing", "Stores that refuse our key, bucket or certificate", c.stores_refusing},
      {"erasures_waiting", "Requests to erase that are not done", c.erasures_waiting},
  };
  std::string out;
  for (const Row& row : totals) {
    append_metric(out, row.name, "counter", row.help, std::to_string(row.value.load()));
  }
  append_metric(out, "commit_sync_seconds_total", "counter", "Time spent in fdatasync",
                seconds_text(c.sync_microseconds));
  append_metric(out, "checkpoint_seconds_total", "counter", "Time spent on checkpoints",
                seconds_text(c.checkpoint_microseconds));
  for (const Row& row : levels) {
    append_metric(out, row.name, "gauge", row.help, std::to_string(row.value.load()));
  }
  append_metric(out, "disk_free_ratio", "gauge", "Free bytes of the fuller of log and commit log",
                std::to_string(c.free_bytes.load()));
  append_metric(out, "inodes_free_ratio", "gauge", "Free inodes of the same",
                std::to_string(c.free_inodes.load()));
  append_metric(out, "accepting", "gauge", "1 while records are accepted", c.accepting ? "1" : "0");
  return out;
}

std::string render_health(const SinkCounters& counters) {
  const auto word = [](bool value) { return value ? "true" : "false"; };
  return std::string("{\"ok\":true,\"started\":") + word(counters.started) +
         ",\"accepting\":" + word(counters.accepting) + "}\n";
}

Result<std::unique_ptr<StatusServer>> StatusServer::start(const std::string& address,
                                                          const SinkCounters& counters,
                                                          const std::function<void()>& look) {
  const std::size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const char* end = address.data() + address.size();
    const auto parsed = std::from_chars(address.data() + colon + 1, end, port);
    if (parsed.ec != std::errc{} || parsed.ptr != end) port = -1;
  }
  if (port < 0 || port > 65535 || colon == 0) {
    return client_error("--http must be host:port, got '" + address + "'");
  }
  auto server = std::make_unique<HttplibStatusServer>(counters, look);
  if (!server->listen(address.substr(0, colon), port)) {
    return our_error("--http: cannot listen on " + address + ", is another sink running there?");
  }
  return std::unique_ptr<StatusServer>(std::move(server));
}

}  // namespace albicilla
