// Can the files be trusted? The chain of every file as it was read, faults first.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {go, link} from './router.js';
import {badge} from './sessions.js';
import {drawDay, fileBadge, signedBadge, signedVerdict} from './checkpoints.js';
import {exchangeLink} from './exchange.js';
import {bytes, number, plural, time} from './format.js';

const CHAINS = {sound: ['good', 'chain whole'], broken: ['bad', 'chain broken'], none: ['plain', 'no chain']};
const chainBadge = (chain) => badge(...CHAINS[chain]);

function verdict(days) {
  const sum = (name) => days.reduce((all, one) => all + one[name], 0);
  const [broken, unreadable, unchained, sound, gaps] =
    ['broken', 'unreadable_lines', 'unchained', 'sound', 'gaps'].map(sum);
  const quarantined = sum('quarantined');
  if (broken > 0) return h('p', {class: 'verdict bad', role: 'alert'}, h('b', null, `${plural(broken, 'file')} with a broken chain. `), 'A line was edited, left out, added or moved.');
  if (gaps > 0) return h('p', {class: 'verdict bad', role: 'alert'}, h('b', null, `${plural(gaps, 'gap')}. `), 'The sink names records that it never received; every chain is whole.');
  if (quarantined > 0) return h('p', {class: 'verdict beak'}, h('b', null, `${plural(quarantined, 'line')} in quarantine. `), 'Two exchanges claimed one number; the sink set the second aside.');
  if (unreadable > 0) return h('p', {class: 'verdict beak'}, h('b', null, `${plural(unreadable, 'line')} cannot be read. `), 'The chain of every file is whole.');
  return h('p', {class: 'verdict good'}, h('b', null, `${plural(sound, 'file')}, every chain whole. `),
    unchained > 0 ? `${plural(unchained, 'file')} of an older program have no chain.` : '');
}

function fileRow(file) {
  const state = h('span', {class: 'badges'}, chainBadge(file.chain), ' ', fileBadge(file));
  const told = h('span', {class: 'soft'}, file.chain_n > 0 ? h('code', {title: file.chain_h}, `${file.chain_h.slice(0, 16)}…`) : '');
  const button = h('button', {class: 'button small', type: 'button', title: 'Read the file again, as it is now, follow its chain and hold it against its signature'}, 'Verify now');
  button.addEventListener('click', async () => {
    button.disabled = true;
    replace(told, 'reading…');
    try {
      const now = await get('verify', {file: file.file});
      replace(state, chainBadge(now.chain), ' ', fileBadge(now));
      const changed = now.chain_h !== file.chain_h || now.lines !== file.lines;
      replace(told, changed ? h('span', {class: 'bad-text'}, `now ${plural(now.lines, 'line')}: it is not the file that was indexed`)
        : `${plural(now.lines, 'line')} read again, unchanged`);
    } catch (error) {
      replace(told, h('span', {class: 'bad-text'}, error.message));
    }
    button.disabled = false;
  });
  const fault = file.chain === 'broken' ? file.broken_line : file.unreadable_line;
  return h('tr', null,
    h('th', {scope: 'row', class: 'mono', dir: 'auto'}, visible(file.file.slice(11)), file.sealed && badge('plain', 'sealed', 'closed and compressed')),
    h('td', null, number(file.lines)), h('td', null, bytes(file.bytes)),
    h('td', null, state, file.erased > 0 && [' ', badge('plain', `${number(file.erased)} erased`, 'a signed tombstone stands for each erased line')],
      file.gaps > 0 && [' ', badge('bad', plural(file.gaps, 'gap'))]),
    h('td', null, fault > 0 ? [h('a', {class: 'bad-text', href: exchangeLink(`${file.file}:${fault}`, 'line')}, `line ${number(fault)}`), ': ', visible(file.fault)] : told),
    h('td', null, button));
}

const gapList = (gaps) => h('ul', {class: 'gaps'}, gaps.map((gap) => h('li', null,
  h('b', null, gap.from === gap.to ? `record ${number(gap.from)}` : `records ${number(gap.from)} to ${number(gap.to)}`),
  ' of producer ', h('code', null, visible(gap.producer)), gap.exchanges === 0 ? ` were found again, noticed ${time(gap.at)}, ` : ` are missing, noticed ${time(gap.at)}, `,
  gap.exchanges > 0 && `${plural(gap.exchanges, 'exchange')}, `, gap.cause && [visible(gap.cause), ', '], h('span', {class: 'mono'}, visible(gap.ref)))));

