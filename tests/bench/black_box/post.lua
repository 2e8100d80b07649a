-- wrk: one small chat completion per request; PATH, BYTES (size of the user text) from the environment.
local text = string.rep("a", tonumber(os.getenv("BENCH_BYTES") or "32"))
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer bench"
wrk.headers["agent-session-id"] = "bench"
local directive = os.getenv("BENCH_MOCK")
if directive then wrk.headers["x-mock"] = directive end
wrk.body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"' .. text .. '"}]}'

function done(summary, latency, requests)
  io.write(string.format("RESULT %.1f %d %d %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout +
    summary.errors.status))
end
