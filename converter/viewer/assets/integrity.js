// Can the files be trusted? The chain of every file as it was read, faults first.
import {h, replace, visible} from './dom.js';
import {get} from './api.js';
import {go, link} from './router.js';
import {badge} from './sessions.js';
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
  const state = h('span', null, chainBadge(file.chain));
  const told = h('span', {class: 'soft'}, file.chain_n > 0 ? h('code', {title: file.chain_h}, `${file.chain_h.slice(0, 16)}…`) : '');
  const button = h('button', {class: 'button small', type: 'button', title: 'Read the file again, as it is now, and follow its chain'}, 'Verify now');
  button.addEventListener('click', async () => {
    button.disabled = true;
    replace(told, 'reading…');
    try {
      const now = await get('verify', {file: file.file});
      replace(state, chainBadge(now.chain));
      const changed = now.chain_h !== file.chain_h || now.lines !== file.lines;
      replace(told, changed ? h('span', {class: 'bad-text'}, `now ${plural(now.lines, 'line')}: it is not the file that was indexed`)
        : `${plural(now.lines, 'line')} read again, unchanged`);
    } catch (error) {
      replace(told, h('span', {class: 'bad-text'}, error.message));
    }
    button.disabled = false;
  });
  const fault = file.chain === 'broken' ? file.broken_line : file.unreadable_line;
  if (file.erased > 0) state.append(' ', badge('plain', `${number(file.erased)} erased`, 'a signed tombstone stands for each erased line'));
  if (file.gaps > 0) state.append(' ', badge('bad', plural(file.gaps, 'gap')));
  return h('tr', null,
    h('th', {scope: 'row', class: 'mono', dir: 'auto'}, visible(file.file.slice(11)), file.sealed && badge('plain', 'sealed', 'closed and compressed')),
    h('td', null, number(file.lines)), h('td', null, bytes(file.bytes)), h('td', null, state),
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
    h('thead', null, h('tr', null, ['file', 'lines', 'size', 'chain', 'fault or head', ''].map((name) => h('th', {scope: 'col'}, name)))), body)), more);
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

export async function showIntegrity(main, params, {signal}) {
  document.title = 'Integrity · Albicilla';
  const box = h('div', null, h('p', {class: 'loading', role: 'status'}, 'counting…'));
  replace(main, h('h1', null, 'Integrity'), box);
  try {
    const {days} = await get('files', {}, signal);
    const files = h('section', {class: 'panel', hidden: !params.day});
    replace(box, verdict(days), h('div', {class: 'scroll panel'}, h('table', {class: 'numbers days'},
      h('thead', null, h('tr', null, ['day', 'files', 'lines', 'size', 'whole', 'broken', 'no chain', 'unreadable lines', 'erased', 'gaps'].map((name) => h('th', {scope: 'col'}, name)))),
      h('tbody', null, days.map((one) => h('tr', {'aria-current': one.day === params.day ? 'true' : null},
        h('th', {scope: 'row'}, h('a', {href: link('/integrity', {day: one.day})}, one.day)),
        h('td', null, number(one.files)), h('td', null, number(one.lines)), h('td', null, bytes(one.bytes)), h('td', null, number(one.sound)),
        h('td', {class: one.broken > 0 ? 'bad-text' : null}, number(one.broken)), h('td', null, number(one.unchained)),
        h('td', {class: one.unreadable_lines > 0 ? 'bad-text' : null}, number(one.unreadable_lines)), h('td', null, number(one.erased)),
        h('td', {class: one.gaps > 0 ? 'bad-text' : null}, number(one.gaps))))))), files,
    h('p', {class: 'soft hint'}, 'Each line names the hash of itself and of all lines before it. What the chain alone cannot show, that the newest lines are missing or that a whole file was made anew, is in the signed checkpoints: ',
      h('code', null, 'albicilla-verify LOG_ROOT'), ' checks those offline.'));
    if (params.day) {
      const only = h('label', {class: 'flag'}, h('input', {
        type: 'checkbox', checked: params.faults === '1',
        onchange: (event) => go(link('/integrity', {...params, faults: event.target.checked ? '1' : ''})),
      }), 'only faults');
      const list = h('div');
      replace(files, h('div', {class: 'list-head'}, h('h2', null, params.day), only), list);
      await drawFiles(list, params.day, params.faults === '1', signal);
    }
  } catch (error) {
    if (error.name !== 'AbortError') replace(box, h('p', {class: 'failure', role: 'alert'}, error.message));
  }
  return {};
}
