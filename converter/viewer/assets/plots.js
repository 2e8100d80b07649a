// Plots over time: how many, how big, how fast, how often it went wrong.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {link} from './router.js';
import {drawFilters, filterOf} from './filters.js';
import {timeChart} from './chart.js';
import {duration, number, short} from './format.js';

function ranking(title, rows, href) {
  const sorted = rows.toSorted((a, b) => b.exchanges - a.exchanges);
  const most = sorted[0]?.exchanges ?? 1;
  return h('section', {class: 'panel'}, h('h2', null, title), h('div', {class: 'scroll'}, h('table', {class: 'numbers'},
    h('thead', null, h('tr', null, ['', 'exchanges', 'failed', 'tokens in', 'out'].map((name) => h('th', {scope: 'col'}, name)))),
    h('tbody', null, sorted.map((row) => {
      const bar = h('i', {class: 'share', 'aria-hidden': 'true'});
      bar.style.width = `${(row.exchanges / most) * 100}%`;
      return h('tr', null, h('th', {scope: 'row'}, h('a', {href: href(row.name)}, row.name ? visible(row.name) : 'unknown'), bar),
        h('td', null, number(row.exchanges)), h('td', {class: row.failed > 0 ? 'bad-text' : null}, number(row.failed)),
        h('td', null, short(row.input_tokens)), h('td', null, short(row.output_tokens)));
    })))));
}

const counts = (title, pairs) => h('section', {class: 'panel'}, h('h2', null, title), h('table', {class: 'numbers'}, h('tbody', null,
  Object.entries(pairs).sort((a, b) => b[1] - a[1]).map(([name, count]) =>
    h('tr', null, h('th', {scope: 'row'}, name === '' || name === '0' ? 'unknown' : visible(name.replaceAll('_', ' '))), h('td', null, number(count)))))));

export async function showPlots(main, params, {signal}) {
  document.title = 'Plots · Albicilla';
  const filter = filterOf(params);
  const fields = h('div', {class: 'filters', role: 'group', 'aria-label': 'Filter'});
  const box = h('div', {class: 'plots'}, h('p', {class: 'loading', role: 'status'}, 'counting…'));
  replace(main, h('h1', null, 'Plots'), fields, box);
  drawFilters(fields, '/plots', params, {session: false});
  try {
    const data = await get('plots', {...filter, buckets: 72}, signal);
    const {begin, width, buckets} = data;
    if (buckets.length === 0) return void replace(box, h('p', {class: 'empty'}, 'Nothing was logged in this time.'));
    const of = (pick) => buckets.map(pick);
    const frame = {begin, width, count: buckets.length};
    const list = (kind) => (name) => link('/', {...params, [kind]: name});
    replace(box,
      timeChart({...frame, title: 'Exchanges', show: short, series: [
        {name: 'went well', class: 'a', kind: 'bar', values: of((one) => one.exchanges - one.failed)},
        {name: 'failed', class: 'bad', kind: 'bar', values: of((one) => one.failed)}]}),
      timeChart({...frame, title: 'Tokens', show: short, series: [
        {name: 'in', class: 'a', kind: 'bar', values: of((one) => one.input_tokens)},
        {name: 'out', class: 'b', kind: 'bar', values: of((one) => one.output_tokens)}]}),
      timeChart({...frame, title: 'Time of an exchange', show: duration, series: [
        {name: 'half are below', class: 'a', kind: 'line', values: of((one) => one.duration_p50_us)},
        {name: '95 % are below', class: 'b', kind: 'line', values: of((one) => one.duration_p95_us)}]}),
      timeChart({...frame, title: 'Time to the first byte', show: duration, series: [
        {name: 'half are below', class: 'a', kind: 'line', values: of((one) => one.first_byte_p50_us)},
        {name: '95 % are below', class: 'b', kind: 'line', values: of((one) => one.first_byte_p95_us)}]}),
      ranking('Models', data.models, list('model')), ranking('Clients', data.clients, list('client')),
      counts('Endings', data.endings), counts('Status', data.statuses));
  } catch (error) {
    if (error.name !== 'AbortError') replace(box, h('p', {class: 'failure', role: 'alert'}, error.message));
  }
  return {};
}
