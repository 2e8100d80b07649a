// Makes a recorded log of a real agent fit to be kept: node leave_out.mjs FILE.jsonl > recorded/NAME.jsonl
// The agents' own prompts, tool descriptions and ids of a machine are left out, with a note of how long
// they were; what was asked, called, answered and logged stays as it was. Chains are left out too:
// who writes the lines to a log makes new ones.
import { readFileSync } from 'node:fs';

const note = (text) => `(left out: ${text.length} characters)`;
const tagged = (text) => {
  const tag = /^\s*<([A-Za-z][\w-]*)>/.exec(text)?.[1];
  return tag ? `<${tag}>\n${note(text)}\n</${tag}>` : note(text);
};

const texts = (content, change) => (typeof content === 'string' ? change(content)
  : content?.map((part) => (typeof part.text === 'string' ? { ...part, text: change(part.text) } : part)));

const tool = (one) => ({
  ...(one.type ? { type: one.type } : {}), name: one.name, description: note(one.description ?? ''),
  ...(one.input_schema ? { input_schema: { type: 'object' } } : {}), ...(one.parameters ? { parameters: { type: 'object' } } : {}),
});

function message(one) {
  if (one.role === 'system' || one.role === 'developer') return { ...one, content: texts(one.content, tagged) };
  if (one.role !== 'user') return one;
  return { ...one, content: texts(one.content, (text) => (/^\s*<[a-z_-]+>/.test(text) ? tagged(text) : text)) };
}

function request(asked) {
  const made = { ...asked };
  if (made.system) made.system = texts(made.system, note);
  if (made.instructions) made.instructions = note(made.instructions);
  if (made.tools) made.tools = made.tools.map(tool);
  if (made.messages) made.messages = made.messages.map(message);
  if (Array.isArray(made.input)) made.input = made.input.map(message);
  if (made.metadata) made.metadata = { user_id: 'somebody' };
  if (made.client_metadata) made.client_metadata = {};
  return made;
}

const LONG_HEADERS = ['x-codex-turn-metadata', 'anthropic-beta'];

// Directories of the machine that it was recorded on.
const places = (text) => text.replaceAll(/\/tmp\/[\w./-]*?\/(?:[a-z]+-)?work\b/g, '/src/task').replaceAll(/\/tmp\/[\w./-]*?\/(?:[a-z]+-)?home\b/g, '/home/somebody');

for (const text of readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)) {
  const { chain, ...line } = JSON.parse(text);
  line.request = request(line.request);
  if (line.response?.tools) line.response.tools = line.response.tools.map(tool);
  if (line.response?.instructions) line.response.instructions = note(line.response.instructions);
  const { exchange } = line;
  exchange.upstream = exchange.dialect.startsWith('anthropic') ? 'https://api.anthropic.com' : 'https://api.openai.com';
  exchange.request_headers = exchange.request_headers.map(([name, value]) => [name, LONG_HEADERS.includes(name.toLowerCase()) ? note(value) : value]);
  console.log(places(JSON.stringify(line)));
}
