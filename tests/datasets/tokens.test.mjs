// --tokens with tiktoken's tables, against gpt-tokenizer's own count.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { Scratch, rowsOf } from './conversion.mjs';

const scratch = new Scratch();
after(() => scratch.remove());
const require = createRequire(import.meta.url);
const tables = join(dirname(require.resolve('gpt-tokenizer/encoding/cl100k_base')), '../../data');

const texts = [
  'Hello, world!', "I'm sure they'll say it's FINE, WE'RE done.", '  two spaces\n\n\nthree breaks \t tab ',
  'Zażółć gęślą jaźń — 漢字とかな、한국어.', '🦅🏳️‍🌈 emoji 👩‍👩‍👧', 'def f(x):\n    return x ** 2  # 1234567890\r\n',
  'https://example.com/a/b?c=d&e=%20f', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '\u00a0\u2003thin\u2009spaces\u3000',
  '', 'a', '   ', '\n', 'CamelCaseWordsHTTPServer', '1,234.56 ½ ² Ⅷ', 'naïve café résumé', '<|im_start|>user',
  'Γειά σου Κόσμε', 'سلام دنیا', 'हिन्दी में', "don't DON'T 'tis", 'a\u0301 combining', '{"a": [1, 2, {"b": null}]}',
];
let state = 7;
const random = (n) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
for (let i = 0; i < 300; ++i) {
  let text = '';
  for (let j = random(40); j > 0; --j) text += texts[random(texts.length)].slice(random(8), 8 + random(20)) + [' ', '', '\n', '  '][random(4)];
  texts.push(text.toWellFormed ? text.toWellFormed() : text.replace(/[\ud800-\udfff]/g, ''));
}

for (const [name, encoding] of [['cl100k_base', cl100k], ['o200k_base', o200k]]) {
  test(`${name}: the counts are gpt-tokenizer's`, () => {
    const log = scratch.writeLog(`${name}.jsonl`, texts.map((text, i) => ({
      session: `s${i}`,
      request: { model: 'm', messages: [{ role: 'user', content: `${i}:${text}` }] },
      answer: { role: 'assistant', content: `answer ${i}` },
    })));
    const output = scratch.convert(log, 'trl', '--tokenizer', join(tables, `${name}.tiktoken`));
    const meta = rowsOf(join(output, 'conversations.meta.jsonl'));
    assert.equal(meta.length, texts.length);
    for (const row of meta) {
      const i = Number(row.session.slice(1));
      const said = `${i}:${texts[i]}\nanswer ${i}\n`;
      assert.equal(row.tokens_source, 'exact');
      assert.equal(row.tokens, encoding.encode(said, { disallowedSpecial: new Set() }).length, JSON.stringify(said));
    }
  });
}

test('without a table the counts are estimates and say so', () => {
  const log = scratch.writeLog('estimate.jsonl', [{
    request: { model: 'm', messages: [{ role: 'user', content: 'abcdefgh' }] },
    answer: { role: 'assistant', content: 'abc' },
  }]);
  const [row] = rowsOf(join(scratch.convert(log, 'trl', '--tokens'), 'conversations.meta.jsonl'));
  assert.equal(row.tokens_source, 'estimated');
  assert.equal(row.tokens, Math.ceil('abcdefgh\nabc\n'.length / 4));
});
