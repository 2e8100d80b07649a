// The live tail: a new exchange is on the page within a second, written by hand and by the proxy.
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { LogWriter, assistant, chatAnswer, user } from './log_writer.mjs';
import { best, build, eventually, indexed, newPage, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

async function livePage(t, logs) {
  const viewer = await startViewer(logs);
  await indexed(viewer);
  const p = await newPage(browser, viewer);
  t.after(async () => {
    await p.context().close();
    assert.equal(await viewer.stop(), 0);
    assert.deepEqual(p.complaints, []);
  });
  await p.open('/live');
  await p.getByText('since you came').waitFor();
  return p;
}

const seconds = async (p, text, make) => {
  const begin = performance.now();
  await make();
  await p.locator('.live-row', { hasText: text }).first().waitFor();
  return (performance.now() - begin) / 1000;
};

test('a line is on the page within a second of being written', async (t) => {
  const logs = scratchDirectory();
  t.after(() => rmSync(logs, { recursive: true, force: true }));
  const log = new LogWriter(logs);
  const p = await livePage(t, logs);
  const say = (text, session) => log.append({ session, at: Date.now(), request: { model: 'm', messages: [user(text)] }, response: chatAnswer(assistant('yes')) });
  const first = await seconds(p, 'the very first', () => say('the very first', 's1'));
  const again = await best(1, (take) => seconds(p, `take ${take}.`, () => say(`take ${take}.`, 's1')));
  const other = await best(1, (take) => seconds(p, `elsewhere ${take}.`, () => say(`elsewhere ${take}.`, `s2-${take}`)));
  t.diagnostic(`seconds: a new day ${first.toFixed(3)}, again ${again.map((one) => one.toFixed(3))}, another session ${other.map((one) => one.toFixed(3))}`);
  assert.ok(Math.min(...again) < 1);
  assert.ok(Math.min(...other) < 1);

  await p.key(' ');
  say('while paused', 's1');
  await p.getByText('paused, 1 waiting').waitFor();
  assert.equal(await p.locator('.live-row', { hasText: 'while paused' }).count(), 0);
  await p.key(' ');
  await p.locator('.live-row', { hasText: 'while paused' }).waitFor();

  await p.getByPlaceholder('only with this text').fill('s2-0');
  await eventually('one row', async () => (await p.locator('.live-row:visible').count()) === 1);
});

test('an exchange through the proxy is on the page within a second of its end', { skip: !existsSync(join(build, 'bin/albicilla-proxy')) }, async (t) => {
  const { startPipeline } = await import('../pipeline.mjs');
  const pipeline = await startPipeline();
  t.after(() => pipeline.stop());
  const p = await livePage(t, pipeline.logRoot);
  const ask = async (text) => {
    const answer = await fetch(`${pipeline.url}/v1/chat/completions`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'agent-session-id': 'live', authorization: 'Bearer sk-test' },
      body: JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: text }] }),
    });
    assert.equal(answer.status, 200);
    await answer.text();
  };
  await seconds(p, 'first through the proxy', () => ask('first through the proxy'));
  const taken = await best(1, (take) => seconds(p, `again through the proxy, ${take}.`, () => ask(`again through the proxy, ${take}.`)));
  t.diagnostic(`seconds: ${taken.map((one) => one.toFixed(3))}`);
  assert.ok(Math.min(...taken) < 1);
});
