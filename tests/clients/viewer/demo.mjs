// A small log of invented but lifelike sessions: for the tests of the page, and for the pictures in
// the README.
import { Signer } from './signer.mjs';
import { LogWriter, assistant, chatAnswer, system, user } from './log_writer.mjs';

const MINUTE = 60_000;

const usage = (input, output, cached = null, reasoning = null) => ({
  usage: { input_tokens: input, output_tokens: output, total_tokens: input + output, cached_tokens: cached, reasoning_tokens: reasoning },
});

const READ = { name: 'Read', description: 'Reads a file.', input_schema: { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] } };
const BASH = { name: 'Bash', description: 'Runs a command.', input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] } };
const EDIT = { name: 'Edit', description: 'Changes a file.', input_schema: { type: 'object', properties: { file_path: { type: 'string' } } } };
const TASK = { name: 'Task', description: 'Starts a sub-agent.', input_schema: { type: 'object', properties: { prompt: { type: 'string' } } } };

/** A coding agent over the Messages API: tools, reasoning, an overloaded upstream, a sub-agent. */
export function agentRun(log, start, session = 'claude-7f31c2') {
  const common = {
    session, path: '/v1/messages', query: 'beta=true', dialect: 'anthropic_messages', upstream: 'https://api.anthropic.com',
    model: 'claude-sonnet-4-5', client_app: 'claude-code', user_id: 'ann',
  };
  const prompt = 'You are a coding agent. Work in small steps and run the tests before you say that something is done.';
  const tools = [READ, BASH, EDIT, TASK];
  const messages = [{ role: 'user', content: [
    { type: 'text', text: '<system-reminder>\nThe working directory is /src/harbour.\n</system-reminder>' },
    { type: 'text', text: 'The tide table is off by one hour in summer. Find out why and fix it.' }] }];
  const request = (list, more = {}) => ({ model: 'claude-sonnet-4-5', max_tokens: 8192, system: [{ type: 'text', text: prompt }], tools, messages: [...list], stream: true, ...more });
  const answer = (content, stop = 'tool_use') => ({ id: `msg_${content.length}${log.seq}`, type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content, stop_reason: stop });
  let at = start;
  const say = (content, options = {}, stop) => {
    at += (options.took ?? 2600) + 1400;
    const ref = log.append({ ...common, at, took: 2600, request: request(messages), response: answer(content, stop), ...options });
    messages.push({ role: 'assistant', content });
    return ref;
  };
  const result = (id, text, more = {}) => messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text, ...more }] });

  log.append({ ...common, at: at += 900, took: 400, request: request(messages), status: 529, ending: 'complete', streaming: false, error: 'the upstream is overloaded',
    response: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } });
  say([
    { type: 'thinking', thinking: 'The error is one hour and only in summer: that smells of daylight saving. The table may be made in local time and read as UTC, or the other way round. Start with the code that parses it.', signature: 'c2lnbmVk' },
    { type: 'text', text: 'One hour, and only in summer, points to daylight saving. I look at how the table is read.' },
    { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: '/src/harbour/tides/table.py' } },
    { type: 'tool_use', id: 'toolu_2', name: 'Bash', input: { command: 'grep -rn "tzinfo\\|utcoffset\\|localtime" tides/', description: 'where zones are used' } }],
  { ...usage(4210, 214, 0), took: 5200, ttft: 1400 });
  messages.push({ role: 'user', content: [
    { type: 'tool_result', tool_use_id: 'toolu_1', content: 'def load(path):\n    for row in csv.reader(open(path)):\n        when = datetime.strptime(row[0], "%Y-%m-%d %H:%M")\n        yield when.astimezone(timezone.utc), float(row[1])\n' },
    { type: 'tool_result', tool_use_id: 'toolu_2', content: 'tides/table.py:14:        yield when.astimezone(timezone.utc), float(row[1])' }] });
  say([
    { type: 'text', text: 'Here it is: the rows are UTC already, but a naive time is taken for local time and converted once more. I let a sub-agent check the other readers while I fix this one.' },
    { type: 'tool_use', id: 'toolu_3', name: 'Task', input: { description: 'check other readers', prompt: 'List every function in /src/harbour that parses times without a zone, with file and line.' } },
    { type: 'tool_use', id: 'toolu_4', name: 'Edit', input: { file_path: '/src/harbour/tides/table.py', old_string: 'yield when.astimezone(timezone.utc), float(row[1])', new_string: 'yield when.replace(tzinfo=timezone.utc), float(row[1])' } }],
  { ...usage(5120, 248, 4200), took: 4800, ttft: 900 });

  const subMessages = [{ role: 'user', content: 'List every function in /src/harbour that parses times without a zone, with file and line.' }];
  const sub = { ...common, request_headers: [['x-claude-code-agent-id', 'agent-2'], ['x-claude-code-parent-agent-id', 'agent-1']] };
  log.append({ ...sub, at: at += 3000, took: 2100, request: { ...request(subMessages), system: 'You search code and answer shortly.', tools: [READ, BASH] },
    response: answer([{ type: 'tool_use', id: 'toolu_s1', name: 'Bash', input: { command: 'grep -rn strptime --include=*.py .' } }]), ...usage(900, 60) });
  subMessages.push({ role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_s1', name: 'Bash', input: { command: 'grep -rn strptime --include=*.py .' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_s1', content: './tides/table.py:13\n./locks/schedule.py:41' }] });
  log.append({ ...sub, at: at += 3000, took: 1800, request: { ...request(subMessages), system: 'You search code and answer shortly.', tools: [READ, BASH] },
    response: answer([{ type: 'text', text: 'Two: tides/table.py:13 and locks/schedule.py:41.' }], 'end_turn'), ...usage(1010, 31) });

  messages.push({ role: 'user', content: [
    { type: 'tool_result', tool_use_id: 'toolu_3', content: 'Two: tides/table.py:13 and locks/schedule.py:41.' },
    { type: 'tool_result', tool_use_id: 'toolu_4', content: 'changed 1 line' }] });
  say([{ type: 'tool_use', id: 'toolu_5', name: 'Bash', input: { command: 'pytest -q tests/test_tides.py' } }], { ...usage(5840, 72, 5100), took: 2100 });
  result('toolu_5', 'F.........\nFAILED tests/test_tides.py::test_summer - assert 13 == 12\n1 failed, 9 passed in 0.41s', { is_error: true });
  say([
    { type: 'text', text: 'The test itself expects the old hour. The published table says 12:04 UTC for that day, so the test is what is wrong.' },
    { type: 'tool_use', id: 'toolu_6', name: 'Bash', input: { command: "sed -i 's/== 12/== 13/' tests/test_tides.py && pytest -q" } }], { ...usage(6100, 140, 5800), took: 3000 });
  result('toolu_6', '.............\n13 passed in 1.20s');
  say([{ type: 'text', text: 'Fixed. `tides/table.py` took UTC times for local ones, which moved every high water by an hour while daylight saving was on.\n\n- `load()` now marks the rows as UTC instead of converting them.\n- `test_summer` expected the shifted hour; it follows the published table now.\n- `locks/schedule.py:41` parses times the same way. I left it alone: its times may really be local. You should have a look.\n\nAll 13 tests pass.' }],
    { ...usage(6480, 168, 6000), took: 4100, ttft: 700 }, 'end_turn');
  return { session, messages };
}

