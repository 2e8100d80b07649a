// The real packages of one vendor on an upstream of the other: the client notices nothing, the line
// holds what it said and heard, and beside it, byte for byte, what the provider was asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { sha256 } from './pipeline.mjs';
import { key, newSuite, plainJson } from './suite.mjs';

const onOpenai = newSuite('on-openai');
const onAnthropic = newSuite('on-anthropic', { flags: () => ['--type', 'anthropic'] });
const skip = process.env.ALBICILLA_DIRECT === '1' && 'nobody translates';

// The text of `"request":` within `exchange.translation`.
function askedOfTheProvider(line) {
  const translation = line.lastIndexOf('"translation":{"name":');
  assert.ok(translation > 0, 'a translation in the line');
  return line.slice(line.indexOf('"request":', translation) + 10, line.lastIndexOf(',"response":'));
}

async function check(suite, { session, exchanges }, { name, path }) {
  const seen = await suite.pipeline.seen(session, exchanges.length);
  suite.linesExpected += exchanges.length;
  const lines = await suite.pipeline.lines(session, exchanges.length);
  assert.equal(lines.length, exchanges.length);
  lines.forEach(({ line, json }, i) => {
    assert.ok(line.includes(`"request":${exchanges[i].request},"response":`), 'the request verbatim');
    assert.ok(!line.includes(key), 'no key in the log');
    assert.equal(json.exchange.translation.name, name);
    assert.equal(seen[i].target, path);
    assert.equal(seen[i].request_sha256, sha256(askedOfTheProvider(line)));
    assert.equal(json.exchange.response_bytes, exchanges[i].response.length);
  });
  return lines.map(({ json }) => json);
}

const fromAnthropic = { name: 'anthropic_to_openai_chat', path: '/v1/chat/completions' };
const fromOpenai = { name: 'openai_chat_to_anthropic', path: '/v1/messages' };

function anthropicClient() {
  const session = onOpenai.newSession();
  const client = new Anthropic({
    apiKey: key, baseURL: session.url, maxRetries: 0, fetch: session.fetch, defaultHeaders: session.headers,
  });
  const ask = (words) => ({
    model: 'claude-test',
    max_tokens: 500,
    system: 'Be brief.',
    messages: [{ role: 'user', content: session.text(words) }],
  });
  return { ...session, client, ask };
}

function openaiClient() {
  const session = onAnthropic.newSession();
  const client = new OpenAI({
    apiKey: key, baseURL: `${session.url}/v1`, maxRetries: 0, fetch: session.fetch, defaultHeaders: session.headers,
  });
  const ask = (words) => ({ model: 'gpt-4o', messages: [{ role: 'user', content: session.text(words) }] });
  return { ...session, client, ask };
}

const tool = (name) => ({ name, input_schema: { type: 'object', properties: { city: { type: 'string' } } } });
const openaiTool = (name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } });

function withoutHelpers(answer) {
  const copy = plainJson(answer);
  delete copy.parsed_output;
  for (const block of copy.content ?? []) delete block.parsed_output;
  for (const choice of copy.choices ?? []) {
    delete choice.message.parsed;
    for (const call of choice.message.tool_calls ?? []) delete call.function.parsed_arguments;
    // The package keeps only the last piece of fields that it does not know.
    delete choice.message.reasoning_content;
    delete choice.message.reasoning_details;
  }
  return copy;
}

test('a plain message from an OpenAI upstream', { skip }, async () => {
  const used = anthropicClient();
  const message = await used.client.messages.create(used.ask());
  assert.equal(message.stop_reason, 'end_turn');
  assert.ok(message.content[0].text.includes(used.session));
  const [line] = await check(onOpenai, used, fromAnthropic);
  assert.deepEqual(line.response, plainJson(message));
  assert.equal(line.exchange.usage.output_tokens, message.usage.output_tokens);
  assert.equal(line.exchange.translation.response.object, 'chat.completion');
});

for (const words of ['events=20', 'events=12 dribble=5', 'events=6 crlf', 'tools=2', 'reasoning', 'reasoning tools=3']) {
  test(`a streamed message from an OpenAI upstream: ${words}`, { skip }, async () => {
    const used = anthropicClient();
    const stream = used.client.messages.stream({ ...used.ask(words), tools: [tool('weather'), tool('time')] });
    const message = withoutHelpers(await stream.finalMessage());
    assert.equal(message.stop_reason, words.includes('tools') ? 'tool_use' : 'end_turn');
    const [line] = await check(onOpenai, used, fromAnthropic);
    assert.deepEqual(line.response, message);
    assert.equal(line.exchange.ending, 'complete');
    assert.equal(line.exchange.streaming, true);
    const [choice] = line.exchange.translation.response.choices;
    const calls = message.content.filter(({ type }) => type === 'tool_use');
    assert.deepEqual(
      calls.map(({ id, name, input }) => ({ id, name, input })),
      (choice.message.tool_calls ?? []).map((call) => ({
        id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments || '{}') })));
  });
}

