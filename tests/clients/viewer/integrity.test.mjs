// Can the log be trusted? Chains and signed checkpoints as the page shows them, on a sound log and after somebody
// has been at it.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { LogWriter, assistant, chatAnswer, user } from './log_writer.mjs';
import { Signer } from './signer.mjs';
import { indexed, newPage, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 0, 14, 12);
let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

function say(log, session, at, text) {
  log.append({ session, at, request: { model: 'm', messages: [user(text)] }, response: chatAnswer(assistant('yes')) });
}

/** A page on a log of two signed days; `harm(logs)` is what somebody did to it. */
async function pageOn(t, { flags = () => [], harm = () => {} } = {}) {
  const logs = scratchDirectory();
  const log = new LogWriter(logs);
  for (const at of [NOON - DAY, NOON]) {
    for (const session of ['harbour', 'lock']) for (const text of ['first', 'second', 'third']) say(log, session, at, text);
  }
  const signer = new Signer(logs);
  signer.signAll(log);
  say(log, 'late', NOON, 'not signed yet');
  harm(logs);
  const viewer = await startViewer(logs, flags(signer));
  await indexed(viewer);
  const p = await newPage(browser, viewer);
  t.after(async () => {
    await p.context().close();
    assert.equal(await viewer.stop(), 0);
    assert.deepEqual(p.complaints, []);
    rmSync(logs, { recursive: true, force: true });
  });
  return p;
}

test('signatures that hold are told with their key, and what came after the last of them', async (t) => {
  const p = await pageOn(t, { flags: (signer) => ['--pub', signer.key] });
  await p.open('/integrity');
  await p.getByText('2 checkpoints, every signature holds.').first().waitFor();
  await p.getByText('1 line came after').first().waitFor();
  await p.locator('.days tr', { hasText: '2026-01-13' }).getByText('signed, sealed').first().waitFor();
  await p.open('/integrity?day=2026-01-14');
  await p.locator('.files tr', { hasText: 'harbour' }).getByText('signed', { exact: true }).first().waitFor();
  await p.locator('.files tr', { hasText: 'late' }).getByText('not signed').first().waitFor();
});

test('a file that was made anew, chain and all, is not as it was signed', async (t) => {
  const p = await pageOn(t, { harm: (logs) => {
    rmSync(join(logs, '2026-01-13/lock.jsonl'));
    const forger = new LogWriter(logs);
    for (const text of ['first', 'never said', 'third']) say(forger, 'lock', NOON - DAY, text);
  } });
  await p.open('/integrity?day=2026-01-13');
  const row = p.locator('.files tr', { hasText: 'lock' });
  await row.getByText('chain whole').waitFor();
  await row.getByText('not as signed').waitFor();
  await p.locator('.gaps li', { hasText: 'lock.jsonl' }).getByText('edit').waitFor();
  await row.getByRole('button', { name: 'Verify now' }).click();
  await row.getByText('read again, unchanged').waitFor();
  await row.getByText('not as signed').waitFor();
});

test('a checkpoint that was changed, and one of a foreign key, do not hold', async (t) => {
  const p = await pageOn(t, { harm: (logs) => {
    const manifest = join(logs, '2026-01-14/.manifest');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"lines":6,"root"', '"lines":7,"root"'));
  } });
  await p.open('/integrity');
  await p.getByText('The signed checkpoints do not hold.').waitFor();
  await p.locator('.verdict.bad li', { hasText: 'bad signature' }).first().waitFor();
  const other = await pageOn(t, { flags: () => ['--pub', 'ab'.repeat(32)] });
  await other.open('/integrity');
  await other.getByText('nothing in this log is vouched for by the given key').waitFor();
});
