// Writes log files as the sink does: one JSON line an exchange, chained by SHA-256.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const iso = (ms) => new Date(ms).toISOString().replace('Z', '000+00:00');

const REQUEST_HEADERS = [
  ['host', '127.0.0.1:9000'], ['user-agent', 'OpenAI/JS 6.49.0'], ['content-type', 'application/json'],
  ['authorization', '[REDACTED]'], ['x-stainless-lang', 'js'],
];
const RESPONSE_HEADERS = [
  ['content-type', 'application/json'], ['x-request-id', 'req_7f3a90c1'], ['openai-processing-ms', '812'],
];

let made = 0;

/** An exchange id: a UUIDv7 whose time is `ms`. */
export function exchangeId(ms) {
  const time = Math.round(ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${(++made).toString(16).padStart(12, '0')}`;
}

export class LogWriter {
  constructor(root) {
    this.root = root;
    this.heads = new Map();
    this.seq = 0;
  }

  /** Appends one exchange and gives its "file:line". `request` and `response` are values or raw text in {raw}. */
  append({ session, at, took = 1000, request, response = null, ...exchange }) {
    const started = at - took;
    const text = (value) => (value && typeof value === 'object' && 'raw' in value ? value.raw : JSON.stringify(value));
    const { headers, ...given } = exchange;
    const usage = given.usage ?? {};
    const facts = {
      id: exchangeId(started), producer: '00112233445566778899aabbccddeeff', seq: ++this.seq, worker: 0,
      started_at: iso(started), duration_ms: took, ttft_ms: Math.min(took, given.ttft ?? Math.round(took / 4)),
      method: 'POST', path: '/v1/chat/completions', query: '', status: 200, ending: 'complete', streaming: true,
      dialect: 'openai_chat', upstream: 'https://api.openai.com', upstream_id: null, model: 'gpt-4o-mini',
      user_id: null, client_app: 'openai-node', client_ip: '127.0.0.1', attempt: 0,
      request_headers: headers ?? REQUEST_HEADERS, response_headers: RESPONSE_HEADERS,
      request_bytes: text(request).length, response_bytes: text(response).length, chunks: 12,
      ...given,
      usage: { input_tokens: null, output_tokens: null, total_tokens: null, cached_tokens: null, reasoning_tokens: null, source: 'exact', ...usage },
      error: given.error ?? null, redactions: { header: 1 }, truncated: false,
    };
    delete facts.ttft;
    const file = `${iso(at).slice(0, 10)}/${given.file ?? session}.jsonl`;
    delete facts.file;
    return this.appendRaw(file, `{"timestamp":"${iso(at)}","session_id":${JSON.stringify(session)},"request":${text(request)},` +
      `"response":${text(response)},"exchange":${JSON.stringify(facts)}`);
  }

  /** A line without its chain and closing brace. */
  appendRaw(file, chained) {
    const head = this.heads.get(file) ?? { n: 0, h: sha256(file) };
    const next = { n: head.n + 1, h: sha256(head.h, sha256(chained)) };
    this.heads.set(file, next);
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    appendFileSync(join(this.root, file), `${chained},"chain":{"n":${next.n},"h":"${next.h.toString('hex')}"}}\n`);
    return `${file}:${next.n}`;
  }
}

export const user = (content) => ({ role: 'user', content });
export const assistant = (content, more = {}) => ({ role: 'assistant', content, ...more });
export const system = (content) => ({ role: 'system', content });
export const chatAnswer = (message, model = 'gpt-4o-mini') => ({
  id: `chatcmpl-${++made}`, object: 'chat.completion', model,
  choices: [{ index: 0, message, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }],
});
