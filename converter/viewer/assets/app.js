// The page's frame: navigation, theme, search field, state of the index. Each view is a module.
import {h, s, replace, note} from './dom.js';
import {get, post, whenTokenNeeded} from './api.js';
import * as router from './router.js';
import {helpDialog, listen} from './keys.js';
import {bytes} from './format.js';
import {showSessions} from './sessions.js';
import {showSession} from './session.js';
import {showExchange} from './exchange.js';
import {showSearch} from './search.js';
import {showLive} from './live.js';
import {showPlots} from './plots.js';
import {showIntegrity} from './integrity.js';
import {showExport} from './export.js';
import {askToken} from './login.js';

const VIEWS = [
  ['/', 'Sessions', 'M4 6h16M4 12h16M4 18h10'],
  ['/live', 'Live', 'M3 12h4l3-8 4 16 3-8h4'],
  ['/plots', 'Plots', 'M4 20V10M10 20V4M16 20v-7M21 20H3'],
  ['/integrity', 'Integrity', 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4'],
  ['/export', 'Export', 'M12 3v11M8 10l4 4 4-4M4 17v3h16v-3'],
];

router.addView('/', showSessions);
router.addView('/session', showSession);
router.addView('/exchange', showExchange);
router.addView('/search', showSearch);
router.addView('/live', showLive);
router.addView('/plots', showPlots);
router.addView('/integrity', showIntegrity);
router.addView('/export', showExport);

function drawRail() {
  const here = ['/session', '/exchange', '/search'].includes(location.pathname) ? '/' : location.pathname;
  replace(document.getElementById('rail'), h('ul', null, VIEWS.map(([path, name, drawing]) =>
    h('li', null, h('a', {href: path, 'aria-current': path === here ? 'page' : null},
      s('svg', {viewBox: '0 0 24 24', 'aria-hidden': 'true'}, s('path', {d: drawing})), name)))));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem('theme', theme); } catch { /* private window: not remembered */ }
  dispatchEvent(new Event('themechange'));
}

function initialTheme() {
  let kept = null;
  try { kept = localStorage.getItem('theme'); } catch { /* not remembered */ }
  return kept ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

async function watchState() {
  const box = document.getElementById('state');
  try {
    const state = await get('state');
    const {index} = state;
    box.classList.toggle('bad', index.error !== '');
    if (index.error) box.textContent = `index: ${index.error}`;
    else if (index.pending_bytes > 1e6) box.textContent = `indexing, ${bytes(index.pending_bytes)} to go`;
    else box.textContent = state.user === 'local' ? '' : state.user;
    setTimeout(watchState, index.ready && index.pending_bytes === 0 ? 15000 : 1000);
  } catch (error) {
    box.classList.add('bad');
    box.textContent = error.message;
    setTimeout(watchState, error.status === 401 ? 30000 : 3000);
  }
}

function begin() {
  setTheme(initialTheme());
  const toggle = () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  const help = () => helpDialog(router.currentView()?.view?.help);
  const field = document.getElementById('find-text');
  document.getElementById('theme').addEventListener('click', toggle);
  document.getElementById('help').addEventListener('click', help);
  document.getElementById('find').addEventListener('submit', (event) => {
    event.preventDefault();
    field.blur();
    if (field.value.trim()) router.go(router.link('/search', {...keptFilter(), q: field.value.trim()}));
  });
  listen({find: () => { field.focus(); field.select(); }, help, theme: toggle});
  whenTokenNeeded(() => askToken(async (token) => {
    await post('login', null, {token});
    note('welcome');
    router.show();
    watchState();
  }));
  router.whenShown(() => {
    drawRail();
    if (location.pathname !== '/search') field.value = '';
  });
  router.start();
  watchState();
}

// A search from a narrowed list stays narrowed in time and kind, not in text.
function keptFilter() {
  const {since, until, model, user, client, session, id} = router.params();
  return {since, until, model, user, client,
    session: location.pathname === '/session' ? id : session};
}

begin();