/** A chat with a retry, an edited question and a cut answer. */
export function chat(log, start, session = 'support-4411') {
  const common = { session, user_id: 'ben', client_app: 'openai-python', model: 'gpt-4o' };
  const head = [system('You answer for the harbour office. Be brief.')];
  let at = start;
  const send = (messages, message, { temperature = 0.3, ...options } = {}) => log.append({ ...common, at: at += 5000, took: 1400,
    request: { model: 'gpt-4o', messages, temperature, stream: true },
    response: message === null ? null : chatAnswer(message, 'gpt-4o'), ...usage(120 + messages.length * 40, 60), ...options });
  const first = [...head, user('When may a boat of 11 m pass the lock on Sunday?')];
  log.append({ ...common, at: at += 2000, took: 300, request: { model: 'gpt-4o', messages: first, stream: true }, status: 429, streaming: false,
    error: 'rate limit reached', response: { error: { message: 'Rate limit reached for gpt-4o', type: 'requests' } } });
  send(first, assistant('On Sundays the lock opens every full hour from 08:00 to 18:00. Boats up to 14 m pass without booking.'));
  const second = [...first, assistant('On Sundays the lock opens every full hour from 08:00 to 18:00. Boats up to 14 m pass without booking.')];
  send([...second, user('And what does it cost?')], assistant('8 € for a boat up to 12 m, return included if you come back the same day.'));
  send([...second, user('And what does it cost in winter?')], assistant('From November to March the passage is free, but only at 10:00 and 14:00.'), { temperature: 0.9 });
  send([...second, user('And what does it cost in winter?'), assistant('From November to March the passage is free, but only at 10:00 and 14:00.'), user('Write that as a notice, please, in three languages.')],
    assistant('NOTICE: From November to March passage through the lock is'), { ending: 'client_abort', ...usage(410, 22) });
  return session;
}

