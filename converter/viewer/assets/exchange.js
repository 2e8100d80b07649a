// The exchange inspector: everything that is known of one exchange, exactly as it was logged.
import {copy, h, longText, replace, visible} from './dom.js';
import {get, getText} from './api.js';
import {go, link} from './router.js';
import {piece} from './json_text.js';
import {jsonView} from './json_view.js';
import {requestMessages, responseMessages} from './messages.js';
import {transcript} from './transcript.js';
import {differenceView} from './difference.js';
import {badge} from './sessions.js';
import {bytes, duration, number, time} from './format.js';

export const exchangeLink = (ref, tab) => link('/exchange', {ref, tab});

/** The outcome of an exchange in a word or two. */
export function outcome(exchange) {
  const good = !exchange.failed;
  const text = [exchange.status || '–', exchange.ending && exchange.ending !== 'complete' ? exchange.ending.replaceAll('_', ' ') : '']
    .filter(Boolean).join(' ');
  return badge(good ? 'good' : 'bad', text, exchange.error || exchange.ending);
}

const EDGES = {
  continuation: 'continues the request before it', retry: 'the same request again', edit_fork: 'continues an earlier point in another way',
  start: 'begins a history of its own',
};

export const edgeBadge = (exchange) =>
  badge({edit_fork: 'violet', retry: 'beak'}[exchange.edge] ?? 'plain', exchange.edge.replaceAll('_', ' '), EDGES[exchange.edge]);

const fact = (name, value, extra) => value !== null && value !== undefined && String(value) !== '' &&
  h('div', {class: 'fact'}, h('dt', null, name), h('dd', null, value, extra));

// How many values were redacted, by kind: {"header":2}.
function redactionText(redactions) {
  if (typeof redactions === 'number') return redactions > 0 ? number(redactions) : null;
  return Object.entries(redactions ?? {}).map(([kind, count]) => `${number(count)} ${kind}`).join(', ');
}

function tokenBar(exchange) {
  const {input_tokens: input, output_tokens: output, cached_tokens: cached, reasoning_tokens: thought} = exchange;
  if (input === null && output === null) return null;
  const total = Math.max(1, (input ?? 0) + (output ?? 0));
  const share = (name, count) => {
    const piece = h('span', {class: name});
    piece.style.flexGrow = String(count / total);
    return piece;
  };
  const fresh = (input ?? 0) - (cached ?? 0);
  return h('div', {class: 'usage'},
    h('div', {class: 'usage-bar', 'aria-hidden': 'true'}, share('cached', cached ?? 0), share('input', fresh), share('output', output ?? 0)),
    h('p', null, h('span', {class: 'dot input'}), `${number(input)} in`,
      cached > 0 && [h('span', {class: 'dot cached'}), `${number(cached)} of them cached`],
      h('span', {class: 'dot output'}), `${number(output)} out`,
      thought > 0 && `, ${number(thought)} of them reasoning`));
}

function timingBar(exchange) {
  const {duration_us: all, first_byte_us: first} = exchange;
  if (!all) return null;
  const part = h('span', {class: 'wait'});
  part.style.width = `${Math.min(100, ((first ?? all) / all) * 100)}%`;
  return h('div', {class: 'timing'}, h('div', {class: 'timing-bar', 'aria-hidden': 'true'}, part),
    h('p', null, first !== null && `first byte after ${duration(first)}, `, `whole after ${duration(all)}`));
}

