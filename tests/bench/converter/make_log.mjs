// Writes a session log as the sink does, for measuring albicilla-conv:
//   node make_log.mjs OUTPUT.jsonl MEGABYTES REDUNDANCY [chain]
// REDUNDANCY is the share of bytes that requests repeat of earlier ones, in percent: 0 gives
// single exchanges, 50 and 95 agent sessions of so many turns that their histories make up that
// share. Sessions of one file are told apart by their id, as after a rename. With `chain` each line
// carries the sink's hash chain, for a file that stands in the log's root. No randomness beyond a
// fixed sequence, so every run measures the same bytes.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { basename } from 'node:path';

const [output, megabytes, redundancy] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const chained = process.argv[5] === 'chain';
if (!output || !megabytes || Number.isNaN(redundancy)) {
  console.error('usage: make_log.mjs OUTPUT.jsonl MEGABYTES REDUNDANCY(0|50|95) [chain]');
  process.exit(2);
}
const turnsOf = { 0: 1, 50: 3, 95: 40 };
const turns = turnsOf[redundancy] ?? Math.max(1, Math.round(2 / (1 - redundancy / 100)));

// Mulberry32: no short period that would let zstd find every text again.
let state = 12345;
function random(n) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const words = ('the of and a to in is you that it he was for on are as with his they at be this have from ' +
  'function return value "quoted" path/to/file.cc line 42: error\\tund zażółć gęślą jaźń 漢字 {"a": 1}').split(' ');
function text(bytes) {
  let out = '';
  while (out.length < bytes) out += words[random(words.length)] + (random(14) === 0 ? '\n' : ' ');
  return out;
}

const tools = Array.from({ length: 12 }, (_, i) => ({
  type: 'function',
  function: {
    name: `tool_${i}`,
    description: text(300),
    parameters: { type: 'object', properties: { path: { type: 'string' }, text: { type: 'string' } } },
  },
}));

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
let head = sha256(basename(output));
// h_n = SHA-256(h_{n-1} || SHA-256(line up to its chain))
function link(line) {
  const covered = line.slice(0, -1);
  head = sha256(Buffer.concat([head, sha256(covered)]));
  return `${covered},"chain":{"n":${number},"h":"${head.toString('hex')}"}}`;
}

const out = createWriteStream(output);
let written = 0;
let number = 0;
async function put(session, second, messages, message) {
  const time = (s) => new Date(1768298400000 + s * 1000).toISOString().replace('Z', '000+00:00');
  const record = JSON.stringify({
    timestamp: time(second + 1),
    session_id: session,
    request: { model: 'gpt-4o', messages, ...(redundancy > 0 ? { tools } : {}), stream: true },
    response: {
      id: `chatcmpl-${number}`, object: 'chat.completion', created: 1768298400, model: 'gpt-4o',
      choices: [{ index: 0, message, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }],
      usage: { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 },
    },
    exchange: {
      id: `0197${String(number).padStart(8, '0')}`, producer: 'p', seq: ++number, worker: 0,
      started_at: time(second), duration_ms: 900, method: 'POST', path: '/v1/chat/completions', query: '',
      status: 200, ending: 'complete', streaming: true, dialect: 'openai_chat', model: 'gpt-4o', user_id: 'u',
      truncated: false,
    },
  });
  const line = (chained ? link(record) : record) + '\n';
  written += Buffer.byteLength(line);
  if (!out.write(line)) await once(out, 'drain');
}

for (let session = 0; written < megabytes * 1e6; ++session) {
  const messages = [{ role: 'system', content: text(redundancy > 0 ? 2000 : 200) }, { role: 'user', content: text(1500) }];
  for (let turn = 0; turn < turns; ++turn) {
    const last = turn + 1 === turns;
    const call = { id: `call_${session}_${turn}`, type: 'function', function: { name: `tool_${random(12)}`, arguments: JSON.stringify({ path: text(30), text: text(200) }) } };
    const message = last || redundancy === 0
      ? { role: 'assistant', content: text(1200) }
      : { role: 'assistant', content: text(150), tool_calls: [call] };
    await put(`session-${session}`, session * 1000 + turn, messages, message);
    if (!last) messages.push(message, { role: 'tool', tool_call_id: call.id, content: text(1800) });
  }
}
out.end();
await once(out, 'finish');
