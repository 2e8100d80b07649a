// agent_lines.mjs MARKER JOURNAL LOG_ROOT: the request of each of the marker's lines, byte for byte as it
// stands in the log, is what reached the provider; each of the provider's requests has one such line. Of a
// translated exchange that is what the line says the provider was asked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { jsonLines, logFiles, sha256 } from './pipeline.mjs';

const [marker, journal, logRoot] = process.argv.slice(2);
const sent = jsonLines(journal).map(({ json }) => json).filter((entry) => entry.marker === marker);
const lines = logFiles(logRoot)
  .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  .filter((line) => line.includes(`marker ${marker}`));

// `response` is ours or the provider's JSON: its key cannot stand in the request unescaped.
const requestOf = (line) => {
  const translated = Math.max(line.lastIndexOf('"translation":{"name":'), 0);
  return line.slice(line.indexOf('"request":', translated) + 10, line.lastIndexOf(',"response":'));
};
const inLog = lines.map((line) => sha256(requestOf(line)));
assert.deepEqual(inLog.sort(), sent.map((entry) => entry.request_sha256).sort());
