// Every format's rows against a JSON Schema of its target (schemas/), by ajv.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { Scratch, golden, here, makeLog, tracesOf } from './conversion.mjs';

const scratch = new Scratch();
after(() => scratch.remove());
mkdirSync(join(scratch.path, 'made'));
execFileSync(process.execPath, [makeLog, join(scratch.path, 'made/log.jsonl'), '1', '50']);

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addSchema(JSON.parse(readFileSync(join(here, 'schemas/parts.json'), 'utf8')));

function check(format, rows) {
  const schema = JSON.parse(readFileSync(join(here, `schemas/${format}.json`), 'utf8'));
  const validate = ajv.getSchema(schema.$id) ?? ajv.compile(schema);
  for (const row of rows) assert.ok(validate(row), `${format}: ${ajv.errorsText(validate.errors)}`);
}

for (const format of ['openai', 'trl', 'trl-prompt-completion', 'sharegpt', 'hermes', 'mistral', 'bedrock', 'gemini',
  'anthropic', 'atif', 'otel']) {
  test(`${format}: rows keep the target's schema`, () => {
    const example = scratch.rows(join(golden, 'example'), format);
    assert.equal(example.length, 1);
    check(format, example);
    const made = scratch.rows(join(scratch.path, 'made'), format);
    assert.ok(made.length > 10);
    check(format, made);
  });
}

for (const format of ['openai-dpo', 'trl-preference']) {
  test(`${format}: pairs keep the target's schema`, () => {
    const rows = scratch.rows(join(golden, 'example'), format);
    assert.equal(rows.length, 1);
    check(format, rows);
  });
}

test('sts: every line of a trace keeps the schema', () => {
  const traces = tracesOf(scratch.convert(join(golden, 'example'), 'sts'));
  assert.equal(traces.length, 1);
  assert.equal(traces[0][0].type, 'session');
  check('sts', traces[0]);
});

test('sharegpt: dataset_info.json names the columns that the rows have', () => {
  const output = scratch.convert(join(golden, 'example'), 'sharegpt');
  const info = JSON.parse(readFileSync(join(output, 'dataset_info.json'), 'utf8'));
  const [row] = scratch.rows(join(golden, 'example'), 'sharegpt');
  for (const entry of Object.values(info)) {
    assert.ok(readFileSync(join(output, entry.file_name), 'utf8').length > 0);
    for (const column of Object.values(entry.columns)) assert.ok(column in row, column);
  }
});
