// Who is let in: tokens and rights, Host and Origin, what a browser is told to forbid; and that every
// request is in the access log.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { LogWriter, assistant, chatAnswer, user } from './log_writer.mjs';
import { eventually, indexed, newPage, raw, scratchDirectory, startBrowser, startViewer } from './viewer.mjs';

const ANN = 'ann-has-a-long-token';
const BEN = 'ben-has-a-long-token';
let logs;
let users;
let open;
let closed;

before(async () => {
  logs = scratchDirectory();
  new LogWriter(logs).append({ session: 's1', at: Date.now() - 5000, request: { model: 'm', messages: [user('hello')] }, response: chatAnswer(assistant('yo')) });
  users = join(logs, '.users.json');
  writeFileSync(users, JSON.stringify({ users: [
    { name: 'ann', token: ANN, rights: ['read', 'export'] },
    { name: 'ben', token: `sha256:${createHash('sha256').update(BEN).digest('hex')}`, rights: ['read'] }] }), { mode: 0o600 });
  [open, closed] = await Promise.all([startViewer(logs), startViewer(logs, ['--users', users, '--allow-host', 'logs.example.org'])]);
  await indexed(open);
});

after(async () => {
  assert.equal(await open?.stop(), 0);
  assert.equal(await closed?.stop(), 0);
  rmSync(logs, { recursive: true, force: true });
});

test('a foreign Host is refused, so that no rebound name reaches the log', async () => {
  for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', 'logs.example.org', '']) {
    for (const path of ['/', '/api/sessions', '/api/live', '/app.js']) {
      const answer = await raw(open, { path, headers: { host } });
      assert.ok([400, 421].includes(answer.status), `${host} ${path} ${answer.status}`);
      assert.ok(!answer.body.includes('hello'));
    }
  }
  for (const host of [`127.0.0.1:${open.port}`, 'localhost', 'LOCALHOST:1', '[::1]:9002', '10.0.0.7']) {
    assert.equal((await raw(open, { path: '/api/state', headers: { host } })).status, 200, host);
  }
  assert.equal((await raw(closed, { headers: { host: 'logs.example.org' } })).status, 200);
});

test('pages of other sites get nothing', async () => {
  for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${open.port + 1}`, 'http://localhost']) {
    assert.equal((await raw(open, { path: '/api/state', headers: { origin } })).status, 403, origin);
    assert.equal((await raw(open, { method: 'POST', path: '/api/export', headers: { origin } })).status, 403, origin);
  }
  assert.equal((await raw(open, { path: '/api/state', headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
  assert.equal((await raw(open, { path: '/api/state', headers: { origin: `http://127.0.0.1:${open.port}` } })).status, 200);
});

