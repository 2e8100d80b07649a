// The Responses API of the real `openai` package: typed events, reasoning, function calls, and
// conversations that go on from an earlier response.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import OpenAI from 'openai';

import { key, newSuite, plainJson } from './suite.mjs';

const suite = newSuite('responses');
const { check } = suite;

function newClient() {
  const session = suite.newSession();
  const client = new OpenAI({
    apiKey: key,
    baseURL: `${session.url}/v1`,
    maxRetries: 0,
    fetch: session.fetch,
    defaultHeaders: session.headers,
  });
  return { ...session, client };
}

// What the SDK adds for its helpers is no part of the answer.
function withoutHelpers(response) {
  const copy = plainJson(response);
  delete copy.output_text;
  delete copy.output_parsed;
  for (const item of copy.output) {
    delete item.parsed_arguments;
    for (const part of item.content ?? []) delete part.parsed;
  }
  return copy;
}

const tool = (name) => ({
  type: 'function',
  name,
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
});

test('a plain response', async () => {
  const used = newClient();
  const response = await used.client.responses.create({ model: 'gpt-4o', input: used.text() });
  assert.ok(response.output_text.includes(used.session));
  const lines = await check(used);
  if (!lines) return;
  assert.deepEqual(lines[0].response, withoutHelpers(response));
  assert.equal(lines[0].exchange.dialect, 'openai_responses');
  assert.equal(lines[0].exchange.usage.total_tokens, response.usage.total_tokens);
});

for (const words of ['events=20', 'events=12 dribble=5', 'events=6 crlf', 'refusal', 'reasoning', 'tools=2']) {
  test(`a streamed response: ${words}`, async () => {
    const used = newClient();
    const stream = used.client.responses.stream({
      model: 'gpt-4o',
      input: used.text(words),
      tools: [tool('weather'), tool('time')],
    });
    const response = withoutHelpers(await stream.finalResponse());
    const lines = await check(used);
    if (!lines) return;
    assert.deepEqual(lines[0].response, response);
    assert.equal(lines[0].exchange.ending, 'complete');
    assert.equal(lines[0].exchange.streaming, true);
    assert.equal(lines[0].exchange.upstream_id, response.id);
  });
}

test('a conversation that goes on from the previous response', async () => {
  const used = newClient();
  const first = await used.client.responses.create({
    model: 'gpt-4o',
    input: `${used.text()} [[script weather {"city":"Bern"} ;; say It rains]]`,
    tools: [tool('weather')],
  });
  const call = first.output.find((item) => item.type === 'function_call');
  assert.equal(call.name, 'weather');
  const second = await used.client.responses.create({
    model: 'gpt-4o',
    previous_response_id: first.id,
    input: [{ type: 'function_call_output', call_id: call.call_id, output: used.text() }],
    tools: [tool('weather')],
  });
  assert.match(second.output_text, /It rains/);
  await check(used);
});

test('an error inside a stream', async () => {
  const used = newClient();
  const read = async () => {
    const stream = await used.client.responses.create({
      model: 'gpt-4o',
      input: used.text('events=6 error_after=3'),
      stream: true,
    });
    for await (const event of stream) if (event.type === 'response.failed') throw new Error('failed');
  };
  await assert.rejects(read);
  const lines = await check(used, { whole: false });
  if (!lines) return;
  assert.match(JSON.stringify(lines[0].response), /the server had an error/);
});

test('a client that leaves at the terminal event', async () => {
  const used = newClient();
  const stream = await used.client.responses.create({
    model: 'gpt-4o',
    input: used.text('events=3 linger_ms=300'),
    stream: true,
  });
  for await (const event of stream) if (event.type === 'response.completed') break;
  const lines = await check(used, { whole: false });
  if (!lines) return;
  assert.ok(['complete', 'client_abort_after_end'].includes(lines[0].exchange.ending));
  assert.equal(lines[0].response.status, 'completed');
});
