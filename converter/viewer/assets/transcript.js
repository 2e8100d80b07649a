// Messages as a person reads them: roles in the margin, calls folded together with their results,
// reasoning folded, long text clipped.
import {h, longText, visible} from './dom.js';

const ROLE_NAMES = {system: 'system', user: 'user', assistant: 'assistant', tool: 'tool', error: 'error', other: 'other'};

function firstLine(input) {
  if (input === undefined || input === null) return '';
  if (typeof input === 'string') return input.split('\n', 1)[0].slice(0, 160);
  const values = Object.values(input).filter((value) => typeof value === 'string' || typeof value === 'number');
  return values.map(String).join(' · ').split('\n', 1)[0].slice(0, 160);
}

// The first line within the tag.
const inside = (text) => text.replace(/^\s*<[^>]*>\s*/, '').split('\n', 1)[0].slice(0, 160);

function inputView(input) {
  if (typeof input === 'string') return longText(input, {class: 'code'});
  const rows = Object.entries(input ?? {});
  const isFlat = rows.length > 0 && rows.every(([, value]) => typeof value !== 'object' || value === null);
  if (!isFlat) return longText(JSON.stringify(input, null, 2), {class: 'code'});
  return h('dl', {class: 'arguments'}, rows.map(([key, value]) => [
    h('dt', null, visible(key)),
    h('dd', null, longText(typeof value === 'string' ? value : JSON.stringify(value), {class: 'code'}, 1200))]));
}

function callView(part, result) {
  const line = firstLine(part.input);
  return h('details', {class: `call${result?.failed ? ' failed' : ''}`, open: part.open ? true : null},
    h('summary', null,
      h('span', {class: 'call-name'}, visible(part.name ?? 'call')),
      h('span', {class: 'call-line', dir: 'auto'}, visible(line)),
      part.agents?.length > 0 && h('span', {class: 'badge violet'}, 'sub-agent'),
      !result && h('span', {class: 'badge beak'}, 'no result'),
      result?.failed && h('span', {class: 'badge bad'}, 'failed')),
    h('div', {class: 'call-body'},
      inputView(part.input),
      part.agents?.map(({href, label}) => h('p', {class: 'agent'}, h('a', {href}, `sub-agent: ${label} →`))),
      result && h('h3', null, 'result'),
      result && longText(result.text, {class: 'code'}, 2000)));
}

function partView(part, results) {
  switch (part.kind) {
    case 'text': return longText(part.text, {class: 'said'});
    case 'injected': return h('details', {class: 'injected'},
      h('summary', null, h('span', {class: 'call-name'}, visible(part.name)), h('span', {class: 'call-line'}, visible(inside(part.text)))),
      longText(part.text, {class: 'code'}));
    case 'refusal': return h('div', {class: 'refusal'}, h('h3', null, 'refusal'), longText(part.text, {class: 'said'}));
    case 'thinking': return h('details', {class: 'thinking'},
      h('summary', null, 'reasoning', h('span', {class: 'call-line'}, visible(firstLine(part.text)))),
      longText(part.text, {class: 'said'}));
    case 'call': return callView(part, part.id === undefined ? undefined : results.get(part.id));
    case 'result': return h('details', {class: `call${part.failed ? ' failed' : ''}`},
      h('summary', null, h('span', {class: 'call-name'}, 'result'), h('span', {class: 'call-line'}, visible(firstLine(part.text)))),
      h('div', {class: 'call-body'}, longText(part.text, {class: 'code'}, 2000)));
    case 'file': return h('p', {class: 'file'}, visible(part.text));
    default: return longText(part.text, {class: 'code'});
  }
}

/** Results by the id of their call, over all messages. */
export function resultsOf(messages) {
  const results = new Map();
  for (const {parts} of messages) {
    for (const part of parts) if (part.kind === 'result' && part.id !== undefined) results.set(part.id, part);
  }
  return results;
}

/** Ids of all calls: their results are shown beside them. */
export const callIds = (messages) => new Set(messages.flatMap(({parts}) =>
  parts.filter(({kind, id}) => kind === 'call' && id !== undefined).map(({id}) => id)));

/**
 * One message. `extra` has {badges, links, open}. Gives null when all of it is shown elsewhere (a
 * result beside its call).
 */
export function messageView(message, results, called, extra = {}) {
  const parts = message.parts.filter((part) => part.kind !== 'result' || !called.has(part.id));
  if (parts.length === 0 && message.parts.length > 0) return null;
  const folded = message.role === 'system' && !extra.open;
  const body = h('div', {class: 'body'}, parts.length > 0 ? parts.map((part) => partView(part, results)) : h('p', {class: 'empty'}, 'empty'));
  const name = ROLE_NAMES[message.role] ?? message.role;
  return h('article', {class: `message ${ROLE_NAMES[message.role] ? message.role : 'other'}`, 'aria-label': name, tabindex: '-1'},
    h('header', null, h('span', {class: 'role'}, visible(name)), extra.badges, extra.links && h('span', {class: 'links'}, extra.links)),
    folded ? h('details', {class: 'system-text'}, h('summary', null,
      h('span', {class: 'call-line'}, visible(firstLine(parts.map(({text}) => text ?? '').join(' ')) || 'system prompt'))), body) : body);
}

/** All messages of a list, results beside their calls. */
export function transcript(messages, extraOf = () => ({})) {
  const results = resultsOf(messages);
  const called = callIds(messages);
  return messages.map((message, index) => messageView(message, results, called, extraOf(message, index)))
    .filter(Boolean);
}
