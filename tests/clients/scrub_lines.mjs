// scrub_lines.mjs INPUT.jsonl OUTPUT.jsonl: an agent's recorded lines as they may be published. What the agents'
// vendors wrote (prompts, reminders, descriptions of tools) becomes "(left out N)", the same number for the same
// text; headers, names of machines and devices go. What was asked, called, answered and thought stays.
import { readFileSync, writeFileSync } from 'node:fs';

const [input, output] = process.argv.slice(2);
const numbers = new Map();
function leftOut(text) {
  if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
  return `(left out ${numbers.get(text)})`;
}

const ofVendor = /^(<system-reminder>|<skills_instructions>|<environment_context>|agentId: )/;
const text = (value) => (ofVendor.test(value) ? leftOut(value) : value);
function content(value, role) {
  const whole = role === 'system' || role === 'developer';
  if (typeof value === 'string') return whole ? leftOut(value) : text(value);
  if (!Array.isArray(value)) return value;
  return value.map((part) => ({
    ...part,
    ...(typeof part.text === 'string' ? { text: whole ? leftOut(part.text) : text(part.text) } : {}),
    ...(part.content === undefined ? {} : { content: content(part.content) }),
  }));
}
const tool = ({ type, name, parameters, input_schema }) => ({
  ...(type ? { type } : {}), ...(name ? { name } : {}),
  ...(name ? { description: leftOut(name) } : {}),
  ...(parameters ? { parameters: { type: 'object' } } : {}), ...(input_schema ? { input_schema: { type: 'object' } } : {}),
});
const message = (item) => ({
  ...item,
  ...(item.content === undefined ? {} : { content: content(item.content, item.role) }),
});

const lines = readFileSync(input, 'utf8').split('\n').filter(Boolean).map((line) => {
  const { chain, ...entry } = JSON.parse(line);
  const { request, response, exchange } = entry;
  if (request.system) request.system = content(request.system, 'system');
  for (const list of ['messages', 'input']) if (request[list]) request[list] = request[list].map(message);
  if (request.tools) request.tools = request.tools.map(tool);
  delete request.metadata;
  delete request.client_metadata;
  for (const name of ['instructions', 'tools', 'metadata']) if (response) delete response[name];
  for (const name of ['request_headers', 'response_headers', 'client_ip', 'upstream']) delete exchange[name];
  return JSON.stringify(entry);
});
const scrubbed = lines.join('\n').replaceAll(/\/tmp\/tmp\.\w+\/\w+-work/g, '/project') + '\n';
writeFileSync(output, scrubbed);
