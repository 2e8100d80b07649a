// Axes, bars and lines in SVG. Colours come from the style sheet, so both schemes fit.
import {h, s, replace} from './dom.js';
import {time, stamp} from './format.js';

const MINUTE = 60e6;
const DAY = 86400e6;

/** Marks on the time axis: at most `most`, on even times. */
export function timeMarks(begin, end, most) {
  const steps = [1, 5, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 43200].map((m) => m * MINUTE);
  const step = steps.find((one) => (end - begin) / one <= most) ?? Math.ceil((end - begin) / most / DAY) * DAY;
  const marks = [];
  for (let at = Math.ceil(begin / step) * step; at < end; at += step) {
    const text = time(at);
    marks.push([at, step >= DAY || text.endsWith('00:00:00') ? text.slice(5, 10) : text.slice(11, 16)]);
  }
  return marks;
}

/** A round number above `value` whose half is round, too: both are written at the axis. */
export function niceTop(value) {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 6, 8, 10].map((one) => one * power).find((one) => one >= value && one % 2 === 0) ?? 20 * power;
}

/** A slim histogram of [all, failed] pairs that is brushed by mouse, touch or keys. */
export function brushHistogram(box, data, {since, until, onbrush}) {
  const {begin, width, buckets} = data;
  if (buckets.length === 0) return replace(box, h('p', {class: 'empty'}, 'nothing in this time'));
  const WIDE = 1000;
  const HIGH = 64;
  const top = Math.max(...buckets.map(([all]) => all), 1);
  const end = begin + width * buckets.length;
  const unit = WIDE / buckets.length;
  const bar = (index, count, name) => count > 0 && s('rect', {
    class: name, x: (index * unit + unit * 0.08).toFixed(2), width: (unit * 0.84).toFixed(2),
    y: (HIGH - Math.max(1.5, (count / top) * HIGH)).toFixed(2), height: Math.max(1.5, (count / top) * HIGH).toFixed(2),
  });
  const shade = s('rect', {class: 'brush', y: 0, height: HIGH, width: 0, x: 0});
  const chart = s('svg', {
    viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: 'none', class: 'histogram', role: 'img', tabindex: '0',
    'aria-label': `Exchanges over time, ${time(begin)} to ${time(end)}. Arrow keys choose a piece, Enter narrows to it.`,
  }, buckets.map(([all, failed], index) => [bar(index, all, 'bar'), bar(index, failed, 'bar bad')]).flat(), shade);
  const label = h('p', {class: 'axis-now', 'aria-live': 'polite'});
  let from = null;
  let to = null;
  const paint = () => {
    if (from === null) {
      shade.setAttribute('width', 0);
      label.textContent = '';
      return;
    }
    const [low, high] = [Math.min(from, to), Math.max(from, to) + 1];
    shade.setAttribute('x', low * unit);
    shade.setAttribute('width', (high - low) * unit);
    const sum = buckets.slice(low, high).reduce((all, [one]) => all + one, 0);
    label.textContent = `${time(begin + low * width)} – ${time(begin + high * width)}: ${sum}`;
  };
  const done = () => {
    if (from === null) return;
    const [low, high] = [Math.min(from, to), Math.max(from, to) + 1];
    onbrush(stamp(begin + low * width), stamp(begin + high * width));
  };
  const bucketAt = (event) => {
    const area = chart.getBoundingClientRect();
    return Math.min(buckets.length - 1, Math.max(0, Math.floor(((event.clientX - area.left) / area.width) * buckets.length)));
  };
  chart.addEventListener('pointerdown', (event) => {
    chart.setPointerCapture(event.pointerId);
    from = to = bucketAt(event);
    paint();
  });
  chart.addEventListener('pointermove', (event) => {
    if (!chart.hasPointerCapture(event.pointerId)) return;
    to = bucketAt(event);
    paint();
  });
  chart.addEventListener('pointerup', done);
  chart.addEventListener('pointercancel', () => { from = null; paint(); });
  chart.addEventListener('keydown', (event) => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step) {
      const next = Math.min(buckets.length - 1, Math.max(0, (to ?? (step > 0 ? -1 : buckets.length)) + step));
      to = next;
      if (!event.shiftKey || from === null) from = next;
      paint();
    } else if (event.key === 'Enter') done();
    else if (event.key === 'Escape') { from = null; paint(); } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const marks = timeMarks(begin, end, 8).map(([at, text]) => {
    const mark = h('span', null, text);
    mark.style.left = `${(((at - begin) / (end - begin)) * 100).toFixed(2)}%`;
    return mark;
  });
  return replace(box, label, chart, h('div', {class: 'axis', 'aria-hidden': 'true'}, marks),
    (since || until) && h('p', {class: 'hidden'}, 'Narrowed by time.'));
}