function facts(exchange, line) {
  const logged = line.member('exchange');
  const extra = (name) => logged?.member(name)?.value;
  return h('dl', {class: 'facts'},
    fact('session', h('a', {href: link('/session', {id: exchange.session}), dir: 'auto'}, visible(exchange.session))),
    fact('model', visible(exchange.model)),
    fact('client', visible(exchange.client)),
    fact('user', visible(exchange.user)),
    fact('request', `${exchange.method} ${exchange.path}${extra('query') ? `?${extra('query')}` : ''}`),
    fact('upstream', visible(exchange.upstream)),
    fact('dialect', visible(exchange.dialect)),
    fact('started', time(exchange.started_at), ' UTC'),
    fact('closed', time(exchange.closed_at), ' UTC'),
    fact('streamed', exchange.streaming ? `yes, ${number(extra('chunks'))} reads` : 'no'),
    fact('messages', number(exchange.messages), exchange.tools > 0 ? ` and ${number(exchange.tools)} tools offered` : ''),
    fact('attempt', extra('attempt') > 0 ? number(extra('attempt') + 1) : null),
    fact('bytes', `${bytes(extra('request_bytes') ?? 0)} in, ${bytes(extra('response_bytes') ?? 0)} out`),
    fact('redacted', redactionText(extra('redactions'))),
    fact('truncated', extra('truncated') ? 'the logged copy was cut' : null),
    fact('id', exchange.id && h('span', {class: 'mono'}, visible(exchange.id))),
    fact('file and line', h('button', {
      class: 'mono link', type: 'button', title: 'Copy', onclick: () => copy(exchange.ref, 'file and line'),
    }, exchange.ref)));
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The request as a command. Secrets were redacted before they were logged. */
export function curlOf(exchange, line) {
  const headers = headerList(line.member('exchange')?.member('request_headers'));
  const left = ['host', 'content-length', 'connection', 'accept-encoding', 'transfer-encoding'];
  const query = line.member('exchange')?.member('query')?.value;
  const body = line.member('request');
  const words = [`curl ${quoted(`${(exchange.upstream || 'http://127.0.0.1:9000').replace(/\/v1\/?$/, '').replace(/\/$/, '')}${exchange.path}${query ? `?${query}` : ''}`)}`];
  if (exchange.method && exchange.method !== 'GET') words.push(`-X ${exchange.method}`);
  for (const [name, value] of headers) if (!left.includes(name.toLowerCase())) words.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body && body.kind !== 'null') words.push(`--data-binary ${quoted(body.kind === 'string' ? body.value : body.raw)}`);
  return words.join(' \\\n  ');
}

/** Headers as [[name, value]], whether logged as pairs, objects or a map. */
export function headerList(logged) {
  const value = logged?.value;
  if (Array.isArray(value)) {
    return value.map((one) => (Array.isArray(one) ? [String(one[0]), String(one[1])] : [String(one?.name), String(one?.value)]));
  }
  if (value && typeof value === 'object') {
    return Object.entries(value).flatMap(([name, one]) => [one].flat().map((each) => [name, String(each)]));
  }
  return [];
}

const headerTable = (title, headers) => h('section', null, h('h2', null, title),
  headers.length === 0 ? h('p', {class: 'empty'}, 'none logged')
    : h('table', {class: 'headers'}, h('tbody', null, headers.map(([name, value]) =>
      h('tr', null, h('th', {scope: 'row', class: 'mono'}, visible(name)), h('td', {class: 'mono', dir: 'auto'}, visible(value)))))));

const TABS = [['chat', 'Messages'], ['request', 'Request'], ['response', 'Response'], ['headers', 'Headers'],
  ['difference', 'Difference'], ['line', 'Line']];

function readableJson(box, found, missing) {
  if (!found || found.kind === 'null') return replace(box, h('p', {class: 'empty'}, missing));
  let readable = true;
  const draw = () => replace(box, h('div', {class: 'tools'},
    h('div', {class: 'choice', role: 'group', 'aria-label': 'How strings are shown'},
      [[true, 'readable'], [false, 'exact']].map(([value, text]) => h('button', {
        type: 'button', 'aria-pressed': String(readable === value), onclick: () => { readable = value; draw(); },
      }, text))),
    h('button', {class: 'button small', type: 'button', onclick: () => copy(found.raw, 'JSON')}, 'Copy'),
    h('span', {class: 'soft'}, bytes(found.end - found.start))),
  found.kind === 'string' && readable ? longText(found.value ?? found.raw, {class: 'code'}) : jsonView(found, {readable}));
  return draw();
}