async function drawFiles(box, day, faults, signal) {
  const body = h('tbody');
  const more = h('button', {class: 'button more-rows', type: 'button', hidden: true}, 'More files');
  replace(box, h('div', {class: 'scroll'}, h('table', {class: 'files'},
    h('thead', null, h('tr', null, ['file', 'lines', 'size', 'chain and signature', 'fault or head', ''].map((name) => h('th', {scope: 'col'}, name)))), body)), more);
  let skip = 0;
  const load = async () => {
    const {files, gaps} = await get('files', {day, skip, limit: 100, faults: faults ? '1' : ''}, signal);
    if (skip === 0 && gaps.length > 0) box.prepend(gapList(gaps));
    body.append(...files.map(fileRow));
    skip += files.length;
    more.hidden = files.length < 100;
    if (skip === 0) body.append(h('tr', null, h('td', {colspan: '6', class: 'empty'}, 'no such files')));
  };
  more.addEventListener('click', load);
  await load();
}

async function drawSignatures(box, cells, totals, signal) {
  try {
    const log = await get('checkpoints', {}, signal);
    replace(box, signedVerdict(log, totals));
    const days = new Map(log.days.map((one) => [one.day, one]));
    for (const {day, lines} of totals) replace(cells.get(day), signedBadge(days.get(day), lines));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    replace(box, h('p', {class: 'failure', role: 'alert'}, error.message));
  }
}

export async function showIntegrity(main, params, {signal}) {
  document.title = 'Integrity · Albicilla';
  const box = h('div', null, h('p', {class: 'loading', role: 'status'}, 'counting…'));
  replace(main, h('h1', null, 'Integrity'), box);
  try {
    const {days} = await get('files', {}, signal);
    const files = h('section', {class: 'panel', hidden: !params.day});
    const signatures = h('div', {role: 'status'}, h('p', {class: 'verdict'}, 'checking signatures…'));
    const cells = new Map(days.map((one) => [one.day, h('td', null, '…')]));
    replace(box, verdict(days), signatures, h('div', {class: 'scroll panel'}, h('table', {class: 'numbers days'},
      h('thead', null, h('tr', null, ['day', 'files', 'lines', 'size', 'whole', 'broken', 'no chain', 'unreadable lines', 'erased', 'gaps', 'checkpoints'].map((name) => h('th', {scope: 'col'}, name)))),
      h('tbody', null, days.map((one) => h('tr', {'aria-current': one.day === params.day ? 'true' : null},
        h('th', {scope: 'row'}, h('a', {href: link('/integrity', {day: one.day})}, one.day)),
        h('td', null, number(one.files)), h('td', null, number(one.lines)), h('td', null, bytes(one.bytes)), h('td', null, number(one.sound)),
        h('td', {class: one.broken > 0 ? 'bad-text' : null}, number(one.broken)), h('td', null, number(one.unchained)),
        h('td', {class: one.unreadable_lines > 0 ? 'bad-text' : null}, number(one.unreadable_lines)), h('td', null, number(one.erased)),
        h('td', {class: one.gaps > 0 ? 'bad-text' : null}, number(one.gaps)), cells.get(one.day)))))), files,
    h('p', {class: 'soft hint'}, 'Each line names the hash of itself and of all lines before it; a checkpoint is the sink\u2019s Ed25519 signature over the state of every file of a day. ',
      'Whether the newest checkpoints were taken away, or the log made anew with another key, only a witness or the key itself can tell: ',
      h('code', null, 'albicilla-view --pub KEY'), ', ', h('code', null, 'albicilla-verify LOG_ROOT --anchor FILE'), '.'));
    await drawSignatures(signatures, cells, days, signal);
    if (params.day) {
      const only = h('label', {class: 'flag'}, h('input', {
        type: 'checkbox', checked: params.faults === '1',
        onchange: (event) => go(link('/integrity', {...params, faults: event.target.checked ? '1' : ''})),
      }), 'only faults');
      const list = h('div');
      const signed = h('div');
      replace(files, h('div', {class: 'list-head'}, h('h2', null, params.day), only), signed, list);
      const {days: [ofDay]} = await get('checkpoints', {day: params.day}, signal);
      drawDay(signed, ofDay);
      await drawFiles(list, params.day, params.faults === '1', signal);
    }
  } catch (error) {
    if (error.name !== 'AbortError') replace(box, h('p', {class: 'failure', role: 'alert'}, error.message));
  }
  return {};
}
