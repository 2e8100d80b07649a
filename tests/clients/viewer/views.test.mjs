// Each view by clicks and by keys, on the demo log. No view may complain on the console.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { demoLog } from './demo.mjs';
import { eventually, indexed, newPage, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

let browser;
let viewer;
let logs;
const page = async (t, options) => {
  const one = await newPage(browser, viewer, options);
  t.after(async () => {
    await one.context().close();
    assert.deepEqual(one.complaints, []);
  });
  return one;
};

before(async () => {
  logs = scratchDirectory();
  demoLog(logs);
  [browser, viewer] = await Promise.all([startBrowser(), startViewer(logs)]);
  await indexed(viewer);
});

after(async () => {
  await browser?.close();
  assert.equal(await viewer?.stop(), 0);
  rmSync(logs, { recursive: true, force: true });
});

test('the list of sessions is filtered, walked and opened by keys', async (t) => {
  const p = await page(t);
  await p.open('/');
  await p.getByText('The tide table is off by one hour').first().waitFor();
  const all = await p.locator('.session').count();
  assert.ok(all > 20);
  await p.selectOption('select[name=client]', 'claude-code');
  await p.waitForURL(/client=claude-code/);
  await p.drawn();
  await eventually('fewer sessions', async () => (await p.locator('.session').count()) < all);
  await p.fill('input[name=text]', 'tide');
  await p.press('input[name=text]', 'Enter');
  await p.waitForURL(/text=tide/);
  await p.drawn();
  await eventually('one session', async () => (await p.locator('.session').count()) === 1);
  await p.key('Escape');
  await p.key('j');
  await p.key('Enter');
  await p.waitForURL(/\/session\?id=claude/);
  await p.drawn();
  await p.goBack();
  await p.waitForURL(/text=tide/);
  await p.drawn();
  assert.equal(await p.inputValue('input[name=text]'), 'tide');
  await p.getByText('clear all').click();
  await eventually('all sessions again', async () => (await p.locator('.session').count()) === all);
});

test('the histogram is brushed to a piece of time', async (t) => {
  const p = await page(t);
  await p.open('/');
  const chart = p.locator('svg.histogram');
  await chart.waitFor();
  const box = await chart.boundingBox();
  await p.mouse.move(box.x + box.width * 0.2, box.y + 20);
  await p.mouse.down();
  await p.mouse.move(box.x + box.width * 0.4, box.y + 20, { steps: 4 });
  await p.mouse.up();
  await p.waitForURL(/since=.*until=/);
  await p.drawn();
  await p.locator('.chip').first().click();
  await p.waitForURL((url) => !url.search.includes('since'));
  await p.drawn();
  await p.locator('svg.histogram').focus();
  await p.keyboard.press('ArrowLeft');
  await p.keyboard.press('Enter');
  await p.waitForURL(/since=/);
  await p.drawn();
});

test('a conversation is read with calls, results and reasoning folded', async (t) => {
  const p = await page(t);
  await p.open('/session?id=claude-7f31c2');
  await p.getByText('All 13 tests pass').waitFor();
  const call = p.locator('details.call', { hasText: 'pytest -q tests/test_tides.py' }).first();
  assert.equal(await call.getAttribute('open'), null);
  await call.locator('summary').click();
  await call.getByText('1 failed, 9 passed').waitFor();
  assert.ok(await p.locator('details.thinking').count() > 0);
  await p.key('f');
  await p.key('j');
  assert.ok(await p.evaluate(() => document.activeElement.classList.contains('message')));
  await p.key('e');
  await p.locator('.exchange-row').first().waitFor();
  assert.equal(await p.locator('.exchange-row').count(), 8);
});

test('what else was said in a place is a click away, and retries and cuts are told', async (t) => {
  const p = await page(t);
  await p.open('/session?id=support-4411');
  const edited = p.locator('.message.user', { hasText: 'in winter' }).first();
  await edited.locator('.badge', { hasText: 'edited' }).waitFor();
  await p.locator('.message.user .badge', { hasText: 'retried' }).waitFor();
  await p.locator('.message.assistant .badge', { hasText: 'client abort' }).waitFor();
  await edited.getByRole('button', { name: 'What was said before in this place' }).click();
  await p.getByText('8 € for a boat up to 12 m').waitFor();
  await p.waitForURL(/branch=/);
  await p.drawn();
  await p.locator('.turns', { hasText: '1 of 2' }).waitFor();
  await p.key('b');
  await p.getByText('From November to March the passage is free').waitFor();
});

test('the inspector shows exactly what the log holds', async (t) => {
  const p = await page(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  await p.open('/session?id=support-4411&tab=exchanges');
  await p.locator('.exchange-row .live-text').nth(3).click();
  await p.waitForURL(/\/exchange\?ref=/);
  await p.drawn();
  const ref = new URL(p.url()).searchParams.get('ref');
  const [file, line] = [ref.slice(0, ref.lastIndexOf(':')), Number(ref.slice(ref.lastIndexOf(':') + 1))];
  await p.getByRole('tab', { name: 'Line' }).click();
  // The note goes after a while: waited for before it is made.
  await Promise.all([p.getByText('line copied').waitFor(), p.getByRole('button', { name: 'Copy the line' }).click()]);
  const copied = await p.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, readFileSync(`${logs}/${file}`, 'utf8').split('\n')[line - 1]);
  await Promise.all([p.getByText('curl command copied').waitFor(), p.key('c')]);
  const curl = await p.evaluate(() => navigator.clipboard.readText());
  assert.match(curl, /^curl 'https:\/\/api\.openai\.com\/v1\/chat\/completions'/);
  assert.match(curl, /authorization: \[REDACTED\]/);
  for (const [tab, text] of [['Request', '"temperature"'], ['Response', '"choices"'], ['Headers', 'x-request-id']]) {
    await p.getByRole('tab', { name: tab, exact: true }).click();
    await p.getByText(text).first().waitFor();
  }
});

test('the difference to the request before is shown', async (t) => {
  const p = await page(t);
  await p.open('/session?id=support-4411&tab=exchanges');
  await p.locator('.exchange-row .live-text', { hasText: 'in winter' }).first().click();
  await p.locator('.facts').waitFor();
  await p.key('d');
  await p.locator('.change.added', { hasText: 'And what does it cost in winter?' }).waitFor();
  await p.locator('.parameters tr.changed', { hasText: 'temperature' }).waitFor();
  await p.locator('.same summary').click();
  await p.locator('.same .message').first().waitFor();
  await p.key('p');
  await p.waitForURL(/ref=.*%3A2/);
  await p.drawn();
});

test('a search finds words and phrases and leads to the exchange', async (t) => {
  const p = await page(t);
  await p.open('/');
  await p.key('/');
  await p.keyboard.type('"daylight saving" UTC');
  await p.keyboard.press('Enter');
  await p.locator('.hit mark', { hasText: 'daylight saving' }).first().waitFor();
  await p.key('j');
  await p.keyboard.press('Enter');
  await p.waitForURL(/\/exchange\?ref=/);
  await p.drawn();
  await p.open('/search?q=nowhere-to-be-found');
  await p.getByText('Nothing found.').waitFor();
});

test('plots have a table for those who cannot see them', async (t) => {
  const p = await page(t);
  await p.open('/plots');
  await p.locator('svg.chart').first().waitFor();
  assert.equal(await p.locator('svg.chart').count(), 4);
  await p.locator('.as-table summary').first().click();
  await p.locator('.as-table table tbody tr').first().waitFor();
  await p.locator('.panel a', { hasText: 'gpt-4o-mini' }).first().click();
  await p.waitForURL(/^[^?]*\/\?.*model=gpt-4o-mini/);
  await p.drawn();
});

test('the integrity of every file is shown and can be checked again', async (t) => {
  const p = await page(t);
  await p.open('/integrity');
  await p.getByText('every chain whole').first().waitFor();
  await p.getByText('every signature holds').first().waitFor();
  await p.locator('.days tbody a').first().click();
  await p.waitForURL(/day=/);
  await p.drawn();
  const row = p.locator('.files tbody tr').first();
  await row.getByRole('button', { name: 'Verify now' }).click();
  await row.getByText('read again, unchanged').waitFor();
});

test('an export gives a file and the command that makes the same', async (t) => {
  const p = await page(t);
  await p.open('/export');
  await p.getByText('albicilla-conv --logs').waitFor();
  await p.getByRole('button', { name: 'Export' }).click();
  const link = p.locator('.downloads a', { hasText: 'conversations.jsonl' });
  await link.waitFor();
  const [download] = await Promise.all([p.waitForEvent('download'), link.click()]);
  const lines = readFileSync(await download.path(), 'utf8').trim().split('\n');
  assert.ok(lines.length > 50);
  assert.ok(JSON.parse(lines[0]).messages.length > 0);
});

test('keys are listed, the theme is kept, g and a letter jump', async (t) => {
  const p = await page(t);
  await p.open('/');
  await p.locator('.session').first().waitFor();
  await p.key('?');
  await p.getByRole('dialog').getByText('next session').waitFor();
  await p.keyboard.press('Escape');
  await p.key('t');
  assert.equal(await p.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await p.reload();
  assert.equal(await p.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await p.key('g');
  await p.key('p');
  await p.waitForURL(/\/plots/);
  await p.drawn();
});

test('nothing sticks out at the width of a phone', async (t) => {
  const p = await page(t, { viewport: { width: 390, height: 844 } });
  for (const path of ['/', '/session?id=claude-7f31c2', '/session?id=claude-7f31c2&tab=exchanges', '/search?q=tide', '/live', '/plots', '/integrity', '/export']) {
    await p.open(path);
    const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
  }
});

// WCAG AA for the text that is there: 4.5 to 1 against what lies behind it.
test('text has enough contrast in both schemes', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const p = await page(t, { colorScheme });
    for (const path of ['/', '/session?id=claude-7f31c2', '/integrity', '/plots']) {
      await p.open(path);
      await p.locator('main h1, main .session, main .panel').first().waitFor();
      const weak = await p.evaluate(() => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
        const rgba = (color) => {
          canvas.clearRect(0, 0, 1, 1);
          canvas.fillStyle = color;
          canvas.fillRect(0, 0, 1, 1);
          return [...canvas.getImageData(0, 0, 1, 1).data].map((value, i) => (i === 3 ? value / 255 : value));
        };
        const behind = (element) => {
          for (let one = element; one; one = one.parentElement) {
            const color = rgba(getComputedStyle(one).backgroundColor);
            if (color[3] > 0.9) return color;
          }
          return rgba(getComputedStyle(document.documentElement).backgroundColor);
        };
        const light = (color) => color.slice(0, 3).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
          .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
        const found = new Set();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          const element = walker.currentNode.parentElement;
          if (!walker.currentNode.data.trim() || element.closest('svg, option, .hidden, noscript, [hidden]') || !element.checkVisibility()) continue;
          const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) found.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)} "${walker.currentNode.data.trim().slice(0, 30)}"`);
        }
        return [...found];
      });
      assert.deepEqual(weak, [], `${colorScheme} ${path}`);
    }
  }
});

test('every control has a name and every view one heading', async (t) => {
  const p = await page(t);
  for (const path of ['/', '/session?id=claude-7f31c2', '/search?q=tide', '/live', '/plots', '/integrity', '/export']) {
    await p.open(path);
    const faults = await p.evaluate(() => {
      const nameless = [...document.querySelectorAll('a, button, input, select, summary, [role=img], [role=tab]')].filter((one) =>
        one.checkVisibility() && !(one.getAttribute('aria-label') || one.textContent.trim() || one.title || one.labels?.length));
      const headings = document.querySelectorAll('h1').length;
      return [...nameless.map((one) => one.outerHTML.slice(0, 120)), ...(headings === 1 ? [] : [`${headings} headings`])];
    });
    assert.deepEqual(faults, [], path);
  }
});
