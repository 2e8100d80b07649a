// Is what albicilla-conv made of an agent's session the trajectory that a reader would write by hand?
//   node agent_trajectory.mjs claude|team|codex|resumed|translated CONVERSATIONS.jsonl (of --format atif)
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// What the agent does step by step, as agents.sh asks for it: the names of a step's calls, or its words.
const ofClaude = [['Bash'], ['Read', 'Bash'], ['Write'], 'All three files are written'];
const expected = {
  claude: ofClaude,
  translated: ofClaude,
  team: [['Bash'], ['Agent'], 'The sub-agent read one', ['Bash'], 'The second file is written'],
  codex: [['exec_command'], ['exec_command', 'exec_command'], 'Both files are written'],
  resumed: [['exec_command'], 'The first file is written', ['exec_command'], ['exec_command'], 'The second one, too'],
}[process.argv[2]];
const ofSubAgents = { team: [[['Read'], 'It says one']] }[process.argv[2]] ?? [];

// The agent's steps; asserts that each call has its result.
function stepsOf(trajectory) {
  return trajectory.steps.filter((step) => step.source === 'agent').map((step) => {
    if (step.tool_calls === undefined) return step.message.replace(/^.*\]\] /, '');
    assert.deepEqual(step.observation.results.map((result) => result.source_call_id),
      step.tool_calls.map((call) => call.tool_call_id), 'a result for each call, in the order of the calls');
    for (const result of step.observation.results) assert.ok(result.content.length > 0);
    return step.tool_calls.map((call) => call.function_name);
  });
}

const rows = readFileSync(process.argv[3], 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
  .filter((row) => JSON.stringify(row).includes(`marker ${process.argv[2]}`));
assert.equal(rows.length, 1, 'one trajectory');
assert.deepEqual(stepsOf(rows[0]), expected);
assert.deepEqual((rows[0].subagent_trajectories ?? []).map(stepsOf), ofSubAgents);
assert.ok(rows[0].steps.some((step) => step.source === 'user' && /(Do|Share) it\./.test(step.message)));
