// What was said, whichever API it was said through: requests and answers of chat completions,
// Responses and Messages as one list of {role, parts}. For reading only; the exact bytes are the
// inspector's.

// Logs hold what clients sent: any field may be of any kind.
const word = (value, standard = '') => (typeof value === 'string' ? value : value === undefined || value === null ? standard : JSON.stringify(value));

const list = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);

function textOf(value) {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).filter(Boolean).join('\n');
  if (value && typeof value === 'object') {
    return textOf(value.text ?? value.content ?? value.output ?? value.summary ?? '') || JSON.stringify(value, null, 2);
  }
  return value === undefined || value === null ? '' : String(value);
}

function parsed(text) {
  if (typeof text !== 'string') return text;
  try { return JSON.parse(text); } catch { return text; }
}

const REASONING = ['reasoning_content', 'reasoning', 'thinking', 'reasoning_text'];

// What agents put in front of the user's words: a whole text inside one tag.
function spoken(text) {
  const tag = /^\s*<([A-Za-z][\w-]*)[^>]*>[\s\S]*<\/\1>\s*$/.exec(text.length < 400000 ? text : '');
  return tag ? {kind: 'injected', name: tag[1], text} : {kind: 'text', text};
}

function part(block) {
  if (typeof block === 'string') return spoken(block);
  switch (block?.type) {
    case 'text': case 'input_text': case 'output_text': return spoken(textOf(block.text));
    case 'refusal': return {kind: 'refusal', text: textOf(block.refusal)};
    case 'thinking': return {kind: 'thinking', text: textOf(block.thinking)};
    case 'redacted_thinking': return {kind: 'thinking', text: '(withheld by the provider)'};
    case 'tool_use': case 'server_tool_use': case 'mcp_tool_use':
      return {kind: 'call', id: block.id, name: word(block.name, 'call'), input: block.input};
    case 'tool_result': case 'web_search_tool_result': case 'mcp_tool_result':
      return {kind: 'result', id: block.tool_use_id, text: textOf(block.content), failed: block.is_error === true};
    case 'image': case 'image_url': case 'input_image':
      return {kind: 'file', text: `image ${sourceOf(block.source ?? block.image_url ?? block)}`};
    case 'document': case 'file': case 'input_file': case 'input_audio':
      return {kind: 'file', text: `${block.type} ${sourceOf(block.source ?? block.file ?? block)}`};
    default: return {kind: 'unknown', text: JSON.stringify(block, null, 2)};
  }
}

function sourceOf(source) {
  const url = word(typeof source === 'string' ? source : source?.url ?? source?.data ?? source?.file_id);
  if (url.startsWith('data:')) return `${url.slice(5, url.indexOf(',')) || 'inline'}, ${url.length} characters`;
  return source?.media_type ? `${word(source.media_type)}, ${url.length} characters` : url;
}

const ROLES = {developer: 'system', function: 'tool', model: 'assistant'};

function message(value) {
  if (!value || typeof value !== 'object' || Array.isArray(value)) return {role: 'user', parts: [spoken(textOf(value))]};
  const named = word(value.role, 'user');
  const role = ROLES[named] ?? named;
  const parts = [];
  for (const name of REASONING) if (value[name]) parts.push({kind: 'thinking', text: textOf(value[name])});
  if (role === 'tool') {
    parts.push({kind: 'result', id: value.tool_call_id, name: value.name, text: textOf(value.content)});
  } else {
    parts.push(...list(value.content).map(part));
  }
  if (value.refusal) parts.push({kind: 'refusal', text: textOf(value.refusal)});
  for (const call of list(value.tool_calls)) {
    const called = call?.function ?? call?.custom ?? {};
    parts.push({kind: 'call', id: call?.id, name: word(called.name, 'call'), input: parsed(called.arguments ?? called.input)});
  }
  if (value.function_call) {
    parts.push({kind: 'call', name: word(value.function_call.name, 'call'), input: parsed(value.function_call.arguments)});
  }
  return {role, parts: parts.filter((one) => one.kind !== 'text' || one.text !== '')};
}

