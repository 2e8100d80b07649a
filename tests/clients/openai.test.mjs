// The real `openai` package through the proxy against the mock provider: bytes arrive unchanged both
// ways, every exchange leaves exactly one line, and the line's response is what the SDK put together.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import OpenAI from 'openai';

import { sha256 } from './pipeline.mjs';
import { key, newSuite, plainJson } from './suite.mjs';

const suite = newSuite('openai');
const { check } = suite;

function newClient(options = {}) {
  const session = suite.newSession();
  const client = new OpenAI({
    apiKey: key,
    baseURL: `${session.url}/v1`,
    maxRetries: 0,
    fetch: session.fetch,
    defaultHeaders: session.headers,
    ...options,
  });
  const ask = (words) => ({ model: 'gpt-4o', messages: [{ role: 'user', content: session.text(words) }] });
  return { ...session, client, ask };
}

// What the SDK adds to its own accumulation for its helpers is no part of the answer.
function withoutHelpers(completion) {
  const copy = plainJson(completion);
  for (const choice of copy.choices) {
    delete choice.message.parsed;
    for (const call of choice.message.tool_calls ?? []) delete call.function.parsed_arguments;
  }
  return copy;
}

test('a plain completion', async () => {
  const used = newClient();
  const completion = await used.client.chat.completions.create(used.ask());
  const lines = await check(used);
  if (!lines) return;
  assert.deepEqual(lines[0].response, plainJson(completion));
  assert.equal(lines[0].exchange.ending, 'complete');
  assert.equal(lines[0].exchange.usage.total_tokens, completion.usage.total_tokens);
});

for (const words of ['events=20', 'events=20 dribble=3', 'events=20 crlf', 'events=8 choices=2', 'refusal',
  'logprobs', 'events=30 interval_ms=5']) {
  test(`a streamed completion: ${words}`, async () => {
    const used = newClient();
    const stream = used.client.chat.completions.stream({
      ...used.ask(words),
      stream_options: { include_usage: true },
    });
    const completion = withoutHelpers(await stream.finalChatCompletion());
    const lines = await check(used);
    if (!lines) return;
    assert.deepEqual(withoutHelpers(lines[0].response), completion);
    assert.equal(lines[0].exchange.streaming, true);
    assert.equal(lines[0].exchange.ending, 'complete');
  });
}

test('a stream read chunk by chunk with a vendor\'s reasoning field', async () => {
  const used = newClient();
  const stream = await used.client.chat.completions.create({ ...used.ask('reasoning'), stream: true });
  let text = '';
  let reasoning = '';
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta?.content ?? '';
    reasoning += chunk.choices[0]?.delta?.reasoning_content ?? '';
  }
  const lines = await check(used);
  if (!lines) return;
  assert.equal(lines[0].response.choices[0].message.content, text);
  assert.equal(lines[0].response.choices[0].message.reasoning_content, reasoning);
  assert.equal(lines[0].exchange.ending, 'complete');
});

test('parallel tool calls in a stream', async () => {
  const used = newClient();
  const stream = used.client.chat.completions.stream({
    ...used.ask('tools=3'),
    tools: ['weather', 'time'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })),
  });
  const completion = withoutHelpers(await stream.finalChatCompletion());
  assert.equal(completion.choices[0].message.tool_calls.length, 3);
  const lines = await check(used);
  if (!lines) return;
  assert.deepEqual(withoutHelpers(lines[0].response), completion);
  assert.equal(lines[0].exchange.ending, 'complete');
});

test('an error 429 with retry-after', async () => {
  const used = newClient();
  const error = await used.client.chat.completions.create(used.ask('status=429 retry-after=7')).catch((e) => e);
  assert.ok(error instanceof OpenAI.RateLimitError, String(error));
  assert.equal(error.headers.get('retry-after'), '7');
  assert.match(error.requestID, /^req_/);
  const lines = await check(used);
  if (!lines) return;
  assert.equal(lines[0].exchange.status, 429);
  assert.deepEqual(lines[0].response, JSON.parse(used.exchanges[0].response));
});

test('a retry after 429 is a second exchange', async () => {
  const used = newClient({ maxRetries: 2 });
  const completion = await used.client.chat.completions.create(
    used.ask('status=429 retry-after-ms=10 until_attempt=1'));
  const lines = await check(used);
  assert.equal(used.exchanges.length, 2);
  if (!lines) return;
  assert.deepEqual(lines.map((line) => line.exchange.status), [429, 200]);
  assert.deepEqual(lines.map((line) => line.exchange.attempt), [0, 1]);
  assert.deepEqual(lines[1].response, plainJson(completion));
});

test('an abort in the middle of a stream', async () => {
  const used = newClient();
  const stream = await used.client.chat.completions.create({
    ...used.ask('events=2000 interval_ms=20'),
    stream: true,
  });
  let chunks = 0;
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    if (++chunks === 5) stream.controller.abort();
  }
  const lines = await check(used, { whole: false });
  const [seen] = await suite.pipeline.seen(used.session);
  assert.equal(seen.ending, 'client_gone');
  if (!lines) return;
  assert.equal(lines[0].exchange.ending, 'client_abort');
  assert.ok(lines[0].response.choices[0].message.content.includes(used.session));
});

test('an error inside a stream', async () => {
  const used = newClient();
  const read = async () => {
    const stream = await used.client.chat.completions.create({ ...used.ask('events=6 error_after=3'), stream: true });
    for await (const chunk of stream) assert.ok(chunk.id);
  };
  await assert.rejects(read, OpenAI.APIError);
  const lines = await check(used, { whole: false });
  if (!lines) return;
  assert.match(JSON.stringify(lines[0].response), /the server had an error/);
});

test('a stream that the provider breaks off', async () => {
  const used = newClient();
  const read = async () => {
    const stream = await used.client.chat.completions.create({ ...used.ask('events=9 interval_ms=10 cut_after=4'), stream: true });
    for await (const chunk of stream) assert.ok(chunk.id);
  };
  await assert.rejects(read);
  const lines = await check(used, { whole: false });
  if (!lines) return;
  assert.equal(lines[0].exchange.ending, 'upstream_truncated');
});

test('models and embeddings', async () => {
  const used = newClient();
  const models = await used.client.models.list();
  assert.ok(models.data.length > 0);
  suite.linesExpected += 1;
  used.exchanges.length = 0;
  const embedding = await used.client.embeddings.create({
    model: 'text-embedding-3-small',
    input: `[[marker ${used.session}]] words`,
    encoding_format: 'float',
  });
  assert.equal(embedding.data[0].embedding.length, 3);
  const seen = await suite.pipeline.seen(used.session);
  assert.equal(seen[0].response_sha256, sha256(used.exchanges[0].response));
  suite.linesExpected += 1;
  if (suite.pipeline.direct) return;
  const lines = await suite.pipeline.lines(used.session, 2);
  assert.deepEqual(lines.map(({ json }) => json.exchange.path).sort(), ['/v1/embeddings', '/v1/models']);
});