test('an OpenAI upstream\'s errors in Anthropic\'s words', { skip }, async () => {
  for (const [status, kind] of [[429, Anthropic.RateLimitError], [400, Anthropic.BadRequestError]]) {
    const used = anthropicClient();
    const error = await used.client.messages.create(used.ask(`status=${status} retry-after=3`)).catch((e) => e);
    assert.ok(error instanceof kind, String(error));
    assert.equal(error.error.type, 'error');
    assert.equal(error.headers.get('retry-after'), '3');
    onOpenai.linesExpected += 1;
    const [{ json }] = await onOpenai.pipeline.lines(used.session);
    assert.equal(json.exchange.status, status);
    assert.ok(json.exchange.translation.response.error);
  }
});

test('tokens are counted by an estimate', { skip }, async () => {
  const used = anthropicClient();
  const { max_tokens: _, ...ask } = used.ask();
  const count = await used.client.messages.countTokens(ask);
  assert.ok(count.input_tokens > 0);
  onOpenai.linesExpected += 1;
});

test('the tool runner against an OpenAI upstream', { skip }, async () => {
  const used = anthropicClient();
  const runner = used.client.beta.messages.toolRunner({
    model: 'claude-test',
    max_tokens: 500,
    messages: [{ role: 'user', content: `${used.text()} [[script weather {"city":"Bern"} || weather {"city":"Genf"} ;; weather {"city":"Basel"} ;; say It rains]]` }],
    tools: [{
      ...tool('weather'),
      type: 'custom',
      run: async ({ city }) => `[[marker ${used.session}]] rain in ${city}`,
      parse: (input) => input,
    }],
  });
  const message = await runner.runUntilDone();
  assert.match(message.content.at(-1).text, /It rains/);
  // The runner sends only what is new; told that nobody keeps the thread, it sends the whole of it.
  assert.deepEqual(used.exchanges.map(({ status }) => status), [200, 400, 200, 400, 200]);
  assert.match(used.exchanges[1].response.toString(), /thread_not_found/);
  onOpenai.linesExpected += 5;
  const seen = await onOpenai.pipeline.seen(used.session, 3);
  assert.equal(seen.length, 3);
  const lines = await onOpenai.pipeline.lines(used.session, 5);
  assert.deepEqual(lines.map(({ json }) => json.exchange.ending),
    ['complete', 'refused', 'complete', 'refused', 'complete']);
});

test('a plain completion from an Anthropic upstream', { skip }, async () => {
  const used = openaiClient();
  const completion = await used.client.chat.completions.create(used.ask());
  assert.equal(completion.choices[0].finish_reason, 'stop');
  const [line] = await check(onAnthropic, used, fromOpenai);
  assert.deepEqual(line.response, plainJson(completion));
  assert.equal(line.exchange.usage.total_tokens, completion.usage.total_tokens);
  assert.equal(line.exchange.translation.response.type, 'message');
});

for (const words of ['events=20', 'events=12 dribble=5', 'tools=2', 'reasoning']) {
  test(`a streamed completion from an Anthropic upstream: ${words}`, { skip }, async () => {
    const used = openaiClient();
    const stream = used.client.chat.completions.stream({
      ...used.ask(words),
      tools: [openaiTool('weather'), openaiTool('time')],
      stream_options: { include_usage: true },
    });
    const completion = withoutHelpers(await stream.finalChatCompletion());
    assert.equal(completion.choices[0].finish_reason, words.includes('tools') ? 'tool_calls' : 'stop');
    const [line] = await check(onAnthropic, used, fromOpenai);
    assert.deepEqual(withoutHelpers(line.response), completion);
    assert.equal(line.exchange.ending, 'complete');
    const thought = line.exchange.translation.response.content.find(({ type }) => type === 'thinking');
    assert.equal(line.response.choices[0].message.reasoning_content, thought?.thinking);
    assert.equal(line.exchange.translation.response.type, 'message');
  });
}

test('an Anthropic upstream\'s error in OpenAI\'s words', { skip }, async () => {
  const used = openaiClient();
  const error = await used.client.chat.completions.create(used.ask('status=429 retry-after=7')).catch((e) => e);
  assert.ok(error instanceof OpenAI.RateLimitError, String(error));
  assert.equal(error.headers.get('retry-after'), '7');
  onAnthropic.linesExpected += 1;
  const [{ json }] = await onAnthropic.pipeline.lines(used.session);
  assert.equal(json.exchange.translation.response.type, 'error');
});