/** A run over the Responses API with items and a chain by id. */
export function responsesRun(log, start, session = 'codex-b81e') {
  const common = { session, path: '/v1/responses', dialect: 'openai_responses', model: 'gpt-5-codex', client_app: 'codex', user_id: 'chloe' };
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Write a script that renames the scans by their date.' }] }];
  const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'shell', arguments: '{"command":["ls","scans"]}' };
  log.append({ ...common, at: start, took: 3100, request: { model: 'gpt-5-codex', instructions: 'You are Codex.', input, tools: [{ type: 'function', name: 'shell' }] },
    response: { id: 'resp_1', model: 'gpt-5-codex', output: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'First see how the files are named.' }] }, call] }, ...usage(1800, 90, null, 64) });
  log.append({ ...common, at: start + 8000, took: 4200, request: { model: 'gpt-5-codex', instructions: 'You are Codex.', tools: [{ type: 'function', name: 'shell' }],
    input: [...input, call, { type: 'function_call_output', call_id: 'call_1', output: 'scan_0001.pdf\nscan_0002.pdf' }] },
  response: { id: 'resp_2', model: 'gpt-5-codex', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'The names hold no date, so I take it from the first page of each file. The script is in rename.py.' }] }] }, ...usage(1950, 130, 1700, 20) });
  return session;
}

const TOPICS = [
  'Translate the mooring rules to Danish', 'Why is the pump log empty since Tuesday?', 'Summarise the council minutes in ten lines',
  'Draft an answer to the marina about berth 14', 'Which of these invoices are older than 60 days?', 'Explain this stack trace',
  'Make a table of high waters for June', 'Compare the two offers for the new crane', 'Write unit tests for the fee calculation',
  'Find the duplicate entries in members.csv', 'Is this mail a phishing attempt?', 'Turn the inspection notes into a checklist',
];
const MODELS = ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-5', 'o4-mini', 'llama-3.3-70b'];
const CLIENTS = ['openai-node', 'openai-python', 'langchain', 'claude-code'];

/** Many short sessions over some days, so that lists, plots and pages have something to show. */
export function background(log, now, sessions = 160, days = 3) {
  let seed = 7;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  const pick = (list) => list[Math.floor(random() * list.length)];
  for (let i = 0; i < sessions; ++i) {
    const [model, topic, client] = [pick(MODELS), pick(TOPICS), pick(CLIENTS)];
    const messages = [system('You help the harbour office.')];
    let at = now - days * 86_400_000 + Math.floor(random() ** 0.8 * days * 86_400_000);
    const turns = 1 + Math.floor(random() * 4);
    for (let turn = 0; turn < turns && at < now; ++turn) {
      messages.push(user(turn === 0 ? topic : `And then, step ${turn + 1}?`));
      const fails = random() < 0.06;
      const took = 500 + Math.floor(random() ** 3 * 14_000);
      const text = `Answer ${turn + 1} about: ${topic.toLowerCase()}.`;
      log.append({ session: `desk-${String(i).padStart(4, '0')}`, at, took, model, client_app: client, user_id: pick(['ann', 'ben', 'chloe', null]),
        request: { model, messages: [...messages], stream: true }, ...usage(300 + turn * 220 + Math.floor(random() * 900), 60 + Math.floor(random() * 400)),
        ...(fails ? { status: pick([429, 500, 502]), streaming: false, error: 'the upstream failed', ending: pick(['complete', 'upstream_error', 'upstream_truncated']), response: { error: { message: 'try again later' } } }
          : { response: chatAnswer(assistant(text), model) }) });
      if (fails) break;
      messages.push(assistant(text));
      at += took + 4000 + Math.floor(random() * 60_000);
    }
  }
}

/** Everything, ending at `now`. */
export function demoLog(root, now = Date.now()) {
  const log = new LogWriter(root);
  background(log, now - 40 * MINUTE);
  chat(log, now - 22 * MINUTE);
  responsesRun(log, now - 14 * MINUTE);
  agentRun(log, now - 9 * MINUTE);
  new Signer(root).signAll(log);
  return log;
}
