// The filter of lists, plots and exports: a row of fields whose values stand in the address.
import {h, replace} from './dom.js';
import {get} from './api.js';
import {go, link} from './router.js';

export const FILTER_NAMES =
  ['since', 'until', 'model', 'user', 'client', 'ending', 'status', 'min_turns', 'tools', 'forks', 'text', 'session'];

export const filterOf = (params) =>
  Object.fromEntries(FILTER_NAMES.filter((name) => params[name]).map((name) => [name, params[name]]));

let facets = null;

const select = (name, label, value, options, change) =>
  h('label', {class: 'field', 'data-set': value ? '' : null}, h('span', null, label),
    h('select', {name, onchange: (event) => change(name, event.target.value)},
      h('option', {value: ''}, 'any'),
      value && !options.some(([text]) => text === value) && h('option', {value, selected: true}, value),
      options.map(([text, shown]) =>
        h('option', {value: text, selected: text === value ? true : null}, shown))));

const flag = (name, label, value, change) =>
  h('label', {class: 'flag'}, h('input', {
    type: 'checkbox', name, checked: value === '1',
    onchange: (event) => change(name, event.target.checked ? '1' : ''),
  }), label);

const named = (kind) => (facets?.[kind] ?? [])
  .toSorted((a, b) => b.exchanges - a.exchanges)
  .map(({text}) => [text, text.length > 40 ? `${text.slice(0, 39)}…` : text]);

/** Draws the fields into `box`; every change goes to `path` with the new address. */
export async function drawFilters(box, path, params, {session = true} = {}) {
  const change = (name, value) => {
    if ((params[name] ?? '') === value) return;
    const {cursor, ...others} = params;
    go(link(path, {...others, [name]: value}));
  };
  const draw = () => {
    const timed = params.since || params.until;
    replace(box,
      session && h('label', {class: 'field wide', 'data-set': params.text ? '' : null},
        h('span', null, 'text'),
        h('input', {
          type: 'search', name: 'text', value: params.text ?? '', maxlength: '400', spellcheck: 'false',
          placeholder: 'in first words or session id',
          onchange: (event) => change('text', event.target.value.trim()),
          // Leaving the field is what makes the change, and makes it once.
          onkeydown: (event) => { if (event.key === 'Enter') event.target.blur(); },
        })),
      select('model', 'model', params.model, named('model'), change),
      select('user', 'user', params.user, named('user'), change),
      select('client', 'client', params.client, named('client'), change),
      select('status', 'outcome', params.status, [['ok', 'no failure'], ['failed', 'with failures']], change),
      select('ending', 'ending', params.ending, named('ending'), change),
      session && select('min_turns', 'turns', params.min_turns,
        ['2', '5', '10', '50'].map((count) => [count, `at least ${count}`]), change),
      session && flag('tools', 'tools called', params.tools, change),
      session && flag('forks', 'forked', params.forks, change),
      timed && h('button', {
        type: 'button', class: 'chip',
        onclick: () => { go(link(path, {...params, since: '', until: '', cursor: ''})); },
        title: 'Take the limits of time off',
      }, `${(params.since ?? '…').replace('T', ' ')} – ${(params.until ?? '…').replace('T', ' ')} ✕`),
      params.session && h('button', {
        type: 'button', class: 'chip', onclick: () => change('session', ''),
      }, `session ${params.session} ✕`),
      FILTER_NAMES.some((name) => params[name]) &&
        h('a', {href: link(path, {q: params.q}), class: 'clear'}, 'clear all'));
  };
  draw();
  if (!facets) {
    try {
      facets = await get('facets');
      draw();
      setTimeout(() => { facets = null; }, 60000);
    } catch { /* the fields work without suggestions */ }
  }
}
