// Exact JSON to look into: opened level by level, long things clipped, nothing altered.
import {h, longText, visible} from './dom.js';

const MOST_CHILDREN = 200;
const OPEN_BELOW = 2500;

function scalar(piece, readable) {
  const {kind} = piece;
  if (kind === 'string' && readable) {
    const text = piece.value;
    if (typeof text === 'string' && (text.includes('\n') || text.length > 120)) {
      return longText(text, {class: 'json-text'});
    }
  }
  const raw = piece.raw;
  if (raw.length > 2000) return longText(raw, {class: `json-${kind} json-long`}, 1500);
  return h('span', {class: `json-${kind}`, dir: 'auto'}, visible(raw));
}

function summary(piece) {
  let count = 0;
  for (const _ of piece.children()) if (++count > 9999) break;
  const what = piece.kind === 'object' ? 'member' : 'element';
  return `${count > 9999 ? 'over 9999' : count} ${what}${count === 1 ? '' : 's'}`;
}

function container(piece, name, readable, depth) {
  const [opening, closing] = piece.kind === 'object' ? '{}' : '[]';
  const size = piece.end - piece.start;
  const open = depth === 0 || (size < OPEN_BELOW && depth < 6);
  const body = h('div', {class: 'json-body'});
  const count = h('span', {class: 'json-count'}, size > 2 ? summary(piece) : '');
  const details = h('details', {class: 'json'},
    h('summary', null, name, h('span', {class: 'json-bracket'}, opening), count,
      h('span', {class: 'json-bracket end'}, closing)), body,
    h('span', {class: 'json-bracket'}, closing));
  const draw = () => {
    if (body.firstChild) return;
    const iterator = piece.children();
    const more = () => {
      for (let i = 0; i < MOST_CHILDREN; ++i) {
        const {value, done} = iterator.next();
        if (done) return;
        const label = value.keyRaw === undefined
          ? h('span', {class: 'json-index'}, `${value.index} `)
          : h('span', {class: 'json-key', dir: 'auto'}, visible(value.keyRaw), ': ');
        body.append(node(value.piece, label, readable, depth + 1));
      }
      const button = h('button', {
        class: 'more', type: 'button', onclick: () => { button.remove(); more(); },
      }, '… more');
      body.append(button);
    };
    more();
  };
  details.addEventListener('toggle', () => { if (details.open) draw(); });
  if (open) {
    draw();
    details.open = true;
  }
  return details;
}

function node(piece, name, readable, depth) {
  if (piece.kind === 'object' || piece.kind === 'array') return container(piece, name, readable, depth);
  return h('div', {class: 'json-line'}, name, scalar(piece, readable));
}

/** `readable` shows long strings as the text they stand for. */
export const jsonView = (piece, {readable = false} = {}) =>
  h('div', {class: 'json-view', tabindex: '0', role: 'group', 'aria-label': 'JSON'}, node(piece, null, readable, 0));
