// The rows of trl, rendered by the chat templates of real models: what the conversation says must stand in
// the rendered text, in its order. The templates are those of the package @huggingface/ollama-utils.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { Template } from '@huggingface/jinja';
import { Scratch, golden } from './conversion.mjs';

const scratch = new Scratch();
after(() => scratch.remove());

const folder = dirname(createRequire(import.meta.url).resolve('@huggingface/ollama-utils'));
const source = readFileSync(join(folder, '../src/chat-template-automap.ts'), 'utf8');
const list = source.slice(source.indexOf('= [') + 2, source.lastIndexOf(']') + 1);
const templates = new Map((0, eval)(`(${list})`).map((entry) => [entry.model, entry.gguf]));

const models = ['library/qwen2.5:0.5b', 'library/qwen3:0.6b', 'library/qwen3-next:80b', 'library/qwq:32b',
  'library/granite4:latest', 'library/cogito:14b', 'library/llama3.1:8b', 'library/llama3.2:3b'];
// Templates that take no two calls in one answer.
const oneCall = ['library/llama3.1:8b', 'library/llama3.2:3b'];

function render(model, row) {
  return new Template(templates.get(model)).render({
    ...row, bos_token: '<bos>', eos_token: '<eos>', add_generation_prompt: false,
  });
}

// Each word behind the one before it.
function assertInOrder(text, words) {
  let at = 0;
  for (const word of words) {
    const found = text.indexOf(word, at);
    assert.ok(found >= 0, `'${word}' is not behind byte ${at} of:\n${text}`);
    at = found + word.length;
  }
}

for (const model of models) {
  test(`${model}: renders every turn`, () => {
    assert.ok(templates.has(model), 'the package has no such template');
    const [row] = scratch.rows(join(golden, oneCall.includes(model) ? 'weather' : 'example'), 'trl');
    const words = [];
    for (const message of row.messages) {
      for (const call of message.tool_calls ?? []) words.push(...Object.values(call.function.arguments));
      if (message.role !== 'system' && message.content !== '') words.push(message.content.split('\n')[0]);
    }
    const text = render(model, row);
    assertInOrder(text, words);
    assert.ok(text.includes(row.tools[0].function.name));
  });
}

test('qwen3: reads the reasoning where trl puts it', () => {
  const rows = scratch.rows(join(golden, 'weather'), 'trl', '--view', 'turn');
  const row = rows.find((r) => r.messages.at(-1).reasoning_content);
  assertInOrder(render('library/qwen3:0.6b', row), ['<think>', row.messages.at(-1).reasoning_content, '</think>']);
});

// ChatML with Hermes' tags is what Qwen 2.5 was made for: both texts must hold the same calls and results.
test('hermes: has the calls and results that the template of Qwen 2.5 writes', () => {
  const [trl] = scratch.rows(join(golden, 'example'), 'trl');
  const [hermes] = scratch.rows(join(golden, 'example'), 'hermes');
  const blocks = (text, tag) => [...text.matchAll(new RegExp(`<${tag}>\\n(.*?)\\n</${tag}>`, 'gs'))].map((m) => m[1]);
  const ours = hermes.text.slice(hermes.text.indexOf('<|im_end|>'));
  const rendered = render('library/qwen2.5:0.5b', trl);
  const theirs = rendered.slice(rendered.indexOf('<|im_end|>'));
  assert.deepEqual(blocks(ours, 'tool_call').map(JSON.parse), blocks(theirs, 'tool_call').map(JSON.parse));
  assert.deepEqual(blocks(ours, 'tool_response').map((r) => JSON.parse(r).content), blocks(theirs, 'tool_response'));
  const roles = (text) => [...text.matchAll(/<\|im_start\|>(\w+)/g)].map((m) => m[1].replace('tool', 'user'));
  assert.deepEqual(roles(hermes.text), roles(rendered));
});