test('every answer forbids what the page does not need', async () => {
  for (const path of ['/', '/app.js', '/api/state', '/api/nothing']) {
    const { headers } = await raw(open, { path });
    assert.match(headers['content-security-policy'], /default-src 'none'.*trusted-types 'none'/);
    assert.ok(!headers['content-security-policy'].includes('unsafe'));
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

test('odd requests are refused and execute nothing', async () => {
  for (const [method, path, status] of [['PUT', '/api/state', 405], ['DELETE', '/api/sessions', 405], ['OPTIONS', '/', 405], ['POST', '/api/sessions', 405],
    ['GET', '/api/export?id=x', 404], ['GET', '/api/exchange?ref=../../etc/passwd:1', 400], ['GET', '/api/verify?file=../../etc/passwd', 400],
    ['GET', '/api/line?ref=2026-01-13/../../etc/passwd.jsonl:1', 400], ['GET', '/api/export/file?id=x&name=..', 404], ['GET', '/../../etc/passwd', 404],
    ['GET', '/api/sessions?since=soon', 400], ['GET', '/api/sessions?cursor=x', 400], ['GET', `/${'x'.repeat(600)}`, 414]]) {
    assert.equal((await raw(open, { method, path })).status, status, `${method} ${path.slice(0, 60)}`);
  }
});

test('a body where none belongs closes the connection, so nothing behind it is executed', async () => {
  const socket = connect(open.port, '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => { text += piece; });
  const host = `Host: 127.0.0.1:${open.port}\r\n`;
  socket.write(`GET /api/state HTTP/1.1\r\n${host}Content-Length: 60\r\n\r\nGET /api/sessions HTTP/1.1\r\n${host}\r\n`);
  await new Promise((resolve) => { socket.on('close', resolve); socket.on('error', resolve); });
  assert.match(text, /^HTTP\/1\.1 400/);
  assert.ok(!text.includes('"sessions"'));
});

test('with users, nothing is shown without a token, and rights are kept', async () => {
  for (const path of ['/api/state', '/api/sessions', '/api/line?id=x', '/api/live', '/api/export?id=x']) {
    assert.equal((await raw(closed, { path })).status, 401, path);
  }
  const as = (token) => ({ headers: { authorization: `Bearer ${token}` } });
  assert.equal((await raw(closed, { path: '/api/sessions', ...as(ANN) })).status, 200);
  assert.equal((await raw(closed, { path: '/api/sessions', ...as(BEN) })).status, 200);
  assert.equal((await raw(closed, { path: '/api/sessions', ...as('wrong-token-of-length') })).status, 401);
  assert.equal((await raw(closed, { method: 'POST', path: '/api/export', ...as(BEN) })).status, 403);
  assert.equal((await raw(closed, { method: 'POST', path: '/api/export', ...as(ANN) })).status, 202);
});

test('whoever guesses tokens has to wait, and those who are in stay in', async () => {
  const login = (token) => raw(closed, { method: 'POST', path: '/api/login', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
  const good = await login(ANN);
  assert.equal(good.status, 204);
  const cookie = good.headers['set-cookie'][0];
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  const statuses = [];
  for (let i = 0; i < 15; ++i) statuses.push((await login(`guess-number-${i}-long`)).status);
  assert.ok(statuses.includes(429), statuses.join(' '));
  const mine = { headers: { cookie: cookie.split(';')[0] } };
  assert.equal((await raw(closed, { path: '/api/state', ...mine })).status, 200);
  assert.equal((await raw(closed, { method: 'POST', path: '/api/logout', ...mine })).status, 204);
  assert.equal((await raw(closed, { path: '/api/state', ...mine })).status, 401);
});

test('a person logs in on the page; one without the right cannot export', async (t) => {
  const browser = await startBrowser();
  t.after(() => browser.close());
  // A viewer of its own: the guesses of the test before make everybody at the other one wait.
  const own = await startViewer(logs, ['--users', users]);
  t.after(() => own.stop());
  const p = await newPage(browser, own);
  await p.goto(`${own.url}/export`);
  await p.getByLabel('Token').fill('not-the-right-token');
  await p.getByRole('button', { name: 'Open' }).click();
  await p.getByText('wrong token').waitFor();
  await p.getByLabel('Token').fill(BEN);
  await p.getByRole('button', { name: 'Open' }).click();
  await p.locator('dialog.login').waitFor({ state: 'detached' });
  await p.getByText('You may read, but not export.').waitFor();
  const foreign = p.complaints.filter((text) => !text.includes('401'));
  assert.deepEqual(foreign, []);
});

test('every request is in the access log, with its user and without a token', async () => {
  await raw(closed, { path: '/api/plots?model=seen-in-the-log', headers: { authorization: `Bearer ${BEN}` } });
  await eventually('the access log', () => /user=ben.*target="?\/api\/plots\?model=seen-in-the-log.*status=200/.test(closed.said()));
  assert.match(open.said(), /status=421/);
  for (const secret of [ANN, BEN, 'wrong-token-of-length']) assert.ok(!closed.said().includes(secret));
});