// The Responses API says one answer in several items: what belongs together becomes one message.
function items(values) {
  const messages = [];
  const assistant = () => {
    const last = messages.at(-1);
    if (last?.role === 'assistant' && last.open) return last;
    messages.push({role: 'assistant', parts: [], open: true});
    return messages.at(-1);
  };
  for (const item of list(values)) {
    const type = typeof item?.type === 'string' ? item.type : undefined;
    if (type === 'reasoning') {
      const text = textOf(item.summary?.length ? item.summary : item.content ?? []) || '(reasoning, not shown by the provider)';
      assistant().parts.push({kind: 'thinking', text});
    } else if (type?.endsWith('_call_output')) {
      messages.push({role: 'tool', parts: [{kind: 'result', id: item.call_id, text: textOf(item.output)}]});
    } else if (type?.endsWith('_call')) {
      assistant().parts.push({kind: 'call', id: item.call_id ?? item.id, name: word(item.name, type), input: parsed(item.arguments ?? item.input ?? item.action ?? item.queries ?? {})});
    } else if (type === 'message' || item?.role || typeof item === 'string') {
      const one = message(item);
      if (one.role === 'assistant') assistant().parts.push(...one.parts);
      else messages.push(one);
    } else {
      messages.push({role: 'other', parts: [{kind: 'unknown', text: JSON.stringify(item, null, 2)}]});
    }
  }
  return messages.map(({role, parts}) => ({role, parts}));
}

/** The messages of a request, each with the JSON element it came from (`source`). */
export function requestMessages(request) {
  if (!request || typeof request !== 'object') return [];
  const messages = [];
  const system = request.system ?? request.instructions;
  if (system) messages.push({role: 'system', parts: list(system).map(part)});
  if (Array.isArray(request.messages)) messages.push(...request.messages.map(message));
  else if (request.input !== undefined) messages.push(...(Array.isArray(request.input) ? items(request.input) : [message(request.input)]));
  else if (request.prompt !== undefined) messages.push(...list(request.prompt).map((one) => message(textOf(one))));
  return messages;
}

/** What the model answered: one message, or several for several choices. */
export function responseMessages(response) {
  if (!response || typeof response !== 'object') {
    return typeof response === 'string' && response ? [{role: 'assistant', parts: [{kind: 'text', text: response}]}] : [];
  }
  if (response.error) return [{role: 'error', parts: [{kind: 'text', text: textOf(response.error.message ?? response.error)}]}];
  if (Array.isArray(response.choices)) {
    return response.choices.map((choice) => {
      const said = choice?.message ?? {content: choice?.text};
      return message(typeof said === 'object' ? {role: 'assistant', ...said} : {role: 'assistant', content: said});
    });
  }
  if (Array.isArray(response.output)) return items(response.output);
  if (response.content !== undefined) return [message({...response, role: response.role ?? 'assistant'})];
  return [];
}

/**
 * The messages of a rebuilt conversation (API.md, Conversation); each keeps where it came from in
 * `source`. `agentOf(key)` gives {href, label} for a sub-agent's branch.
 */
export function rebuiltMessages(messages, agentOf) {
  const partOf = (one) => {
    switch (one.kind) {
      case 'text': return spoken(one.text);
      case 'thinking': return {kind: 'thinking', text: one.text || '(reasoning, not shown by the provider)'};
      case 'call': return {...one, name: one.name || 'call', input: parsed(one.input), agents: one.agents?.map(agentOf)};
      default: return one;
    }
  };
  return messages.map((source) => {
    if (source.role !== 'tool') return {role: source.role, parts: source.parts.map(partOf), source};
    const text = source.parts.map((one) => one.text ?? '').join('\n');
    return {role: 'tool', parts: [{kind: 'result', id: source.call, text, failed: source.is_error === true}], source};
  });
}

/** One text of a message, for comparing and counting. */
export const plainText = ({parts}) => parts.map((one) =>
  (one.kind === 'call' ? `${one.name}(${JSON.stringify(one.input)})` : one.text)).join('\n');
