// The page's pure modules, without a browser.
import assert from 'node:assert/strict';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { mkdtempSync } from 'node:fs';

const assets = join(dirname(fileURLToPath(import.meta.url)), '../../../converter/viewer/assets');
const copy = mkdtempSync(join(tmpdir(), 'albicilla-assets-'));
cpSync(assets, copy, { recursive: true });
writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
after(() => rmSync(copy, { recursive: true, force: true }));
const load = (name) => import(pathToFileURL(join(copy, name)).href);

const { piece } = await load('json_text.js');
const { canonical, diffLists, diffParameters, diffWords, pairChanges } = await load('diff.js');
const { requestMessages, responseMessages } = await load('messages.js');
const { bytes, duration, short } = await load('format.js');

test('JSON keeps numbers, escapes, order and repeated keys as they are written', () => {
  const text = ' {"b": 1.0e5, "a":12345678901234567890, "a" : "\\u0041\\"]", "x":[ ],"y":{}} ';
  const members = [...piece(text).children()].map(({ keyRaw, piece: value }) => [keyRaw, value.raw]);
  assert.deepEqual(members, [['"b"', '1.0e5'], ['"a"', '12345678901234567890'], ['"a"', '"\\u0041\\"]"'], ['"x"', '[ ]'], ['"y"', '{}']]);
  assert.equal(piece(text).member('a').value, 'A"]');
});

test('JSON elements are found among nested ones', () => {
  const elements = [...piece('[{"a":[1,2]},"x,]", -1 ,[[]],null]').children()].map(({ piece: value }) => value.raw);
  assert.deepEqual(elements, ['{"a":[1,2]}', '"x,]"', '-1', '[[]]', 'null']);
});

test('JSON that is broken ends early and does not hang', () => {
  for (const text of ['', '{', '[1,', '{"a"', '{"a":', '"x', '[,]', '{"a":1,}']) {
    assert.ok([...piece(text).children()].length <= 1, text);
  }
});

test('a difference of lists is the shortest one', () => {
  const steps = diffLists([...'abcde'], [...'axcdef']).map(({ kind }) => kind);
  assert.deepEqual(steps, ['same', 'removed', 'added', 'same', 'same', 'same', 'added']);
});

test('a difference of huge lists is coarse but bounded', () => {
  const before = Array.from({ length: 4000 }, (_, i) => `a${i}`);
  const after = Array.from({ length: 4000 }, (_, i) => `b${i}`);
  const begin = process.cpuUsage();
  assert.equal(diffLists(before, after).length, 8000);
  assert.ok(process.cpuUsage(begin).user < 2_000_000, 'microseconds of this process, whatever else runs');
});

test('words that stayed are not marked', () => {
  assert.deepEqual(diffWords('the old gate', 'the new gate'), [
    { kind: 'same', text: 'the ' }, { kind: 'removed', text: 'old' }, { kind: 'added', text: 'new' }, { kind: 'same', text: ' gate' }]);
});

test('a removed and an added element of one kind are a change', () => {
  const steps = pairChanges(diffLists(['a', 'b'], ['a', 'c']), () => true);
  assert.deepEqual(steps.map(({ kind }) => kind), ['same', 'changed']);
});

test('parameters are compared without key order and cache marks', () => {
  assert.deepEqual(diffParameters({ a: { x: 1, y: 2 }, n: 1, gone: true }, { a: { y: 2, x: 1, cache_control: {} }, n: 2, messages: [] }),
    [{ key: 'n', kind: 'changed', before: 1, after: 2 }, { key: 'gone', kind: 'removed', before: true }]);
  assert.equal(canonical([{ b: 1, a: null }]), '[{"a":null,"b":1}]');
});

test('every API gives the same kind of messages', () => {
  const chat = requestMessages({ messages: [{ role: 'developer', content: 's' }, { role: 'user', content: [{ type: 'text', text: 'q' }] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"x":1}' } }] }, { role: 'tool', tool_call_id: 'c', content: '4' }] });
  const anthropic = requestMessages({ system: 's', messages: [{ role: 'user', content: 'q' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: { x: 1 } }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', content: '4' }] }] });
  const responses = requestMessages({ instructions: 's', input: [{ role: 'user', content: 'q' },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"x":1}' }, { type: 'function_call_output', call_id: 'c', output: '4' }] });
  for (const messages of [chat, anthropic, responses]) {
    assert.deepEqual(messages.map(({ role }) => role).map((role, i) => (i === 3 ? 'result' : role)), ['system', 'user', 'assistant', 'result']);
    assert.deepEqual(messages[2].parts.map(({ kind, id, name, input }) => [kind, id, name, input]), [['call', 'c', 'f', { x: 1 }]]);
    assert.equal(messages[3].parts[0].kind, 'result');
    assert.equal(messages[3].parts[0].text, '4');
  }
});

test('answers are read whatever they hold', () => {
  assert.equal(responseMessages({ error: { message: 'no' } })[0].role, 'error');
  assert.equal(responseMessages({ choices: [{ message: { content: 'a' } }, { message: { content: 'b' } }] }).length, 2);
  assert.equal(responseMessages({ output: [{ type: 'reasoning', summary: [] }, { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] }] }).length, 1);
  for (const odd of [null, 7, '', [], {}, { content: 5 }, { choices: 'x' }, { output: [null] }, { messages: [{}] }]) {
    responseMessages(odd);
    if (!Array.isArray(odd?.output)) requestMessages(odd);
  }
});

test('messages of any shape are read without an error and as text', () => {
  let seed = 11;
  const random = (below) => { seed = (seed * 48271) % 2147483647; return seed % below; };
  const keys = ['role', 'content', 'type', 'text', 'tool_calls', 'function', 'name', 'arguments', 'input', 'output', 'id', 'call_id', 'summary', 'message', 'choices',
    'messages', 'system', 'error', 'source', 'url', 'image_url', 'thinking', 'refusal', 'reasoning', 'function_call', 'instructions', 'prompt', 'is_error', 'tool_use_id'];
  const words = ['user', 'assistant', 'tool', 'text', 'tool_use', 'tool_result', 'image', 'reasoning', 'function_call', 'function_call_output', 'message', 'document', '', '<a>x</a>', 'data:image/png,AA'];
  const any = (depth) => {
    const kind = random(depth > 4 ? 4 : 7);
    if (kind < 2) return words[random(words.length)];
    if (kind === 2) return random(3);
    if (kind === 3) return [null, true, false][random(3)];
    if (kind === 4) return Array.from({ length: random(4) }, () => any(depth + 1));
    return Object.fromEntries(Array.from({ length: random(6) }, () => [keys[random(keys.length)], any(depth + 1)]));
  };
  for (let i = 0; i < 20000; ++i) {
    const value = any(0);
    for (const { role, parts } of [...requestMessages(value), ...responseMessages(value), ...requestMessages({ messages: [value], input: [value] }), ...responseMessages({ choices: [value] })]) {
      assert.equal(typeof role, 'string');
      for (const one of parts) {
        assert.equal(typeof (one.kind === 'call' ? one.name : one.text), 'string', JSON.stringify(value));
      }
    }
  }
});

test('figures are short and right', () => {
  assert.equal(short(999), '999');
  assert.equal(short(12345), '12.3k');
  assert.equal(bytes(1_500_000), '1.5 MB');
  assert.equal(duration(1_500_000), '1.50 s');
  assert.equal(duration(null), '–');
});
