// What a request changed against the one before it on its branch: parameters, tools, messages.
import {h, longText, replace, visible} from './dom.js';
import {getText} from './api.js';
import {link} from './router.js';
import {piece} from './json_text.js';
import {requestMessages, plainText} from './messages.js';
import {callIds, messageView, resultsOf} from './transcript.js';
import {canonical, diffLists, diffParameters, diffWords, pairChanges} from './diff.js';
import {bytes, plural} from './format.js';

const words = (before, after) => h('div', {class: 'words', dir: 'auto'}, diffWords(before, after).map(({kind, text}) => {
  if (kind === 'removed') return h('del', null, visible(text));
  if (kind === 'added') return h('ins', null, visible(text));
  return text.length > 1500 ? [visible(text.slice(0, 600)), h('span', {class: 'cut'}, ` … ${text.length - 1200} characters … `), visible(text.slice(-600))] : visible(text);
}));

const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2) ?? '');

// A short value is told as a whole: of 0.3 and 0.9 nobody wants to see which digit is another.
const SHORT = 60;
const changed = (before, after) => (Math.max(before.length, after.length) > SHORT ? words(before, after)
  : h('div', {class: 'words', dir: 'auto'}, h('del', null, visible(before)), ' ', h('ins', null, visible(after))));

function parameterRow({key, kind, before, after}) {
  return h('tr', {class: kind}, h('th', {scope: 'row', class: 'mono'}, visible(key)), h('td', null,
    kind === 'changed' && changed(shown(before), shown(after)),
    kind === 'added' && h('ins', null, longText(shown(after), {class: 'inline'}, 600)),
    kind === 'removed' && h('del', null, longText(shown(before), {class: 'inline'}, 600))));
}

const toolName = (tool) => tool?.function?.name ?? tool?.name ?? tool?.type ?? 'tool';

function toolChanges(before, after) {
  const old = new Map((before ?? []).map((tool) => [toolName(tool), tool]));
  const now = new Map((after ?? []).map((tool) => [toolName(tool), tool]));
  const rows = [];
  for (const [name, tool] of now) {
    if (!old.has(name)) rows.push(['added', name]);
    else if (canonical(old.get(name)) !== canonical(tool)) rows.push(['changed', name, old.get(name), tool]);
  }
  for (const name of old.keys()) if (!now.has(name)) rows.push(['removed', name]);
  return rows;
}

function toolsView(before, after) {
  if (!Array.isArray(before) && !Array.isArray(after)) return null;
  const rows = toolChanges(before, after);
  if (rows.length === 0) return h('p', {class: 'soft'}, `${plural((after ?? []).length, 'tool')}, unchanged`);
  return h('ul', {class: 'tool-changes'}, rows.map(([kind, name, old, now]) => h('li', {class: kind},
    kind === 'added' && h('ins', {class: 'mono'}, visible(name)),
    kind === 'removed' && h('del', {class: 'mono'}, visible(name)),
    kind === 'changed' && h('details', null, h('summary', {class: 'mono'}, visible(name)), words(shown(old), shown(now))))));
}

function messageSteps(before, after) {
  const old = requestMessages(before).filter(({role}) => role !== 'system' || !before.system);
  const now = requestMessages(after).filter(({role}) => role !== 'system' || !after.system);
  const [oldKeys, nowKeys] = [old, now].map((list) => list.map((one) => canonical({role: one.role, parts: one.parts})));
  const steps = pairChanges(diffLists(oldKeys, nowKeys), (i, j) => old[i].role === now[j].role);
  return {old, now, steps};
}

function messagesView(before, after) {
  const {old, now, steps} = messageSteps(before, after);
  const [oldCalled, nowCalled] = [callIds(old), callIds(now)];
  const [oldResults, nowResults] = [resultsOf(old), resultsOf(now)];
  const rows = [];
  for (let at = 0; at < steps.length;) {
    if (steps[at].kind === 'same') {
      let end = at;
      while (end < steps.length && steps[end].kind === 'same') ++end;
      const same = steps.slice(at, end);
      const body = h('div', {class: 'transcript'});
      const fold = h('details', {class: 'same'}, h('summary', null, `${plural(same.length, 'message')} unchanged`), body);
      fold.addEventListener('toggle', () => {
        if (!body.firstChild) body.append(...same.map((step) => messageView(now[step.after], nowResults, nowCalled)).filter(Boolean));
      });
      rows.push(fold);
      at = end;
      continue;
    }
    const step = steps[at++];
    if (step.kind === 'changed') {
      rows.push(h('div', {class: 'change changed'}, h('h3', null, `${now[step.after].role}, changed`),
        words(plainText(old[step.before]), plainText(now[step.after]))));
    } else {
      const [list, index, results, called] = step.kind === 'added'
        ? [now, step.after, nowResults, nowCalled] : [old, step.before, oldResults, oldCalled];
      const view = messageView(list[index], results, called, {open: true});
      if (view) rows.push(h('div', {class: `change ${step.kind}`}, h('h3', null, step.kind), view));
    }
  }
  return rows.length > 0 ? rows : h('p', {class: 'empty'}, 'neither request has messages');
}

export async function differenceView(panel, exchange, line, signal) {
  if (!exchange.previous) {
    return replace(panel, h('p', {class: 'empty'}, exchange.edge === 'start'
      ? 'This request begins a history of its own: there is none before it on this branch.'
      : 'The request before it is not in this log.'));
  }
  replace(panel, h('p', {class: 'loading', role: 'status'}, 'reading the request before…'));
  let previous;
  try {
    previous = piece(await getText('line', {ref: exchange.previous}, signal));
  } catch (error) {
    if (error.name === 'AbortError') return panel;
    return replace(panel, h('p', {class: 'failure', role: 'alert'}, error.message));
  }
  const [beforePiece, afterPiece] = [previous.member('request'), line.member('request')];
  const [before, after] = [beforePiece?.value ?? {}, afterPiece?.value ?? {}];
  if (typeof before !== 'object' || typeof after !== 'object') {
    return replace(panel, words(shown(before), shown(after)));
  }
  const parameters = diffParameters(before, after);
  const grown = (afterPiece?.raw.length ?? 0) - (beforePiece?.raw.length ?? 0);
  return replace(panel,
    h('p', {class: 'soft'}, 'Against ', h('a', {href: link('/exchange', {ref: exchange.previous}), class: 'mono'}, exchange.previous),
      `: the request ${grown >= 0 ? 'grew' : 'shrank'} by ${bytes(Math.abs(grown))}.`),
    h('section', {class: 'diff'}, h('h2', null, 'Messages'), messagesView(before, after)),
    h('section', {class: 'diff'}, h('h2', null, 'Parameters'),
      parameters.length === 0 ? h('p', {class: 'soft'}, 'unchanged')
        : h('table', {class: 'parameters'}, h('tbody', null, parameters.map(parameterRow)))),
    h('section', {class: 'diff'}, h('h2', null, 'Tools'), toolsView(before.tools, after.tools) ?? h('p', {class: 'soft'}, 'none offered')));
}
