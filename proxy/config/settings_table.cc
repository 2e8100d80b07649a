#include "proxy/config/settings.h"

namespace albicilla {

namespace {

using enum SettingKind;

constexpr std::string_view kBasics = "Upstream and address";
constexpr std::string_view kLogs = "Logs, sink and spool";
constexpr std::string_view kSessions = "Sessions";
constexpr std::string_view kKeys = "Keys and access";
constexpr std::string_view kLimits = "Limits and timeouts";
constexpr std::string_view kOur = "Our own log";

// Order is that of --help. An empty default means none, or that the help says it.
constexpr Setting kTable[] = {
    {"upstream", text, "-u,--upstream,--upstream-endpoint,--base-url",
     "PROXY_UPSTREAM_ENDPOINT,OPENAI_BASE_URL,UPSTREAM_BASE_URL,LLM_BASE_URL", "llm.base_url", "",
     "URL", "Provider's base URL, with or without /v1 (required)", kBasics},
    {"type", text, "--type", "LLM_TYPE", "llm.type", "openai", "openai|anthropic",
     "What the upstream speaks", kBasics},
    {"anthropic-upstream", text, "--anthropic-upstream", "PROXY_ANTHROPIC_UPSTREAM", "", "", "URL",
     "Where /v1/messages goes unchanged; without it, it is translated", kBasics},
    {"model", text, "-m,--model", "PROXY_DEFAULT_MODEL", "", "gpt-4o-mini", "NAME",
     "Used only when a request names no model", kBasics},
    {"host", text, "-h,--host", "PROXY_HOST", "server.host", "0.0.0.0", "ADDRESS",
     "Address to listen on", kBasics},
    {"port", text, "-p,--port", "PROXY_PORT,PORT", "server.port", "9000", "N", "Port to listen on",
     kBasics},
    {"listen-unix", text, "--listen-unix", "PROXY_LISTEN_UNIX", "", "", "PATH",
     "Listen on a Unix socket instead", kBasics},
    {"workers", text, "--workers", "PROXY_WORKERS", "server.workers", "", "N",
     "Worker processes (default: cores)", kBasics},
    {"tls-cert", text, "--tls-cert", "PROXY_TLS_CERT", "", "", "FILE",
     "Certificate chain for clients; read again on SIGHUP", kBasics},
    {"tls-key", text, "--tls-key", "PROXY_TLS_KEY", "", "", "FILE", "Its private key", kBasics},
    {"upstream-ca", text, "--upstream-ca", "PROXY_UPSTREAM_CA", "", "", "FILE",
     "Extra certificate authorities for the upstream", kBasics},
    {"config", text, "--config", "PROXY_CONFIG", "", "", "FILE", "YAML configuration", kBasics},
    {"reload", yes_no, "-r,--reload", "PROXY_RELOAD", "", "false", "",
     "Restart workers when configuration or binary change; SIGHUP does it by hand", kBasics},

    {"log-root", text, "-l,--log-root", "PROXY_LOG_ROOT", "", "./proxy_logs", "DIR",
     "Where the lines go", kLogs},
    {"sink", list, "--sink", "PROXY_SINK", "", "", "ENDPOINT",
     "tcp://host:5557 or ipc://path of a sink; repeatable (default: our own child)", kLogs},
    {"sink-ack", list, "--sink-ack", "PROXY_SINK_ACK", "", "", "ENDPOINT",
     "Where that sink publishes watermarks (default: the next port)", kLogs},
    {"sink-keys", text, "--sink-keys", "PROXY_SINK_KEYS", "", "", "DIR",
     "CURVE keys for a sink over tcp", kLogs},
    {"insecure-sink", yes_no, "--insecure-sink", "PROXY_INSECURE_SINK", "", "false", "",
     "Allow a tcp sink without CURVE (tests)", kLogs},
    {"accept-new-sink", yes_no, "--accept-new-sink", "PROXY_ACCEPT_NEW_SINK", "", "false", "",
     "Send the spool to a sink with another log root", kLogs},
    {"sink-drain", list, "--sink-drain", "PROXY_SINK_DRAIN", "", "", "ENDPOINT",
     "A sink of before, for what the spool still has for it; ENDPOINT,ACK; repeatable", kLogs},
    {"spool-dir", text, "--spool-dir", "PROXY_SPOOL_DIR", "", "", "DIR",
     "Unacknowledged records (default: LOG_ROOT/.spool, with --sink ./spool)", kLogs},
    {"spool-limit", text, "--spool-limit", "PROXY_SPOOL_LIMIT", "", "4GiB", "SIZE",
     "Most that may wait in the spool", kLogs},
    {"durability", text, "--durability", "PROXY_DURABILITY", "", "spool", "spool|fsync|sink",
     "What an answer's last byte waits for", kLogs},
    {"on-full", text, "--on-full", "PROXY_ON_FULL", "", "refuse", "refuse|pass",
     "New exchanges when the spool is full", kLogs},
    {"capture-limit", text, "--capture-limit", "PROXY_CAPTURE_LIMIT", "", "32MiB", "SIZE",
     "Most of each body that is logged; all of it is relayed", kLogs},
    {"redact", list, "--redact", "PROXY_REDACT", "", "", "RULE",
     "Taken out of logged bodies: api_key, token, email, card, iban; more rules in YAML", kLogs},
    {"redact-key-file", text, "--redact-key-file", "PROXY_REDACT_KEY_FILE", "redaction.key_file",
     "", "FILE", "Keys pseudonyms that stand for what was taken out; made when missing", kLogs},
    {"layout", list, "--layout", "PROXY_LAYOUT", "", "", "NAME[:DIR]",
     "More layouts beside session (own sink)", kLogs},
    {"commit-log", text, "--commit-log", "SINK_COMMIT_LOG", "", "", "DIR",
     "Where the own sink keeps its commit log", kLogs},
    {"shard", yes_no, "--shard", "SINK_SHARD", "", "false", "",
     "Own sink: a day's sessions in 256 directories", kLogs},
    {"keep-wire", yes_no, "--keep-wire", "SINK_KEEP_WIRE", "", "false", "",
     "Own sink: streamed answers also as they came, each chunk with its time", kLogs},
    {"seal", text, "--seal", "SINK_SEAL", "", "plain", "off|plain|zstd",
     "Own sink: what becomes of a day that is over", kLogs},
    {"store", list, "--store", "SINK_STORE", "", "", "NAME[:K=V,...]",
     "Own sink: bring sealed files to local, azure_blob, s3 or kafka; repeatable", kLogs},
    {"retention-days", text, "--retention-days", "SINK_RETENTION_DAYS", "", "0", "N",
     "Own sink: let a sealed day go so many days after it; 0 keeps all", kLogs},
    {"retention-size", text, "--retention-size", "SINK_RETENTION_SIZE", "", "0", "SIZE",
     "Own sink: let the oldest go when sealed days take more; 0 keeps all", kLogs},
    {"signing-key", text, "--signing-key", "SINK_SIGNING_KEY", "", "", "FILE",
     "Own sink: secret key of signed checkpoints (default: LOG_ROOT/.sink/signing_key)", kLogs},

    {"session-header", text, "--session-header", "PROXY_SESSION_HEADER", "", "agent-session-id",
     "NAME", "Header that names the session", kSessions},
    {"require-session-header", yes_no, "--require-session-header,--no-require-session-header",
     "PROXY_REQUIRE_SESSION_HEADER", "", "true", "",
     "Answer 400 to generating calls without a session header", kSessions},
    {"allow-bearer-token-fallback", yes_no,
     "--allow-bearer-token-fallback,--no-allow-bearer-token-fallback",
     "PROXY_ALLOW_BEARER_FALLBACK", "", "false", "", "Without header: a session per bearer token",
     kSessions},
    {"strip-session-header", yes_no, "--strip-session-header", "PROXY_STRIP_SESSION_HEADER", "",
     "false", "", "Do not forward our session header", kSessions},
    {"session-secret", text, "--session-secret", "PROXY_SESSION_SECRET", "", "", "SECRET",
     "Keys derived session ids (default: made by the sink)", kSessions, true},
    {"session.enabled", yes_no, "", "", "session.enabled", "false", "", "", kSessions},
    {"session.max-sessions", text, "", "", "session.max_sessions", "10000", "", "", kSessions},
    {"session.ttl", text, "", "", "session.session_ttl_seconds", "3600", "", "", kSessions},
    {"session.fuzzy", yes_no, "", "", "session.enable_fuzzy_matching", "false", "", "", kSessions},
    {"session.similarity", text, "", "", "session.similarity_threshold", "0.85", "", "", kSessions},
    {"session.new-messages", text, "", "", "session.max_messages_for_new_session", "3", "", "",
     kSessions},
    {"session.reset-phrases", list, "", "", "session.reset_phrases", "", "", "", kSessions},

    {"api-key", text, "--api-key", "PROXY_API_KEY,LLM_API_KEY", "llm.api_key", "", "KEY",
     "Replaces the client's credential at the upstream", kKeys, true},
    {"api-key-file", text, "--api-key-file", "PROXY_API_KEY_FILE", "", "", "FILE",
     "The same, read from a file", kKeys},
    {"anthropic-api-key", text, "--anthropic-api-key", "PROXY_ANTHROPIC_API_KEY", "", "", "KEY",
     "The same for --anthropic-upstream", kKeys, true},
    {"keys-file", text, "--keys-file", "KEYS_FILE", "", "", "FILE",
     "Client keys; switches authentication on", kKeys},
    {"admin-token", text, "--admin-token", "ADMIN_TOKEN", "", "", "TOKEN",
     "For /admin, and /metrics, /config, /sessions from afar", kKeys, true},
    {"data-dir", text, "--data-dir", "DATA_DIR", "", "", "DIR",
     "keys.json and the events layout (./data with --admin-token)", kKeys},
    {"trusted-proxy", list, "--trusted-proxy", "PROXY_TRUSTED_PROXY", "", "", "CIDR",
     "Peers whose X-Forwarded-For counts", kKeys},
    {"metrics-allow", list, "--metrics-allow", "PROXY_METRICS_ALLOW", "", "", "CIDR",
     "Peers that may read /metrics without a token", kKeys},

    {"max-connections", text, "--max-connections", "PROXY_MAX_CONNECTIONS", "", "10000", "N",
     "Per worker", kLimits},
    {"max-connections-per-address", text, "--max-connections-per-address",
     "PROXY_MAX_CONNECTIONS_PER_ADDRESS", "", "0", "N", "Per worker and peer; 0: no limit",
     kLimits},
    {"header-limit", text, "--header-limit", "PROXY_HEADER_LIMIT", "", "64KiB", "SIZE",
     "Of a request's head", kLimits},
    {"header-timeout", text, "--header-timeout", "PROXY_HEADER_TIMEOUT", "", "10s", "TIME",
     "For a whole head to arrive", kLimits},
    {"body-limit", text, "--body-limit", "PROXY_BODY_LIMIT", "", "0", "SIZE",
     "Of a request's body; 0: no limit", kLimits},
    {"body-floor", text, "--body-floor", "PROXY_BODY_FLOOR", "", "64", "SIZE",
     "Bytes per second that a body must bring", kLimits},
    {"idle-timeout", text, "--idle-timeout", "PROXY_IDLE_TIMEOUT", "", "10m", "TIME",
     "Between exchanges, and between bytes", kLimits},
    {"connect-timeout", text, "--connect-timeout", "PROXY_CONNECT_TIMEOUT", "", "10s", "TIME",
     "DNS, TCP and TLS of an upstream connection", kLimits},
    {"first-byte-timeout", text, "--first-byte-timeout", "PROXY_FIRST_BYTE_TIMEOUT,PROXY_TIMEOUT",
     "llm.timeout", "10m", "TIME", "From the request's end to the answer's head", kLimits},
    {"max-retries", text, "--max-retries", "PROXY_MAX_RETRIES", "llm.max_retries", "3", "N",
     "0: not even when a reused connection died before its first byte", kLimits},
    {"drain-timeout", text, "--drain-timeout", "PROXY_DRAIN_TIMEOUT", "", "600s", "TIME",
     "How long streams run on after SIGTERM", kLimits},
    {"on-client-abort", text, "--on-client-abort", "PROXY_ON_CLIENT_ABORT", "", "cancel",
     "cancel|drain", "Upstream when the client has gone", kLimits},

    {"verbose", yes_no, "-v,--verbose", "PROXY_VERBOSE", "", "false", "", "Debug lines", kOur},
    {"log-level", text, "--log-level", "LOG_LEVEL", "logging.level", "info",
     "debug|info|warning|error", "What is worth a line", kOur},
    {"log-format", text, "--log-format", "PROXY_LOG_FORMAT", "logging.format", "text", "text|json",
     "Shape of a line", kOur},
    {"log-file", text, "--log-file", "PROXY_LOG_FILE", "logging.file", "", "FILE",
     "Instead of stderr", kOur},
    {"log-file-size", text, "", "", "logging.max_file_size", "10MB", "", "", kOur},
    {"log-file-backups", text, "", "", "logging.backup_count", "5", "", "", kOur},
    {"bench-discard-log", yes_no, "--bench-discard-log", "", "", "false", "",
     "Benches only: relay without spool and sink, nothing is logged", kOur},
};

}  // namespace

std::span<const Setting> settings_table() { return kTable; }

const Setting* find_setting(std::string_view key) {
  for (const Setting& setting : kTable) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

}  // namespace albicilla
