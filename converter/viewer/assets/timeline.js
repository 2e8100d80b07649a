// The exchanges of a session in the order of their start, each with its place in time.
import {h, replace, visible} from './dom.js';
import {walker} from './keys.js';
import {edgeBadge, exchangeLink, outcome} from './exchange.js';
import {clock, duration, short} from './format.js';

// Long waits between exchanges are drawn short: what matters is the time spent answering.
function places(exchanges) {
  const LONGEST_GAP = 20e6;
  let shift = 0;
  let reached = exchanges[0]?.started_at ?? 0;
  const spans = exchanges.map((one) => {
    const gap = one.started_at - reached;
    if (gap > LONGEST_GAP) shift += gap - LONGEST_GAP;
    const end = Math.max(one.closed_at, one.started_at);
    reached = Math.max(reached, end);
    return [one.started_at - shift, end - shift];
  });
  const begin = spans[0]?.[0] ?? 0;
  const all = Math.max(1, ...spans.map(([, end]) => end - begin));
  return spans.map(([from, to]) => [((from - begin) / all) * 100, Math.max(0.4, ((to - from) / all) * 100)]);
}

export function drawTimeline(panel, {exchanges}, params) {
  const spans = places(exchanges);
  const list = h('ol', {class: 'timeline', 'aria-label': 'Exchanges'}, exchanges.map((one, index) => {
    const bar = h('i', {class: one.failed ? 'bad' : null});
    bar.style.left = `${spans[index][0]}%`;
    bar.style.width = `${spans[index][1]}%`;
    return h('li', {class: 'exchange-row', 'data-ref': one.ref},
      h('time', {title: one.ref}, clock(one.started_at)),
      h('span', {class: 'marks'}, outcome(one), one.edge !== 'continuation' && edgeBadge(one)),
      h('a', {class: 'live-text', href: exchangeLink(one.ref), dir: 'auto'}, one.latest ? visible(one.latest) : `${one.method} ${one.path}`),
      h('span', {class: 'figures'},
        h('span', null, visible(one.model)),
        h('span', null, h('b', null, short(one.input_tokens)), ' in'), h('span', null, h('b', null, short(one.output_tokens)), ' out'),
        h('span', null, h('b', null, duration(one.duration_us)))),
      h('span', {class: 'lane', 'aria-hidden': 'true'}, bar));
  }));
  replace(panel, list);
  const walk = walker(list, '.exchange-row');
  const at = [...list.children].find((one) => one.dataset.ref === params.at);
  if (at) walk.select(at);
  return {keys: walk.keys, help: [['j', 'next exchange'], ['k', 'exchange before'], ['Enter', 'open it']]};
}
