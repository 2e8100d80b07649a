// The page on logs of real agent runs: Claude Code with a sub-agent, a call that fails and a second
// question, and Codex over the Responses API.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { writeRecorded } from './recorded.mjs';
import { ask, indexed, newPage, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

let browser;
let viewer;
let logs;
let claude;
let codex;
const page = async (t) => {
  const one = await newPage(browser, viewer);
  t.after(async () => {
    await one.context().close();
    assert.deepEqual(one.complaints, []);
  });
  return one;
};

before(async () => {
  logs = scratchDirectory();
  claude = writeRecorded(logs, 'claude-code');
  codex = writeRecorded(logs, 'codex');
  [browser, viewer] = await Promise.all([startBrowser(), startViewer(logs)]);
  await indexed(viewer);
});

after(async () => {
  await browser?.close();
  assert.equal(await viewer?.stop(), 0);
  rmSync(logs, { recursive: true, force: true });
});

test('a run of Claude Code is found and read with its calls, its failure and its second question', async (t) => {
  const p = await page(t);
  await p.open('/');
  await p.selectOption('select[name=client]', 'claude-code');
  await p.waitForURL(/client=claude-code/);
  await p.drawn();
  await p.locator('.session', { hasText: 'Write the two files' }).locator('.session-link').click();
  await p.getByText('There are three.').last().waitFor();
  const failed = p.locator('details.call.failed', { hasText: 'missing.txt' });
  await failed.locator('summary').click();
  await failed.getByText('No such file or directory').waitFor();
  await p.locator('.session-head .badge', { hasText: 'chain whole' }).waitFor();
  await p.locator('details.injected', { hasText: 'system-reminder' }).first().waitFor();
  const observed = await p.locator('.message.assistant .badge', { hasText: 'observed' }).count();
  assert.equal(observed, 6);
  assert.equal(await p.locator('.message.assistant .badge', { hasText: 'asserted' }).count(), 0);
});

test('from the call that started it to the sub-agent and back', async (t) => {
  const p = await page(t);
  await p.open(`/session?id=${claude.session}`);
  const call = p.locator('details.call', { hasText: 'look at the files' });
  await call.locator('summary').click();
  await call.getByText('sub-agent:').click();
  await p.getByText('It holds one line.').first().waitFor();
  await p.getByText('A sub-agent, started by a call of').waitFor();
  assert.equal(await p.locator('.message.assistant').count(), 2);
  await p.getByRole('link', { name: 'the conversation above it' }).click();
  await p.getByText('There are three.').last().waitFor();
});

test('the words alone, without calls and prompts', async (t) => {
  const p = await page(t);
  await p.open(`/session?id=${claude.session}`);
  await p.locator('details.call').first().waitFor();
  await p.key('o');
  await p.waitForURL(/only=1/);
  await p.drawn();
  await p.getByText('There are three.').last().waitFor();
  assert.equal(await p.locator('details.call:visible, details.thinking:visible, .message.system:visible').count(), 0);
  assert.ok(await p.locator('.message.user:visible').count() >= 2);
});

test('what a request added to the one before it', async (t) => {
  const p = await page(t);
  const { exchanges } = await ask(viewer, `/api/session?id=${claude.session}`);
  const second = exchanges.filter((one) => one.edge === 'continuation').at(-1);
  await p.open(`/exchange?${new URLSearchParams({ ref: second.ref })}`);
  await p.locator('.facts').waitFor();
  await p.key('d');
  const added = p.locator('.change.added');
  await added.locator('details.call summary').click();
  await added.getByText('result', { exact: true }).waitFor();
  assert.equal(await p.locator('.change').count(), 1);
  await p.getByText('24 tools, unchanged').waitFor();
});

test('a run of Codex is read as one conversation', async (t) => {
  const p = await page(t);
  await p.open(`/session?id=${codex.session}`);
  await p.getByText('Both files are written').last().waitFor();
  assert.equal(await p.locator('.message.assistant').count(), 3);
  const call = p.locator('details.call', { hasText: 'cat a.txt' });
  await call.locator('summary').click();
  await call.getByText('Process exited with code 0').waitFor();
  assert.equal(await p.locator('.branches select').count(), 0);
});

test('the inspector has the bytes that the agent sent', async (t) => {
  const p = await page(t);
  await p.open(`/session?id=${codex.session}&tab=exchanges`);
  await p.locator('.exchange-row .live-text').last().click();
  await p.waitForURL(/\/exchange\?ref=/);
  await p.drawn();
  const { exchange, request } = codex.lines.at(-1);
  await p.locator('.facts', { hasText: exchange.id }).waitFor();
  await p.getByRole('tab', { name: 'Request', exact: true }).click();
  await p.getByText('"prompt_cache_key"').waitFor();
  await p.getByText(request.prompt_cache_key).first().waitFor();
  await p.getByRole('tab', { name: 'Headers' }).click();
  await p.getByText('codex_exec').first().waitFor();
});

test('search, plots, integrity and export know the runs', async (t) => {
  const p = await page(t);
  await p.open(`/search?${new URLSearchParams({ q: '"No such file"' })}`);
  await p.locator('.hit mark').first().waitFor();
  await p.open(`/plots`);
  await p.locator('.panel a', { hasText: 'claude-opus' }).first().waitFor();
  await p.open(`/integrity`);
  await p.locator('.verdict.good', { hasText: '2 files, every chain whole' }).waitFor();
  await p.open(`/export?${new URLSearchParams({ session: claude.session })}`);
  await p.selectOption('select[name=format]', 'atif');
  await p.getByText('--session').first().waitFor();
  await p.getByRole('button', { name: 'Export' }).click();
  const link = p.locator('.downloads a', { hasText: '.jsonl' }).first();
  const [download] = await Promise.all([p.waitForEvent('download'), link.click()]);
  const rows = readFileSync(await download.path(), 'utf8').trim().split('\n');
  assert.equal(rows.length, 1);
  assert.match(rows[0], /look at the files/);
});
