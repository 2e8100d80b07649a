// Starts albicilla-view on a log of its own and a real browser on it. Every wait has a bound; what
// the page says on its console is kept, so that a test can ask for silence.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
export const build = process.env.ALBICILLA_BINARY_DIR ?? join(here, '../../../build/release');
// How long a busy machine may take. No test asserts a time but by best(), so this costs nothing when all is well.
export const patience = 60_000;

export async function eventually(what, probe, bound = patience) {
  const end = Date.now() + bound;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${bound} ms`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

export const scratchDirectory = () => mkdtempSync(join(tmpdir(), 'albicilla-viewer-'));

/** {url, port, said(), stop()}; `flags` go to albicilla-view behind --logs. */
export async function startViewer(logs, flags = []) {
  const index = scratchDirectory();
  const child = spawn(join(build, 'bin', 'albicilla-view'), ['--logs', logs, '--index-dir', index, '--port', '0', ...flags]);
  let said = '';
  child.stdout.on('data', (text) => { said += text; });
  child.stderr.on('data', (text) => { said += text; });
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
    child.on('error', (error) => resolve(error.message));
  });
  const port = await eventually('albicilla-view', () => {
    if (child.exitCode !== null) throw new Error(`albicilla-view did not start:\n${said}`);
    return Number(/http:\/\/[^/]*:(\d+)\//.exec(said)?.[1]);
  });
  const viewer = {
    port,
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), patience);
      const status = await ended;
      clearTimeout(late);
      rmSync(index, { recursive: true, force: true });
      return status;
    },
  };
  return viewer;
}

/** Waits until everything that is in the log now is in the index. */
export const indexed = (viewer) => eventually('the index', async () => {
  const { index } = await ask(viewer, '/api/state');
  return index.ready && index.pending_bytes === 0;
});

/**
 * Measures until one take is below `bound` seconds: what a machine can do is told by its best moment, what
 * it does beside other work is not the page's.
 */
export async function best(bound, measure, most = 20) {
  const taken = [];
  while (taken.length < most) {
    taken.push(await measure(taken.length));
    if (taken.at(-1) < bound) break;
  }
  return taken;
}

/** A raw request with any headers: {status, headers, body}. */
export const raw = (viewer, { method = 'GET', path = '/', headers = {}, body } = {}) => new Promise((resolve, reject) => {
  // A connection each: one that was kept may be closed by the server just when it is used again.
  const asked = request({ host: '127.0.0.1', port: viewer.port, method, path, agent: false, headers: { host: `127.0.0.1:${viewer.port}`, ...headers }, setHost: false }, (answer) => {
    let text = '';
    answer.on('data', (piece) => { text += piece; });
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: text }));
  });
  asked.on('error', reject);
  asked.end(body);
});

/** What the API answers to a GET. */
export async function ask(viewer, path) {
  const { status, body } = await raw(viewer, { path });
  if (status !== 200) throw new Error(`${path}: ${status} ${body.slice(0, 200)}`);
  return JSON.parse(body);
}

const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const startBrowser = () => chromium.launch({
  executablePath: candidates.find((path) => path && existsSync(path)),
  timeout: 2 * patience,
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
});

/**
 * A page whose console, errors, dialogs and foreign requests are kept in `page.complaints`. `drawn()` waits until
 * the view is whole and listens to its keys; `open(path)` goes there and waits for that, `key()` waits before it
 * presses.
 */
export async function newPage(browser, viewer, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.complaints = [];
  page.drawn = () => page.locator('main[aria-busy="false"]').waitFor({ state: 'attached' });
  page.key = async (key) => {
    await page.drawn();
    await page.locator('body').press(key);
  };
  page.open = async (path) => {
    await page.goto(viewer.url + path);
    await page.drawn();
  };
  const complain = (text) => page.complaints.push(text);
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complain(`${message.type()}: ${message.text()}`); });
  page.on('pageerror', (error) => complain(`error: ${error.message}`));
  page.on('dialog', (dialog) => { complain(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (asked) => { if (!asked.url().startsWith(viewer.url)) complain(`asked ${asked.url()}`); });
  return page;
}
