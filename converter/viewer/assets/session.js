// One session: its conversation, and the exchanges it is made of.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {go, link} from './router.js';
import {sessionBadges} from './sessions.js';
import {drawConversation} from './conversation.js';
import {drawTimeline} from './timeline.js';
import {duration, number, plural, short, time} from './format.js';

const TABS = [['conversation', 'Conversation'], ['exchanges', 'Exchanges']];

// Can the files that hold the session be trusted?
function trust(files) {
  const worst = files.find((one) => one.chain === 'broken' || one.unreadable > 0) ?? files.find((one) => one.chain === 'none') ?? files[0];
  if (!worst) return null;
  const [kind, text] = worst.chain === 'broken' ? ['bad', 'chain broken'] : worst.unreadable > 0 ? ['bad', 'unreadable lines']
    : worst.chain === 'none' ? ['plain', 'no chain'] : ['good', 'chain whole'];
  return h('a', {href: link('/integrity', {day: worst.file.slice(0, 10)}), class: `badge ${kind}`, title: plural(files.length, 'file')}, text);
}

function headOf(session, files) {
  const figure = (name, value, title) => h('div', {class: 'figure', title}, h('b', null, value), h('span', null, name));
  return h('div', {class: 'session-head'},
    h('h1', {dir: 'auto'}, visible(session.opening || session.session)),
    h('p', {class: 'under'}, h('span', {class: 'mono', dir: 'auto'}, visible(session.session)),
      session.models.map((model) => h('span', {class: 'model'}, visible(model))),
      session.user && h('span', {class: 'who'}, visible(session.user)), session.client && h('span', null, visible(session.client)),
      h('span', null, `${time(session.first_at)} – ${time(session.last_at).slice(session.days.length > 1 ? 0 : 11)} UTC`),
      trust(files), sessionBadges(session)),
    h('div', {class: 'figures-row'},
      figure('exchanges', number(session.exchanges)), figure('turns', number(session.turns), 'answers that ended well'),
      figure('tool calls', number(session.calls)),
      figure('tokens in', short(session.input_tokens), number(session.input_tokens)),
      session.cached_tokens > 0 && figure('of them cached', short(session.cached_tokens), number(session.cached_tokens)),
      figure('tokens out', short(session.output_tokens), number(session.output_tokens)),
      figure('answering', duration(session.duration_us), 'sum over all exchanges')));
}

export async function showSession(main, params, {signal}) {
  document.title = 'Session · Albicilla';
  replace(main, h('p', {class: 'loading', role: 'status'}, 'reading the session…'));
  let data;
  try {
    data = await get('session', {id: params.id}, signal);
  } catch (error) {
    if (error.name !== 'AbortError') replace(main, h('p', {class: 'failure', role: 'alert'}, error.message));
    return {};
  }
  document.title = `${data.session.opening || data.session.session} · Albicilla`;
  const tab = TABS.some(([name]) => name === params.tab) ? params.tab : 'conversation';
  const open = (name) => go(link('/session', {...params, tab: name}), {replace: true});
  const panel = h('div', {class: 'tab-panel', id: 'panel', role: 'tabpanel', 'aria-labelledby': `tab-${tab}`});
  const other = () => open(tab === 'conversation' ? 'exchanges' : 'conversation');
  const tabs = h('div', {class: 'tabs', role: 'tablist', 'aria-label': 'How the session is shown'}, TABS.map(([name, title]) =>
    h('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-selected': String(name === tab), 'aria-controls': 'panel',
      tabindex: name === tab ? '0' : '-1', onclick: () => open(name),
    }, title)));
  tabs.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') { event.preventDefault(); other(); }
  });
  replace(main, h('p', {class: 'crumbs'}, h('a', {href: '/'}, 'Sessions'), ' / session'), headOf(data.session, data.files), tabs, panel,
    data.more && h('p', {class: 'soft'}, `Only the first ${plural(data.exchanges.length, 'exchange')} are shown.`));
  const view = tab === 'exchanges' ? drawTimeline(panel, data, params) : await drawConversation(panel, data, params, signal);
  return {
    ...view,
    keys: {...view.keys, e: other, x: () => go(link('/export', {session: params.id}))},
    help: [...(view.help ?? []), ['e', 'exchanges or conversation'], ['x', 'export this session']],
  };
}
