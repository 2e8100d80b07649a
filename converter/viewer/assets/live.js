// The live tail: exchanges as they are logged. Pause keeps counting.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {walker} from './keys.js';
import {link} from './router.js';
import {exchangeLink, edgeBadge, outcome} from './exchange.js';
import {clock, duration, number, short} from './format.js';

const MOST_ROWS = 500;

function row(exchange) {
  return h('li', {class: `live-row${exchange.failed ? ' failed' : ''}`},
    h('time', {datetime: new Date(exchange.closed_at / 1000).toISOString()}, clock(exchange.closed_at)),
    h('span', null, outcome(exchange)),
    h('a', {class: 'live-text', href: exchangeLink(exchange.ref), dir: 'auto'},
      exchange.latest ? visible(exchange.latest) : `${exchange.method} ${exchange.path}`),
    h('span', {class: 'under'},
      h('a', {href: link('/session', {id: exchange.session, at: exchange.ref}), class: 'mono', dir: 'auto'}, visible(exchange.session)),
      h('span', null, visible(exchange.model)), exchange.client && h('span', null, visible(exchange.client)),
      exchange.edge !== 'continuation' && edgeBadge(exchange)),
    h('span', {class: 'figures'},
      h('span', null, h('b', null, short(exchange.input_tokens)), ' in'), h('span', null, h('b', null, short(exchange.output_tokens)), ' out'),
      h('span', null, h('b', null, duration(exchange.duration_us)))));
}

export async function showLive(main, params, {signal}) {
  document.title = 'Live · Albicilla';
  let paused = false;
  let wanted = '';
  let seen = 0;
  const waiting = [];
  const state = h('p', {class: 'totals', role: 'status'}, 'connecting…');
  const list = h('ol', {class: 'live', 'aria-label': 'Newest exchanges'});
  const pause = h('button', {class: 'button small', type: 'button', 'aria-pressed': 'false'}, 'Pause');
  const field = h('input', {type: 'search', placeholder: 'only with this text', maxlength: '200', spellcheck: 'false', 'aria-label': 'Only exchanges with this text'});
  replace(main, h('div', {class: 'head'}, h('h1', null, 'Live'), state, h('div', {class: 'actions'}, field, pause)), list,
    h('p', {class: 'empty', id: 'live-empty'}, 'Waiting for the next exchange.'));

  const fits = (exchange) => wanted === '' ||
    [exchange.session, exchange.model, exchange.client, exchange.user, exchange.latest, exchange.path, exchange.ending]
      .some((text) => text.toLowerCase().includes(wanted));
  const shown = new Set();
  const put = (exchange) => {
    if (shown.has(exchange.ref)) return;
    shown.add(exchange.ref);
    document.getElementById('live-empty')?.remove();
    const one = row(exchange);
    one.hidden = !fits(exchange);
    one.exchange = exchange;
    list.prepend(one);
    while (list.childElementCount > MOST_ROWS) {
      shown.delete(list.lastElementChild.exchange.ref);
      list.lastElementChild.remove();
    }
  };
  const tell = () => {
    state.textContent = paused ? `paused, ${number(waiting.length)} waiting` : `${number(seen)} since you came`;
  };
  const toggle = () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Go on' : 'Pause';
    if (!paused) waiting.splice(0).forEach(put);
    tell();
  };
  pause.addEventListener('click', toggle);
  field.addEventListener('input', () => {
    wanted = field.value.trim().toLowerCase();
    for (const one of list.children) one.hidden = !fits(one.exchange);
  });

  const source = new EventSource('/api/live');
  source.addEventListener('hello', tell);
  signal.addEventListener('abort', () => source.close());
  source.addEventListener('message', (event) => {
    const exchange = JSON.parse(event.data);
    ++seen;
    if (paused) {
      waiting.push(exchange);
      if (waiting.length > MOST_ROWS) waiting.shift();
    } else {
      put(exchange);
    }
    tell();
  });
  source.addEventListener('missed', (event) => { seen += Number(event.data); tell(); });
  source.addEventListener('error', () => { state.textContent = 'connection lost, trying again…'; });
  try {
    const {exchanges} = await get('exchanges', {limit: 50}, signal);
    if (seen === 0) exchanges.reverse().forEach(put);
  } catch { /* the tail itself tells when nothing answers */ }
  const walk = walker(list, '.live-row:not([hidden])');
  return {
    keys: {...walk.keys, ' ': toggle},
    help: [['Space', 'pause, go on'], ['j', 'next row'], ['k', 'row before'], ['Enter', 'open the exchange']],
    stop: () => source.close(),
  };
}
