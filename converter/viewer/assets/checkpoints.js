// What the sink has signed: the checkpoints of every day and how the files fit them.
import {h, replace, visible} from './dom.js';
import {badge} from './sessions.js';
import {exchangeLink} from './exchange.js';
import {number, plural, time} from './format.js';

const keyOf = (day) => h('code', {title: day.key}, `${day.key.slice(0, 16)}…`);
const unsigned = (day, lines) => Math.max(0, lines - day.lines);

/** The signatures of one day in a word; `lines` is how many are there. */
export function signedBadge(day, lines) {
  if (!day || !day.present) return badge('plain', 'not signed', 'no manifest of this day');
  if (day.fault_count > 0) return badge('bad', plural(day.fault_count, 'fault'), 'signatures or signed states that do not hold');
  if (day.checkpoints === 0) return badge('plain', 'none yet', 'no checkpoint has been signed yet');
  const open = unsigned(day, lines);
  const title = `${plural(day.checkpoints, 'checkpoint')}, every signature holds${open > 0 ? `; ${plural(open, 'line')} newer than the last` : ''}`;
  return badge('good', day.sealed ? 'signed, sealed' : 'signed', title);
}

const STATES = {
  whole: ['good', 'signed', 'all lines, as a checkpoint names them'],
  part: ['plain', 'signed in part', 'the newest lines are not in a checkpoint yet'],
  none: ['plain', 'not signed', 'no checkpoint names this file'],
  differs: ['bad', 'not as signed', 'the lines are not those that a checkpoint names'],
  shorter: ['bad', 'signed lines are gone', 'a checkpoint names more lines than there are'],
};

/** How a file fits what was signed of it. */
export function fileBadge(file) {
  const [kind, text, title] = STATES[file.signed] ?? STATES.none;
  return badge(kind, text, file.signed === 'part' ? `${number(file.signed_lines)} of ${number(file.lines)} lines; ${title}` : title);
}

const faultList = (faults) => h('ul', {class: 'gaps'}, faults.map((fault) => h('li', null,
  h('b', null, fault.kind), fault.file && [' ', fault.line > 0 && fault.file.endsWith('.jsonl')
    ? h('a', {class: 'mono', href: exchangeLink(`${fault.file}:${fault.line}`, 'line')}, visible(`${fault.file}:${fault.line}`))
    : h('span', {class: 'mono', dir: 'auto'}, visible(fault.line > 0 ? `${fault.file}:${fault.line}` : fault.file))],
  ': ', visible(fault.detail))));

/** The signatures of the whole log as a verdict of its own. */
export function signedVerdict({days, chain}, totals) {
  const faults = days.reduce((all, day) => all + day.fault_count, 0) + chain.length;
  const checkpoints = days.reduce((all, day) => all + day.checkpoints, 0);
  if (faults > 0) {
    return h('div', {class: 'verdict bad', role: 'alert'}, h('b', null, 'The signed checkpoints do not hold. '), plural(faults, 'fault'), '.',
      faultList([...chain, ...days.flatMap((day) => day.faults)].slice(0, 20)));
  }
  if (checkpoints === 0) return h('p', {class: 'verdict'}, h('b', null, 'Nothing is signed. '), 'No checkpoint stands beside these files.');
  const newest = days.find((day) => day.checkpoints > 0);
  const lines = new Map(totals.map((one) => [one.day, one.lines]));
  const open = days.reduce((all, day) => all + unsigned(day, lines.get(day.day) ?? day.lines), 0);
  return h('p', {class: 'verdict good'}, h('b', null, `${plural(checkpoints, 'checkpoint')}, every signature holds. `),
    `The newest is number ${number(newest.last)} of ${time(Date.parse(newest.at) * 1000)} UTC, by key `, keyOf(newest),
    open > 0 ? `; ${plural(open, 'line')} came after.` : '; no line came after.');
}

/** The checkpoints of one day, above its files. */
export function drawDay(box, day) {
  if (!day?.present) return void replace(box, h('p', {class: 'soft'}, 'No manifest: nothing of this day is signed.'));
  replace(box, h('p', {class: 'under'}, signedBadge(day, day.lines),
    day.checkpoints > 0 && h('span', null, day.first === day.last ? `checkpoint ${number(day.last)}` : `checkpoints ${number(day.first)} to ${number(day.last)}`),
    h('span', null, `${plural(day.files, 'file')}, ${plural(day.lines, 'line')} signed`),
    day.at && h('span', null, `last ${time(Date.parse(day.at) * 1000)} UTC`), day.key && h('span', null, 'key ', keyOf(day)),
    day.removed && badge('beak', 'let go', 'the day\u2019s files were removed; a signed line says so')),
  day.faults.length > 0 && faultList(day.faults));
}
