// Addresses are the page's whole state: a view's name and its parameters. Back, reload and a link
// sent to a colleague all work.

const views = new Map();
let current = null;
let onShown = () => {};

/** `show(main, params, {signal})` draws a view; it may give {keys, refresh, stop}. */
export function addView(path, show) { views.set(path, show); }
export function whenShown(handler) { onShown = handler; }

export function link(path, params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export function go(href, {replace = false} = {}) {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  show();
}

export const params = () => Object.fromEntries(new URLSearchParams(location.search));
export const currentView = () => current;

export async function show() {
  if (current) {
    current.abort.abort();
    current.view?.stop?.();
  }
  const mine = {path: location.pathname, abort: new AbortController(), view: null};
  current = mine;
  const main = document.getElementById('main');
  const draw = views.get(location.pathname) ?? views.get('/');
  main.setAttribute('aria-busy', 'true');
  onShown(mine);
  try {
    const view = await draw(main, params(), {signal: mine.abort.signal});
    if (current === mine) mine.view = view ?? {};
    else view?.stop?.();
  } finally {
    // Only now do the view's keys work.
    if (current === mine) main.setAttribute('aria-busy', 'false');
  }
}

export function start() {
  addEventListener('popstate', show);
  document.addEventListener('click', (event) => {
    const anchor = event.target.closest?.('a[href]');
    if (!anchor || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || anchor.target || anchor.download) return;
    const url = new URL(anchor.href);
    if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
    if (url.hash && url.pathname === location.pathname) return;
    event.preventDefault();
    go(url.pathname + url.search);
    window.scrollTo(0, 0);
    document.getElementById('main').focus({preventScroll: true});
  });
  show();
}
