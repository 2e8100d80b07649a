// Is what albicilla-conv made of an agent's session the trajectory that a reader would write by hand?
//   node agent_trajectory.mjs claude|codex|translated CONVERSATIONS.jsonl (of --format atif)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// The calls of each step and the last words, as agents.sh asks for them.
const ofClaude = { calls: [['Bash'], ['Read', 'Bash'], ['Write']], last: 'All three files are written' };
const expected = {
  claude: ofClaude,
  translated: ofClaude,
  codex: { calls: [['exec_command'], ['exec_command', 'exec_command']], last: 'Both files are written' },
}[process.argv[2]];

const rows = readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
  .filter((row) => JSON.stringify(row).includes(`marker ${process.argv[2]}`));
assert.equal(rows.length, 1, 'one trajectory');
const answers = rows[0].steps.filter((step) => step.source === 'agent');
assert.deepEqual(answers.slice(0, -1).map((step) => step.tool_calls.map((call) => call.function_name)), expected.calls);
for (const step of answers.slice(0, -1)) {
  assert.deepEqual(step.observation.results.map((result) => result.source_call_id),
    step.tool_calls.map((call) => call.tool_call_id), 'a result for each call, in the order of the calls');
  for (const result of step.observation.results) assert.ok(result.content.length > 0);
}
assert.ok(answers.at(-1).message.endsWith(expected.last));
assert.equal(answers.at(-1).tool_calls, undefined);
assert.ok(rows[0].steps.some((step) => step.source === 'user' && step.message.includes('Do it.')));
