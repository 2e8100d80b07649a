// What every client's test file has in common: one pipeline for the file, a session and a marker for
// each test, and the checks that hold for every exchange of every client.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { recordingFetch, sha256, startPipeline } from './pipeline.mjs';

// What a fetch of Node.js adds by itself, and what names a connection instead of a request.
const ofTheClient = new Set(['accept', 'accept-encoding', 'accept-language', 'connection', 'content-length',
  'content-type', 'host', 'sec-fetch-mode', 'user-agent']);
const ofTheConnection = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);

export const key = 'sk-test-0123456789';
export const plainJson = (value) => JSON.parse(JSON.stringify(value));

// Fields at the provider = fields sent, and at the client = fields answered, but for those above.
function checkFields(exchange, seen) {
  const sent = Object.fromEntries(exchange.requestHeaders);
  const arrived = new Map(seen.request_fields.map(([name, value]) => [name.toLowerCase(), value]));
  assert.equal(arrived.size, seen.request_fields.length, 'no field comes twice');
  for (const [name, value] of Object.entries(sent)) assert.equal(arrived.get(name), value, `request field ${name}`);
  for (const name of arrived.keys()) assert.ok(name in sent || ofTheClient.has(name), `request field ${name} is invented`);

  if (!exchange.headers) return;
  const got = Object.fromEntries([...exchange.headers].filter(([name]) => !ofTheConnection.has(name)));
  const answered = Object.fromEntries(seen.response_fields.map(([name, value]) => [name.toLowerCase(), value]));
  assert.deepEqual(got, answered);
}

export function newSuite(name, options = {}) {
  const suite = { pipeline: null, linesExpected: 0 };
  let sessions = 0;

  before(async () => {
    suite.pipeline = await startPipeline(typeof options === 'function' ? await options() : options);
  });

  after(async () => {
    const { status, all } = await suite.pipeline.stop();
    if (suite.pipeline.direct) return;
    assert.equal(status, 0);
    assert.equal(all.length, suite.linesExpected, 'one line for each exchange, none twice');
    assert.equal(new Set(all.map(({ json }) => json.exchange.id)).size, all.length);
  });

  // A session of its own: its name is also the marker of its requests.
  suite.newSession = () => {
    const session = `${name}-${++sessions}`;
    const { fetch, exchanges } = recordingFetch();
    return {
      session,
      fetch,
      exchanges,
      headers: { 'agent-session-id': session },
      url: suite.pipeline.url,
      text: (words = '') => `[[marker ${session}]] ${words && `[[mock ${words}]]`} Grüße, 日本 🦅`,
    };
  };

  // Bytes at the provider = sent, bytes at the client = answered, one line each with the request
  // verbatim and no key. Returns the lines; null when the proxy is left out.
  suite.check = async ({ session, exchanges }, { whole = true } = {}) => {
    const seen = await suite.pipeline.seen(session, exchanges.length);
    assert.equal(seen.length, exchanges.length, 'no request is sent twice');
    exchanges.forEach((exchange, i) => {
      assert.equal(seen[i].request_sha256, sha256(exchange.request));
      assert.equal(seen[i].status, exchange.status);
      checkFields(exchange, seen[i]);
      // A retrying SDK throws the body of the failed attempt away.
      const read = exchange.status < 400 || exchange.response.length > 0;
      if (whole && read) assert.equal(seen[i].response_sha256, sha256(exchange.response));
    });
    suite.linesExpected += exchanges.length;
    if (suite.pipeline.direct) return null;
    const lines = await suite.pipeline.lines(session, exchanges.length);
    assert.equal(lines.length, exchanges.length);
    lines.forEach(({ line }, i) => {
      assert.ok(line.includes(`"request":${exchanges[i].request},"response":`), 'the request verbatim');
      assert.ok(!line.includes(key), 'no key in the log');
    });
    return lines.map(({ json }) => json);
  };
  return suite;
}