/**
 * A chart over time with its legend and, for those who do not see it, its table.
 * series: [{name, class, kind: 'bar' | 'line', values}], stacked when bars.
 */
export function timeChart({title, begin, width, count, series, show}) {
  const WIDE = 640;
  const HIGH = 190;
  const LEFT = 52;
  const FOOT = 22;
  const plotWide = WIDE - LEFT - 6;
  const plotHigh = HIGH - FOOT - 8;
  const end = begin + width * count;
  const bars = series.filter(({kind}) => kind === 'bar');
  const tops = Array.from({length: count}, (_, i) => Math.max(
    bars.reduce((sum, one) => sum + (one.values[i] ?? 0), 0),
    ...series.filter(({kind}) => kind === 'line').map((one) => one.values[i] ?? 0), 0));
  const top = niceTop(Math.max(...tops, 0));
  const unit = plotWide / Math.max(1, count);
  const y = (value) => 8 + plotHigh - (value / top) * plotHigh;
  const parts = [];
  for (const part of [0, 0.5, 1]) {
    parts.push(s('line', {class: 'grid', x1: LEFT, x2: WIDE - 6, y1: y(top * part), y2: y(top * part)}),
      s('text', {class: 'tick', x: LEFT - 6, y: y(top * part) + 4, 'text-anchor': 'end'}, show(top * part)));
  }
  for (const [at, text] of timeMarks(begin, end, 6)) {
    parts.push(s('text', {class: 'tick', x: LEFT + ((at - begin) / (end - begin)) * plotWide, y: HIGH - 4, 'text-anchor': 'middle'}, text));
  }
  for (let i = 0; i < count; ++i) {
    let base = 0;
    for (const one of bars) {
      const value = one.values[i] ?? 0;
      if (value > 0) {
        parts.push(s('rect', {
          class: `fill ${one.class}`, x: (LEFT + i * unit + unit * 0.1).toFixed(2), width: (unit * 0.8).toFixed(2),
          y: y(base + value).toFixed(2), height: Math.max(1, y(base) - y(base + value)).toFixed(2),
        }));
      }
      base += value;
    }
  }
  for (const one of series.filter(({kind}) => kind === 'line')) {
    let path = '';
    let pen = false;
    one.values.forEach((value, i) => {
      if (value === null || value === undefined) { pen = false; return; }
      path += `${pen ? 'L' : 'M'}${(LEFT + (i + 0.5) * unit).toFixed(1)} ${y(value).toFixed(1)}`;
      if (!pen && (one.values[i + 1] === null || one.values[i + 1] === undefined)) path += 'h0.1';
      pen = true;
    });
    if (path) parts.push(s('path', {class: `stroke ${one.class}`, d: path}));
  }
  const now = s('line', {class: 'now', y1: 8, y2: 8 + plotHigh, x1: -9, x2: -9});
  const svg = s('svg', {viewBox: `0 0 ${WIDE} ${HIGH}`, class: 'chart', role: 'img', 'aria-label': title}, parts, now);
  const legend = h('p', {class: 'legend'});
  const tell = (i) => replace(legend,
    series.map((one) => h('span', {class: one.class}, h('i'), `${one.name} `,
      h('b', null, i === null ? '' : one.values[i] === null || one.values[i] === undefined ? '–' : show(one.values[i])))),
    h('span', {class: 'when'}, i === null ? '' : time(begin + i * width)));
  tell(null);
  svg.addEventListener('pointermove', (event) => {
    const area = svg.getBoundingClientRect();
    const x = ((event.clientX - area.left) / area.width) * WIDE;
    const i = Math.min(count - 1, Math.max(0, Math.floor((x - LEFT) / unit)));
    now.setAttribute('x1', LEFT + (i + 0.5) * unit);
    now.setAttribute('x2', LEFT + (i + 0.5) * unit);
    tell(i);
  });
  svg.addEventListener('pointerleave', () => {
    now.setAttribute('x1', -9);
    now.setAttribute('x2', -9);
    tell(null);
  });
  const rows = () => Array.from({length: count}, (_, i) => i)
    .filter((i) => series.some((one) => one.values[i]))
    .map((i) => h('tr', null, h('th', {scope: 'row'}, time(begin + i * width)),
      series.map((one) => h('td', null, one.values[i] === null ? '–' : show(one.values[i])))));
  const table = h('details', {class: 'as-table'}, h('summary', null, 'as a table'));
  table.addEventListener('toggle', () => {
    if (!table.open || table.querySelector('table')) return;
    table.append(h('div', {class: 'scroll'}, h('table', {class: 'numbers'},
      h('thead', null, h('tr', null, h('th', null, 'from (UTC)'), series.map((one) => h('th', null, one.name)))),
      h('tbody', null, rows()))));
  });
  return h('figure', {class: 'panel'}, h('figcaption', null, title), legend, svg, table);
}
