// The conversation of a session, one branch at a time.
import {h, replace, visible} from './dom.js';
import {getText} from './api.js';
import {go, link} from './router.js';
import {piece} from './json_text.js';
import {requestMessages, responseMessages} from './messages.js';
import {transcript} from './transcript.js';
import {exchangeLink} from './exchange.js';
import {badge} from './sessions.js';
import {clock, plural} from './format.js';

/** Ends of branches: exchanges that nobody continues, without those that were tried again. */
function branches(exchanges) {
  const followed = new Set(exchanges.filter(({edge}) => edge !== 'retry').map(({previous}) => previous).filter(Boolean));
  const retried = new Map(exchanges.filter(({edge}) => edge === 'retry').map((one) => [one.previous, one]));
  return exchanges.filter((one) => one.messages > 0 && !followed.has(one.ref) && !retried.has(one.ref));
}

export async function drawConversation(panel, data, params, signal) {
  const ends = branches(data.exchanges);
  if (ends.length === 0) {
    replace(panel, h('p', {class: 'empty'}, 'Nothing was said in this session; see its exchanges.'));
    return {};
  }
  const asked = ends.findIndex(({ref}) => ref === params.branch);
  const chosen = asked >= 0 ? asked : ends.reduce((best, one, index) => (one.messages > ends[best].messages ? index : best), 0);
  const end = ends[chosen];
  const open = (index) => go(link('/session', {...params, branch: ends[(index + ends.length) % ends.length].ref}), {replace: true});
  const box = h('div', {class: 'transcript'}, h('p', {class: 'loading', role: 'status'}, 'reading…'));
  replace(panel, ends.length > 1 && h('div', {class: 'branches'},
    h('button', {class: 'button small', type: 'button', onclick: () => open(chosen - 1), 'aria-label': 'Branch before'}, '‹'),
    h('label', {class: 'field wide'}, h('span', null, `branch ${chosen + 1} of ${ends.length}`),
      h('select', {onchange: (event) => open(Number(event.target.value))}, ends.map((one, index) =>
        h('option', {value: index, selected: index === chosen ? true : null}, `${clock(one.started_at)} · ${plural(one.messages, 'message')} · ${one.model} · ${one.latest.slice(0, 60)}`)))),
    h('button', {class: 'button small', type: 'button', onclick: () => open(chosen + 1), 'aria-label': 'Next branch'}, '›')), box);
  try {
    const line = piece(await getText('line', {ref: end.ref}, signal));
    const request = requestMessages(line.member('request')?.value);
    const answers = responseMessages(line.member('response')?.value);
    replace(box, transcript([...request, ...answers], (_, index) => (index < request.length ? {} : {
      badges: badge('good', 'observed', 'we saw the model say it'),
      links: h('a', {href: exchangeLink(end.ref)}, 'exchange'),
    })));
  } catch (error) {
    if (error.name !== 'AbortError') replace(box, h('p', {class: 'failure', role: 'alert'}, visible(error.message)));
  }
  const messages = () => [...box.querySelectorAll('.message')];
  const move = (by) => {
    const all = messages();
    const at = all.indexOf(document.activeElement.closest?.('.message'));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus({preventScroll: true});
    next?.scrollIntoView({block: 'start', behavior: 'auto'});
  };
  return {
    keys: {
      j: () => move(1), k: () => move(-1), b: () => open(chosen + 1),
      f: () => {
        const folds = [...box.querySelectorAll('details')];
        const shut = folds.some((one) => !one.open);
        folds.forEach((one) => { one.open = shut; });
      },
      i: () => go(exchangeLink(end.ref)),
    },
    help: [['j', 'next message'], ['k', 'message before'], ['b', 'next branch'], ['f', 'fold or unfold all'], ['i', 'inspect the exchange']],
  };
}
