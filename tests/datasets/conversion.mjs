// Runs albicilla-conv over a folder of logs and reads what it wrote.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(fileURLToPath(import.meta.url));
const build = process.env.ALBICILLA_BINARY_DIR ?? join(here, '../../build/release');
export const golden = join(here, '../golden/converter');

export class Scratch {
  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'albicilla-datasets-'));
  }
  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
  // A log of exchanges with these messages and answers, as the sink writes it.
  writeLog(name, exchanges) {
    const lines = exchanges.map(({ session = 's', request, answer }, i) => {
      const second = (s) => new Date(1768298400000 + s * 1000).toISOString().replace('Z', '000+00:00');
      return JSON.stringify({
        timestamp: second(2 * i + 1),
        session_id: session,
        request,
        response: { id: `r${i}`, choices: [{ index: 0, message: answer, finish_reason: 'stop' }] },
        exchange: {
          id: `e${i}`, seq: i + 1, started_at: second(2 * i), path: '/v1/chat/completions', status: 200,
          ending: 'complete', dialect: 'openai_chat', model: 'gpt-4o', user_id: 'ann', client_app: 'test',
        },
      });
    });
    const path = join(this.path, name);
    writeFileSync(path, lines.join('\n') + '\n');
    return path;
  }
  // The output folder of `albicilla-conv --single-file --format FORMAT ...`.
  convert(logs, format, ...more) {
    const output = mkdtempSync(join(this.path, 'out-'));
    execFileSync(join(build, 'bin/albicilla-conv'), ['-l', logs, '-o', output, '-s', '-f', format, ...more]);
    return output;
  }
  rows(logs, format, ...more) {
    return rowsOf(join(this.convert(logs, format, ...more), 'conversations.jsonl'));
  }
}

export function rowsOf(path) {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

// The traces of an output folder (one file a conversation), as lists of lines.
export function tracesOf(output) {
  return readdirSync(output)
    .filter((name) => name.endsWith('.jsonl') && !name.endsWith('.meta.jsonl') && name !== 'rejects.jsonl')
    .map((name) => rowsOf(join(output, name)));
}

export const makeLog = join(here, '../bench/converter/make_log.mjs');
