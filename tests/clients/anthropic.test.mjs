// The real `@anthropic-ai/sdk` package through the proxy to an Anthropic upstream.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';

import { key, newSuite, plainJson } from './suite.mjs';

const suite = newSuite('anthropic', { flags: (url) => ['--anthropic-upstream', url] });
const { check } = suite;

function newClient(options = {}) {
  const session = suite.newSession();
  const client = new Anthropic({
    apiKey: key,
    baseURL: session.url,
    maxRetries: 0,
    fetch: session.fetch,
    defaultHeaders: session.headers,
    ...options,
  });
  const ask = (words) => ({
    model: 'claude-test',
    max_tokens: 500,
    messages: [{ role: 'user', content: session.text(words) }],
  });
  return { ...session, client, ask };
}

const tool = (name) => ({ name, input_schema: { type: 'object', properties: { city: { type: 'string' } } } });

// What the SDK adds for its helpers is no part of the answer.
function withoutHelpers(message) {
  const copy = plainJson(message);
  delete copy.parsed_output;
  for (const block of copy.content) delete block.parsed_output;
  return copy;
}

test('a plain message', async () => {
  const used = newClient();
  const message = await used.client.messages.create(used.ask());
  const lines = await check(used);
  if (!lines) return;
  assert.deepEqual(lines[0].response, plainJson(message));
  assert.equal(lines[0].exchange.dialect, 'anthropic_messages');
  assert.equal(lines[0].exchange.usage.output_tokens, message.usage.output_tokens);
});

for (const words of ['events=20', 'events=12 dribble=5', 'events=6 crlf', 'tools=2', 'reasoning', 'reasoning tools=3']) {
  test(`a streamed message: ${words}`, async () => {
    const used = newClient();
    const stream = used.client.messages.stream({ ...used.ask(words), tools: [tool('weather'), tool('time')] });
    const message = withoutHelpers(await stream.finalMessage());
    const lines = await check(used);
    if (!lines) return;
    assert.deepEqual(lines[0].response, message);
    assert.equal(lines[0].exchange.ending, 'complete');
    assert.equal(lines[0].exchange.streaming, true);
    assert.equal(lines[0].exchange.upstream_id, message.id);
  });
}

test('an error 429, and 529 overloaded, with the request id', async () => {
  for (const status of [429, 529]) {
    const used = newClient();
    const error = await used.client.messages.create(used.ask(`status=${status} retry-after=3`)).catch((e) => e);
    assert.equal(error.status, status);
    assert.match(error.requestID, /^req_/);
    assert.equal(error.headers.get('retry-after'), '3');
    const lines = await check(used);
    if (!lines) continue;
    assert.equal(lines[0].exchange.status, status);
    assert.equal(lines[0].response.type, 'error');
  }
});

test('an error inside a stream', async () => {
  const used = newClient();
  const stream = used.client.messages.stream(used.ask('events=6 error_after=3'));
  await assert.rejects(stream.finalMessage());
  const lines = await check(used, { whole: false });
  if (!lines) return;
  assert.match(JSON.stringify(lines[0].response), /overloaded_error/);
});

test('an abort in the middle of a stream', async () => {
  const used = newClient();
  const stream = await used.client.messages.create({ ...used.ask('events=2000 interval_ms=20'), stream: true });
  let events = 0;
  for await (const event of stream) {
    assert.ok(event.type);
    if (++events === 6) break;
  }
  const lines = await check(used, { whole: false });
  assert.equal((await suite.pipeline.seen(used.session))[0].ending, 'client_gone');
  if (!lines) return;
  assert.equal(lines[0].exchange.ending, 'client_abort');
});

test('the count of tokens and the list of models', async () => {
  const used = newClient();
  const { max_tokens: _, ...ask } = used.ask();
  const count = await used.client.messages.countTokens(ask);
  assert.ok(count.input_tokens > 0);
  await check(used);
  const models = await used.client.models.list();
  assert.equal(models.data[0].type, 'model');
  suite.linesExpected += 1;
});

test('the tool runner, which sends only what is new', async () => {
  const used = newClient();
  const runner = used.client.beta.messages.toolRunner({
    model: 'claude-test',
    max_tokens: 500,
    messages: [{ role: 'user', content: `${used.text()} [[script weather {"city":"Bern"} ;; weather {"city":"Basel"} ;; say It rains]]` }],
    tools: [{
      ...tool('weather'),
      type: 'custom',
      run: async ({ city }) => `[[marker ${used.session}]] rain in ${city}`,
      parse: (input) => input,
    }],
  });
  const message = await runner.runUntilDone();
  assert.match(message.content.at(-1).text, /It rains/);

  assert.equal(used.exchanges.length, 3);
  await check(used);
});
