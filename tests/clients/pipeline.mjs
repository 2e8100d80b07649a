// Starts mock-provider and albicilla-proxy (with its own sink) on free ports, and reads what they
// leave behind: the provider's journal and the log's lines. Every wait has a bound.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const build = process.env.ALBICILLA_BINARY_DIR ?? join(here, '../../build/release');
const patience = 20_000;

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export async function eventually(what, probe, bound = patience) {
  const end = Date.now() + bound;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${bound} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export const jsonLines = (file) =>
  existsSync(file)
    ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => ({ line, json: JSON.parse(line) }))
    : [];

// Times of one form, so that their texts compare as they do.
const asBegun = ({ json: one }, { json: other }) => (one.exchange.started_at < other.exchange.started_at ? -1 : 1);

export function logFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.')) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return logFiles(path);
    return entry.name.endsWith('.jsonl') ? [path] : [];
  });
}

class Program {
  constructor(name, args, cwd) {
    this.said = '';
    this.child = spawn(join(build, 'bin', name), args, { cwd });
    this.ended = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => resolve(code ?? signal));
      this.child.on('error', (error) => resolve(error.message));
    });
    const listen = (text) => (this.said += text);
    this.child.stdout.on('data', listen);
    this.child.stderr.on('data', listen);
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid;
  }

  async stop() {
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), patience);
    const status = await this.ended;
    clearTimeout(late);
    return status;
  }
}

// `direct: true` leaves the proxy out, to see whether a client fits the mock alone.
export async function startPipeline({ flags = () => [], direct = process.env.ALBICILLA_DIRECT === '1' } = {}) {
  const scratch = mkdtempSync(join(tmpdir(), 'albicilla-clients-'));
  const journal = join(scratch, 'provider.jsonl');
  const logRoot = join(scratch, 'log');
  const provider = new Program('mock-provider', ['--port', '0', '--journal', journal], scratch);
  await eventually('mock-provider', () => provider.said.includes('\n') || !provider.running);
  const providerUrl = `http://${provider.said.trim().replace('listening on ', '')}`;
  const port = await freePort();
  const proxy = direct ? null : new Program(
      'albicilla-proxy',
      ['--upstream', providerUrl, '--host', '127.0.0.1', '--port', String(port), '--workers', '2',
       '--log-root', logRoot, ...flags(providerUrl)],
      scratch);
  const url = direct ? providerUrl : `http://127.0.0.1:${port}`;

  const pipeline = {
    url,
    providerUrl,
    logRoot,
    direct,
    // Entries of the provider's journal for a marker, once there are `count`.
    seen: (marker, count = 1) =>
      eventually(`${count} requests ${marker} at the provider`, () => {
        const found = jsonLines(journal).map(({ json }) => json).filter((e) => e.marker === marker);
        return found.length >= count && found;
      }),
    // All lines of a session, once there are `count`; each with its text as it stands in the file. Those of
    // two workers stand there as the sink got them; here they come as their exchanges began.
    lines: (session, count = 1) =>
      eventually(`${count} lines of ${session}`, () => {
        const found = logFiles(logRoot).flatMap(jsonLines).filter(({ json }) => json.session_id === session);
        return found.length >= count && found.sort(asBegun);
      }),
    stop: async () => {
      const status = proxy ? await proxy.stop() : 0;
      await provider.stop();
      if (status !== 0) console.error(`albicilla-proxy ended with ${status}:\n${proxy.said}`);
      const all = logFiles(logRoot).flatMap(jsonLines);
      rmSync(scratch, { recursive: true, force: true });
      return { status, all };
    },
  };
  if (proxy) {
    await eventually('albicilla-proxy', async () => {
      if (!proxy.running) throw new Error(`albicilla-proxy did not start:\n${proxy.said}`);
      return (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
    });
  }
  return pipeline;
}

// A fetch that remembers the bytes of each exchange's bodies, as they stood on the wire.
export function recordingFetch() {
  const exchanges = [];
  const recording = async (target, init) => {
    const request = init?.body ?? '';
    const bytes = typeof request === 'string' ? Buffer.from(request) : Buffer.from(await new Response(request).arrayBuffer());
    const exchange = { request: bytes, requestHeaders: new Headers(init?.headers), response: Buffer.alloc(0), status: 0 };
    exchanges.push(exchange);
    const response = await fetch(target, init?.body ? { ...init, body: bytes } : init);
    exchange.status = response.status;
    exchange.headers = response.headers;
    if (!response.body) return response;
    const tap = new TransformStream({
      transform(chunk, controller) {
        exchange.response = Buffer.concat([exchange.response, chunk]);
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(tap), response);
  };
  return { fetch: recording, exchanges };
}