async function drawTab(tab, panel, exchange, line, text, signal) {
  switch (tab) {
    case 'request': return readableJson(panel, line.member('request'), 'no request was logged');
    case 'response': return readableJson(panel, line.member('response'), 'no answer was logged');
    case 'headers': return replace(panel,
      headerTable('Request headers', headerList(line.member('exchange')?.member('request_headers'))),
      headerTable('Response headers', headerList(line.member('exchange')?.member('response_headers'))));
    case 'difference': return differenceView(panel, exchange, line, signal);
    case 'line': return replace(panel,
      h('p', {class: 'tools'}, h('button', {class: 'button small', type: 'button', onclick: () => copy(text, 'line')}, 'Copy the line'),
        h('span', {class: 'soft'}, `${exchange.ref}, ${bytes(text.length)}`)),
      jsonView(line));
    default: {
      const messages = [...requestMessages(line.member('request')?.value), ...responseMessages(line.member('response')?.value)];
      const answers = responseMessages(line.member('response')?.value).length;
      return replace(panel, messages.length === 0 ? h('p', {class: 'empty'}, 'no messages in this exchange; see Request and Response')
        : h('div', {class: 'transcript'}, transcript(messages, (_, index) => ({
          badges: index >= messages.length - answers && badge('good', 'answer', 'what the upstream answered in this exchange'),
        }))));
    }
  }
}

export async function showExchange(main, params, {signal}) {
  document.title = 'Exchange · Albicilla';
  replace(main, h('p', {class: 'loading', role: 'status'}, 'reading the line…'));
  let exchange;
  let text;
  try {
    [exchange, text] = await Promise.all([
      get('exchange', {ref: params.ref, id: params.id}, signal), getText('line', {ref: params.ref, id: params.id}, signal)]);
  } catch (error) {
    if (error.name !== 'AbortError') replace(main, h('p', {class: 'failure', role: 'alert'}, error.message));
    return {};
  }
  const line = piece(text);
  const tab = TABS.some(([name]) => name === params.tab) ? params.tab : 'chat';
  const panel = h('div', {class: 'tab-panel', id: 'panel', role: 'tabpanel', 'aria-labelledby': `tab-${tab}`});
  const open = (name) => go(link('/exchange', {...params, tab: name}), {replace: true});
  const tabs = h('div', {class: 'tabs', role: 'tablist', 'aria-label': 'Parts of the exchange'}, TABS.map(([name, title]) =>
    h('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-selected': String(name === tab), 'aria-controls': 'panel',
      tabindex: name === tab ? '0' : '-1', onclick: () => open(name),
    }, title)));
  const step = (by) => open(TABS[(TABS.findIndex(([name]) => name === tab) + by + TABS.length) % TABS.length][0]);
  tabs.addEventListener('keydown', (event) => {
    const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (by) { event.preventDefault(); step(by); }
  });
  const session = link('/session', {id: exchange.session, at: exchange.ref});
  const curl = () => copy(curlOf(exchange, line), 'curl command');
  replace(main,
    h('p', {class: 'crumbs'}, h('a', {href: '/'}, 'Sessions'), ' / ', h('a', {href: session, dir: 'auto'}, visible(exchange.session)), ' / exchange'),
    h('div', {class: 'head'},
      h('h1', null, `${exchange.method || 'Exchange'} ${exchange.path}`), outcome(exchange), edgeBadge(exchange),
      h('div', {class: 'actions'},
        exchange.previous && h('a', {class: 'button small', href: exchangeLink(exchange.previous)}, '↑ previous request'),
        h('button', {class: 'button small', type: 'button', onclick: curl}, 'Copy as curl'))),
    exchange.error && h('p', {class: 'failure', role: 'alert'}, visible(exchange.error)),
    h('div', {class: 'two'}, facts(exchange, line), h('div', {class: 'meters'}, timingBar(exchange), tokenBar(exchange))),
    tabs, panel);
  await drawTab(tab, panel, exchange, line, text, signal);
  return {
    keys: {
      ']': () => step(1), '[': () => step(-1), c: curl, d: () => open('difference'),
      u: () => go(session), p: () => { if (exchange.previous) go(exchangeLink(exchange.previous, params.tab)); },
    },
    help: [['[ ]', 'other part'], ['d', 'difference'], ['p', 'previous request'], ['c', 'copy as curl'], ['u', 'up to the session']],
  };
}

