// Logs are hostile text: whatever stands in them is shown and never runs, and breaks no layout.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { LogWriter, assistant, chatAnswer, user } from './log_writer.mjs';
import { ask, best, eventually, indexed, newPage, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

const SCRIPTS = [
  '<script>window.hit=1;alert(1)</script>', '<img src=x onerror="window.hit=1">', '<svg onload=window.hit=1>',
  '"><iframe src="javascript:parent.hit=1">', "javascript:window.hit=1//", '{{constructor.constructor("hit=1")()}}',
  '</textarea><style>*{display:none}</style>', '<a href="javascript:hit=1">x</a>', "'-alert(1)-'", '${alert(1)}', '<base href="https://evil.example/">',
];
const MARKS = 'safe\u202Etxt.exe\u2066 \u0000\u0001\u001b[31mred\u0007 \u200Bzero\uFEFF \u2028next';
const LARGE = 'needle-in-hay '.repeat(750_000);

let browser;
let viewer;
let logs;
let large;

before(async () => {
  logs = scratchDirectory();
  const log = new LogWriter(logs);
  const now = Date.now() - 60_000;
  const hostile = SCRIPTS.join(' ');
  log.append({ session: hostile, file: 'hostile', at: now, request: { model: hostile, messages: [user(hostile)], tools: [{ type: 'function', function: { name: hostile } }] },
    response: chatAnswer(assistant(hostile, { reasoning_content: hostile, tool_calls: [{ id: hostile, type: 'function', function: { name: hostile, arguments: JSON.stringify({ [hostile]: hostile }) } }] })),
    model: hostile, user_id: hostile, client_app: hostile, error: hostile, ending: hostile, path: `/${hostile}`, upstream: `javascript:alert(1)`, dialect: hostile,
    headers: SCRIPTS.map((text) => [text, text]), status: 500 });
  log.append({ session: hostile, file: 'hostile', at: now + 1000, request: { model: hostile, messages: [user(hostile), assistant(hostile), user(`${hostile} again`)] }, response: { raw: JSON.stringify(hostile) }, model: hostile });
  log.append({ session: MARKS, file: 'marks', at: now + 2000, request: { model: 'm', messages: [user(MARKS)] }, response: chatAnswer(assistant(MARKS)), model: MARKS });
  large = log.append({ session: 'large', at: now + 3000, request: { model: 'm', messages: [user(LARGE)] }, response: chatAnswer(assistant('x'.repeat(2_000_000))) });
  log.append({ session: 'deep', at: now + 4000, request: { raw: `${'{"a":'.repeat(900)}1${'}'.repeat(900)}` } });
  log.append({ session: 'odd', at: now + 5000, request: { raw: '{"messages":[null,7,"x",[],{"role":{},"content":{"x":[1e999,{}]}},{"content":[null,5,{"type":7}]}],"model":{"x":1},"tools":"no","input":5}' }, response: { raw: '{"choices":[null,{"message":7}],"output":{},"content":3,"error":[]}' } });
  log.append({ session: 'wide', at: now + 6000, request: { model: 'm', messages: [user('w'.repeat(20_000))] }, response: chatAnswer(assistant('m'.repeat(5000))), model: 'm'.repeat(900), user_id: 'u'.repeat(900) });
  [browser, viewer] = await Promise.all([startBrowser(), startViewer(logs)]);
  await indexed(viewer);
});

after(async () => {
  await browser?.close();
  assert.equal(await viewer?.stop(), 0);
  rmSync(logs, { recursive: true, force: true });
});

const refs = async () => {
  const { sessions } = await ask(viewer, '/api/sessions');
  const all = [];
  for (const { session } of sessions) {
    const { exchanges } = await ask(viewer, `/api/session?${new URLSearchParams({ id: session })}`);
    all.push(...exchanges.map((one) => [session, one.ref]));
  }
  return all;
};

test('no view runs what the log says, asks elsewhere or becomes too wide', async (t) => {
  const p = await newPage(browser, viewer);
  t.after(() => p.context().close());
  const paths = ['/', '/live', '/plots', '/integrity', '/export', `/search?${new URLSearchParams({ q: 'script' })}`, '/search?q=needle'];
  for (const [session, ref] of await refs()) {
    paths.push(`/session?${new URLSearchParams({ id: session })}`, `/session?${new URLSearchParams({ id: session, tab: 'exchanges' })}`);
    for (const tab of ['chat', 'request', 'response', 'headers', 'difference', 'line']) paths.push(`/exchange?${new URLSearchParams({ ref, tab })}`);
  }
  for (const path of paths) {
    await p.open(path);
    await p.locator('main :not(.loading)').first().waitFor();
    await eventually(`${path} is drawn`, async () => (await p.locator('.loading').count()) === 0);
    // Everything that is folded is opened: what is hidden must be as harmless.
    await p.evaluate(() => { for (const one of [...document.querySelectorAll('details')].slice(0, 300)) one.open = true; });
    assert.equal(await p.evaluate(() => window.hit), undefined, path);
    const odd = await p.evaluate(() => [...document.querySelectorAll('main script, main iframe, main img, main style, main base, main a[href^="javascript" i]')].length);
    assert.equal(odd, 0, path);
    const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
  }
  assert.deepEqual(p.complaints, []);
});

test('characters that cannot be seen are shown by their number', async (t) => {
  const p = await newPage(browser, viewer);
  t.after(() => p.context().close());
  await p.open(`/session?${new URLSearchParams({ id: MARKS })}`);
  await p.locator('.said .control', { hasText: 'U+202E' }).first().waitFor();
  for (const code of ['U+2066', 'U+0000', 'U+001B', 'U+200B', 'U+FEFF', 'U+2028']) {
    await p.locator('.said .control', { hasText: code }).first().waitFor();
  }
  assert.deepEqual(p.complaints, []);
});

test('a message of ten megabytes is shown in part and at once', async (t) => {
  const p = await newPage(browser, viewer);
  t.after(() => p.context().close());
  const more = p.locator('button.more').first();
  const taken = await best(4, async () => {
    const begin = performance.now();
    await p.open(`/exchange?${new URLSearchParams({ ref: large })}`);
    await more.waitFor();
    return (performance.now() - begin) / 1000;
  }, 5);
  assert.ok(Math.min(...taken) < 4, `seconds: ${taken.join(' ')}`);
  assert.ok(await p.evaluate(() => document.body.textContent.length) < 100_000, 'only a part is in the page');
  assert.match(await more.textContent(), /10,4\d\d,\d\d\d more characters/);
  await more.click();
  await eventually('more text', async () => (await p.locator('.said').first().evaluate((one) => one.textContent.length)) > 150_000);
  await p.open(`/search?q=needle`);
  await p.locator('.hit mark', { hasText: 'needle' }).first().waitFor();
  assert.deepEqual(p.complaints, []);
});
