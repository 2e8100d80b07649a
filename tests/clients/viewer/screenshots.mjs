// Takes the pictures of the README: node screenshots.mjs DIR.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { demoLog } from './demo.mjs';
import { indexed, newPage, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

const out = process.argv[2] ?? '.';
const logs = scratchDirectory();
const now = Date.now();
demoLog(logs, now);
const [browser, viewer] = await Promise.all([startBrowser(), startViewer(logs)]);
await indexed(viewer);

async function picture(name, path, { ready, act, ...options } = {}) {
  const page = await newPage(browser, viewer, { viewport: { width: 1280, height: 800 }, ...options });
  await page.goto(viewer.url + path);
  await page.locator(ready).first().waitFor();
  await act?.(page);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(out, `${name}.png`), animations: 'disabled' });
  if (page.complaints.length > 0) throw new Error(`${name}: ${page.complaints.join('; ')}`);
  await page.context().close();
}

try {
  const { exchanges } = await (await fetch(`${viewer.url}/api/session?id=support-4411`)).json();
  const edited = exchanges.find(({ edge }) => edge === 'edit_fork').ref;
  const agent = '/session?id=claude-7f31c2';
  await picture('sessions', '/', { ready: '.session' });
  await picture('conversation', agent, { ready: '.message.assistant', viewport: { width: 1280, height: 960 }, act: async (page) => {
    await page.locator('details.call', { hasText: 'pytest' }).first().locator('summary').click();
    await page.evaluate(() => window.scrollTo(0, 0));
  } });
  await picture('forks', '/session?id=support-4411', { ready: '.message.assistant' });
  await picture('conversation-dark', agent, { ready: '.message.assistant', colorScheme: 'dark' });
  await picture('difference', `/exchange?${new URLSearchParams({ ref: edited, tab: 'difference' })}`, { ready: '.change' });
  await picture('plots', '/plots', { ready: 'svg.chart', colorScheme: 'dark' });
  await picture('integrity', '/integrity', { ready: '.days .badge.good', act: (page) => page.drawn() });
  await picture('phone', agent, { ready: '.message.assistant', viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 });
} finally {
  await browser.close();
  await viewer.stop();
  rmSync(logs, { recursive: true, force: true });
}
