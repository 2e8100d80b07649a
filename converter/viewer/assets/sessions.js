// The list of sessions: filters in the address, a histogram to brush, rows to walk with j and k.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {go, link} from './router.js';
import {walker} from './keys.js';
import {brushHistogram} from './chart.js';
import {drawFilters, filterOf} from './filters.js';
import {ago, duration, number, plural, short, time} from './format.js';

const SORTS = [['', 'newest'], ['exchanges', 'most exchanges'], ['tokens', 'most tokens'],
  ['failed', 'most failures'], ['duration', 'longest']];

export const badge = (kind, text, title) => h('span', {class: `badge ${kind}`, title}, text);

export function sessionBadges(session) {
  return [
    session.failed > 0 && badge('bad', plural(session.failed, 'failure'), 'exchanges that did not end well'),
    session.forks > 0 && badge('violet', plural(session.forks, 'fork'), 'requests that continue an earlier point in another way'),
    session.retries > 0 && badge('beak', session.retries === 1 ? '1 retry' : `${session.retries} retries`, 'requests sent again unchanged'),
    session.starts > 1 && badge('plain', `${session.starts} threads`, 'separate histories: sub-agents, helper calls, fresh starts'),
  ];
}

function row(session) {
  const tokens = session.input_tokens + session.output_tokens;
  const mean = session.exchanges > 0 ? session.duration_us / session.exchanges : null;
  return h('li', {class: 'session'},
    h('a', {href: link('/session', {id: session.session}), class: 'session-link'},
      h('span', {class: 'opening', dir: 'auto'}, session.opening ? visible(session.opening) : h('em', null, 'no user message')),
      h('span', {class: 'under'},
        h('span', {class: 'mono', dir: 'auto'}, visible(session.session)),
        session.models.slice(0, 3).map((model) => h('span', {class: 'model'}, visible(model))),
        session.models.length > 3 && h('span', null, `+${session.models.length - 3}`),
        session.user && h('span', {class: 'who'}, visible(session.user)),
        session.client && h('span', null, visible(session.client)),
        sessionBadges(session))),
    h('span', {class: 'figures'},
      h('span', {title: 'answers'}, h('b', null, number(session.turns)), session.turns === 1 ? ' turn' : ' turns'),
      h('span', {title: 'calls of tools'}, h('b', null, number(session.calls)), session.calls === 1 ? ' tool' : ' tools'),
      h('span', {title: `${number(session.input_tokens)} in, ${number(session.output_tokens)} out`}, h('b', null, short(tokens)), ' tokens'),
      h('span', {title: 'mean time of an exchange'}, h('b', null, duration(mean)))),
    h('time', {class: 'when', datetime: new Date(session.last_at / 1000).toISOString(), title: `${time(session.first_at)} – ${time(session.last_at)} UTC`}, ago(session.last_at)));
}

export async function showSessions(main, params, {signal}) {
  document.title = 'Sessions · Albicilla';
  const filter = filterOf(params);
  const fields = h('div', {class: 'filters', role: 'group', 'aria-label': 'Filter'});
  const histogram = h('div', {class: 'histogram-box'});
  const totals = h('p', {class: 'totals', role: 'status'}, '…');
  const list = h('ol', {class: 'sessions', 'aria-label': 'Sessions'});
  const more = h('button', {class: 'button more-rows', type: 'button', hidden: true}, 'More sessions');
  const sort = h('label', {class: 'field sort'}, h('span', null, 'order'),
    h('select', {onchange: (event) => go(link('/', {...params, sort: event.target.value}))},
      SORTS.map(([value, text]) => h('option', {value, selected: (params.sort ?? '') === value ? true : null}, text))));
  replace(main, h('h1', {class: 'hidden'}, 'Sessions'), fields, histogram,
    h('div', {class: 'list-head'}, totals, sort), list, more);
  drawFilters(fields, '/', params);

  let cursor = '';
  const load = async () => {
    more.disabled = true;
    try {
      const page = await get('sessions', {...filter, sort: params.sort, cursor, limit: 100}, signal);
      list.append(...page.sessions.map(row));
      cursor = page.next;
      more.hidden = cursor === '';
      if (!list.firstChild) {
        list.append(h('li', {class: 'empty'}, Object.keys(filter).length > 0
          ? 'No session fits this filter.' : 'No session has been logged yet.'));
      }
    } catch (error) {
      if (error.name !== 'AbortError') list.append(h('li', {class: 'failure'}, error.message));
    }
    more.disabled = false;
  };
  more.addEventListener('click', load);
  const eye = new IntersectionObserver((seen) => {
    if (seen[0].isIntersecting && !more.hidden && !more.disabled) load();
  }, {rootMargin: '400px'});

  const narrow = (since, until) => go(link('/', {...params, since, until}));
  const drawHistogram = async () => {
    try {
      const data = await get('histogram', filter, signal);
      brushHistogram(histogram, data, {...filter, onbrush: narrow});
      const {total} = data;
      replace(totals, h('b', null, plural(data.sessions, 'session')), ' · ', plural(total.exchanges, 'exchange'), ' · ',
        total.failed > 0 && h('span', {class: 'bad-text'}, `${short(total.failed)} failed`), total.failed > 0 && ' · ',
        `${short(total.input_tokens)} tokens in, ${short(total.output_tokens)} out`);
    } catch (error) {
      if (error.name !== 'AbortError') replace(totals, error.message);
    }
  };
  await Promise.all([load(), drawHistogram()]);
  eye.observe(more);
  const walk = walker(list, '.session');
  return {
    keys: {...walk.keys, n: () => { if (!more.hidden) load(); }},
    help: [['j', 'next session'], ['k', 'session before'], ['Enter', 'open it'], ['n', 'more sessions']],
    stop: () => eye.disconnect(),
  };
}
