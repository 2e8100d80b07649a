// Full-text search over everything that was said.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {link} from './router.js';
import {walker} from './keys.js';
import {drawFilters, filterOf} from './filters.js';
import {badge} from './sessions.js';
import {exchangeLink} from './exchange.js';
import {plural, time} from './format.js';

function hitView(hit) {
  const {exchange} = hit;
  return h('li', {class: 'hit'},
    h('a', {class: 'snippet', dir: 'auto', href: exchangeLink(exchange.ref)},
      hit.snippet.map(([text, isHit]) => (isHit ? h('mark', null, visible(text)) : visible(text)))),
    h('p', {class: 'under'},
      h('span', {class: `role ${hit.role}`}, hit.role),
      hit.observed && badge('good', 'observed', 'we saw the model say it'),
      h('a', {href: link('/session', {id: exchange.session, at: exchange.ref}), class: 'mono', dir: 'auto'}, visible(exchange.session)),
      h('span', null, visible(exchange.model)),
      h('time', {datetime: new Date(exchange.closed_at / 1000).toISOString()}, time(exchange.closed_at)),
      hit.other_sessions > 0 && h('span', {class: 'soft'}, `and in ${plural(hit.other_sessions, 'other session')}`)));
}

export async function showSearch(main, params, {signal}) {
  const q = params.q ?? '';
  document.title = `${q} · Search · Albicilla`;
  document.getElementById('find-text').value = q;
  const filter = filterOf(params);
  const fields = h('div', {class: 'filters', role: 'group', 'aria-label': 'Filter'});
  const state = h('p', {class: 'totals', role: 'status'}, 'searching…');
  const list = h('ol', {class: 'hits', 'aria-label': 'Messages found'});
  const more = h('button', {class: 'button more-rows', type: 'button', hidden: true}, 'Search on');
  replace(main, h('h1', null, 'Search ', h('q', {dir: 'auto'}, visible(q))), fields, state, list, more,
    h('p', {class: 'soft hint'}, 'All words must occur. "In quotes": as a phrase. word*: words that begin so. role:user, role:assistant, role:tool, role:system.'));
  drawFilters(fields, '/search', params, {session: false});
  let cursor = '';
  let count = 0;
  const load = async () => {
    more.disabled = true;
    try {
      const page = await get('search', {...filter, q, cursor, limit: 30}, signal);
      list.append(...page.hits.map(hitView));
      count += page.hits.length;
      cursor = page.next;
      more.hidden = cursor === '';
      state.textContent = cursor === ''
        ? (count === 0 ? 'Nothing found.' : `${plural(count, 'message')}.`)
        : `${plural(count, 'message')} so far, searched back to ${cursor.split('~')[0]}.`;
    } catch (error) {
      if (error.name !== 'AbortError') replace(state, h('span', {class: 'bad-text'}, error.message));
    }
    more.disabled = false;
  };
  more.addEventListener('click', load);
  await load();
  return {
    keys: {...walker(list, '.hit').keys, n: () => { if (!more.hidden) load(); }},
    help: [['j', 'next message'], ['k', 'message before'], ['Enter', 'open its exchange'], ['n', 'search on']],
  };
}
