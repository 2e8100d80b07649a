// Logs of real agent runs (Claude Code, Codex) through the proxy, as leave_out.mjs kept them: written to
// a log root with chains of their own.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LogWriter } from './log_writer.mjs';

const here = join(dirname(fileURLToPath(import.meta.url)), 'recorded');

/** Gives the session's id and the parsed lines. */
export function writeRecorded(root, name, log = new LogWriter(root)) {
  const texts = readFileSync(join(here, `${name}.jsonl`), 'utf8').split('\n').filter(Boolean);
  const lines = texts.map((text) => JSON.parse(text));
  for (const [index, text] of texts.entries()) {
    const { timestamp, session_id: session } = lines[index];
    log.appendRaw(`${timestamp.slice(0, 10)}/${session}.jsonl`, text.slice(0, -1));
  }
  return { session: lines[0].session_id, lines };
}
