// The keyboard: keys that work everywhere, keys of the view that is shown, and a list to walk.
import {currentView, go} from './router.js';
import {h} from './dom.js';

export const EVERYWHERE = [
  ['/', 'search in all messages'],
  ['?', 'these keys'],
  ['g s', 'sessions'],
  ['g l', 'live'],
  ['g p', 'plots'],
  ['g i', 'integrity'],
  ['g e', 'export'],
  ['t', 'light or dark'],
  ['Esc', 'close, leave the field'],
];

const JUMPS = {s: '/', l: '/live', p: '/plots', i: '/integrity', e: '/export'};
let afterG = false;

const typing = (target) => target.closest?.('input, textarea, select, [contenteditable]');

export function listen({find, help, theme}) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === 'Escape') event.target.blur();
      return;
    }
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Shift') return;
    // However long a person takes for the second key.
    const jump = afterG && JUMPS[event.key];
    afterG = false;
    const keys = {
      ...currentView()?.view?.keys,
      '/': find, '?': help, t: theme, g: () => { afterG = true; },
    };
    const action = jump ? () => go(jump) : keys[event.key];
    if (!action) return;
    if (action(event) !== false) event.preventDefault();
  });
}

/** j, k, Enter, Home and End over the children of `list` that match `selector`. */
export function walker(list, selector, {open} = {}) {
  const items = () => [...list.querySelectorAll(selector)];
  const at = () => items().findIndex((item) => item.hasAttribute('data-at'));
  const select = (item) => {
    list.querySelector('[data-at]')?.removeAttribute('data-at');
    if (!item) return;
    item.setAttribute('data-at', '');
    const focus = item.matches('a, button') ? item : item.querySelector('a, button') ?? item;
    focus.focus({preventScroll: true});
    item.scrollIntoView({block: 'nearest'});
  };
  const move = (by) => {
    const all = items();
    if (all.length === 0) return;
    const now = at();
    select(all[now < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, now + by))]);
  };
  return {
    select,
    selected: () => items()[at()],
    keys: {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      ...(open && {o: () => open(items()[at()])}),
    },
  };
}

/** The dialog that `?` opens. */
export function helpDialog(viewKeys) {
  const rows = (keys) => keys.map(([key, text]) =>
    h('div', {class: 'key'}, h('dt', null, ...key.split(' ').map((one) => h('kbd', null, one))),
      h('dd', null, text)));
  const dialog = h('dialog', {class: 'help', 'aria-label': 'Keys'},
    h('h2', null, 'Keys'),
    h('div', {class: 'columns'},
      h('div', null, h('h3', null, 'Everywhere'), h('dl', null, rows(EVERYWHERE))),
      viewKeys?.length > 0 &&
        h('div', null, h('h3', null, 'In this view'), h('dl', null, rows(viewKeys)))),
    h('form', {method: 'dialog'}, h('button', {class: 'button'}, 'Close')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
