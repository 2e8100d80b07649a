// The conversation of a session as the converter rebuilds it, one branch at a time.
import {h, replace, visible} from './dom.js';
import {get, getText} from './api.js';
import {go, link} from './router.js';
import {piece} from './json_text.js';
import {rebuiltMessages, responseMessages} from './messages.js';
import {transcript} from './transcript.js';
import {exchangeLink} from './exchange.js';
import {badge} from './sessions.js';
import {clock, plural} from './format.js';

const EDGES = {
  edit_fork: ['edited', 'the client went back and on in another way'],
  truncation: ['truncated', 'the client dropped the oldest messages'],
  compaction: ['compacted', 'a summary took the place of what was said before'],
  context_editing: ['context edited', 'the client changed or cleared earlier messages'],
  sub_agent: ['sub-agent', 'a call of another conversation started this one'],
};
const OUTCOMES = {cut: 'cut off', filtered: 'filtered', failed: 'failed'};

// What a message's margin says of it.
function badges(message) {
  const edge = EDGES[message.edge];
  return [
    message.role === 'assistant' && (message.observed ? badge('good', 'observed', 'we saw the model say it')
      : badge('plain', 'asserted', 'requests show it; we did not see the model say it')),
    OUTCOMES[message.outcome] && badge('beak', OUTCOMES[message.outcome], 'the answer is not whole'),
    message.retries > 0 && badge('beak', `retried ×${message.retries}`, 'the same request was sent again'),
    edge && badge('violet', edge[0], edge[1]),
  ];
}

/** Draws a rebuilt conversation; `open(key)` shows another branch. */
class Conversation {
  constructor(data, rebuilt, params, open) {
    Object.assign(this, {data, rebuilt, params, open});
    this.chosen = rebuilt.branches[rebuilt.branch];
    this.latest = new Map(data.exchanges.map((one) => [one.ref, one]));
  }

  step(by) {
    const {branches, branch} = this.rebuilt;
    this.open(branches[(branch + by + branches.length) % branches.length].key);
  }

  label(branch) {
    // A tree of one branch is known by what it began with.
    const alone = this.rebuilt.branches.filter(({start}) => start === branch.start).length === 1;
    const words = this.latest.get(alone ? branch.start : branch.end)?.latest ?? '';
    const kind = branch.helper ? 'helper' : EDGES[branch.edge]?.[0];
    return [clock(branch.started_at), plural(branch.messages, 'message'), kind, OUTCOMES[branch.outcome] ?? (branch.outcome === 'unanswered' && 'not whole'), words.slice(0, 60)]
      .filter(Boolean).join(' · ');
  }

  switcher() {
    const {branches, branch} = this.rebuilt;
    if (branches.length < 2) return null;
    const button = (name, by, text) => h('button', {class: 'button small', type: 'button', onclick: () => this.step(by), 'aria-label': name}, text);
    return [button('Branch before', -1, '‹'),
      h('label', {class: 'field wide'}, h('span', null, `branch ${branch + 1} of ${branches.length}`),
        h('select', {onchange: (event) => this.open(branches[Number(event.target.value)].key)}, branches.map((one, index) =>
          h('option', {value: index, selected: index === branch ? true : null}, this.label(one))))),
      button('Next branch', 1, '›')];
  }

  caller() {
    return this.chosen.caller && h('p', {class: 'caller'}, 'A sub-agent, started by a call of ',
      h('a', {href: this.hrefOf(this.chosen.caller)}, 'the conversation above it'), '.');
  }

  hrefOf(key) { return link('/session', {...this.params, tab: 'conversation', branch: key}); }

  links(message) {
    const others = message.alternatives;
    const turn = (by, text, name) => h('button', {
      class: 'turn', type: 'button', 'aria-label': name,
      onclick: () => this.open(others[(message.alternative + by + others.length) % others.length]),
    }, text);
    return [
      others && h('span', {class: 'turns', title: 'what else was said in this place'},
        turn(-1, '‹', 'What was said before in this place'), `${message.alternative + 1} of ${others.length}`, turn(1, '›', 'What was said next in this place')),
      message.ref && h('a', {href: exchangeLink(message.ref)}, 'exchange'),
      message.from && EDGES[message.edge] && h('a', {href: exchangeLink(message.from), title: 'the exchange that it comes from'}, 'from'),
    ];
  }

  transcript() {
    const messages = rebuiltMessages(this.rebuilt.messages, (key) => ({href: this.hrefOf(key), label: this.labelOf(key)}));
    return transcript(messages, (message) => ({badges: badges(message.source), links: this.links(message.source)}));
  }

  labelOf(key) {
    const branch = this.rebuilt.branches.find((one) => one.key === key);
    return branch ? plural(branch.messages, 'message') : 'conversation';
  }

  troubles() {
    const {troubles} = this.rebuilt;
    return troubles.length > 0 && h('details', {class: 'troubles'},
      h('summary', null, `${plural(troubles.length, 'exchange')} ${troubles.length === 1 ? 'has' : 'have'} no place in a conversation`),
      h('ul', null, troubles.map(({ref, why}) => h('li', null, h('a', {href: exchangeLink(ref)}, visible(ref)), ': ', visible(why)))));
  }
}

// What the upstream said before it broke off: no message of the conversation, but there to be read.
async function brokenAnswer(box, branch, exchange, signal) {
  if (branch.outcome !== 'unanswered') return;
  const line = piece(await getText('line', {ref: branch.end}, signal));
  const said = responseMessages(line.member('response')?.value);
  if (said.length === 0) {
    box.append(h('p', {class: 'empty'}, `No answer: ${exchange?.error || exchange?.ending?.replaceAll('_', ' ') || 'none was logged'}.`));
    return;
  }
  box.append(...transcript(said, () => ({
    badges: badge('bad', (exchange?.ending ?? 'complete') === 'complete' ? 'error' : exchange.ending.replaceAll('_', ' '), 'not a whole answer'),
    links: h('a', {href: exchangeLink(branch.end)}, 'exchange'),
  })));
}

function keysOf(box, view, end) {
  const move = (by) => {
    const all = [...box.querySelectorAll('.message')].filter((one) => one.checkVisibility());
    const at = all.indexOf(document.activeElement.closest?.('.message'));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus({preventScroll: true});
    next?.scrollIntoView({block: 'start', behavior: 'auto'});
  };
  const fold = () => {
    const folds = [...box.querySelectorAll('details')];
    const shut = folds.some((one) => !one.open);
    folds.forEach((one) => { one.open = shut; });
  };
  return {
    keys: {j: () => move(1), k: () => move(-1), b: () => view.step(1), f: fold, o: () => view.only(), i: () => go(exchangeLink(end))},
    help: [['j', 'next message'], ['k', 'message before'], ['b', 'next branch'], ['f', 'fold or unfold all'], ['o', 'conversation only'], ['i', 'inspect the exchange']],
  };
}

export async function drawConversation(panel, data, params, signal) {
  replace(panel, h('p', {class: 'loading', role: 'status'}, 'rebuilding the conversation…'));
  let rebuilt;
  try {
    rebuilt = await get('conversation', {id: params.id, branch: params.branch ?? params.at}, signal);
  } catch (error) {
    if (error.name !== 'AbortError') replace(panel, h('p', {class: 'failure', role: 'alert'}, visible(error.message)));
    return {};
  }
  const to = (changes) => go(link('/session', {...params, ...changes}), {replace: true});
  const view = new Conversation(data, rebuilt, params, (key) => to({branch: key}));
  if (!view.chosen) {
    replace(panel, h('p', {class: 'empty'}, 'Nothing was said in this session; see its exchanges.'), view.troubles());
    return {};
  }
  const only = params.only === '1';
  view.only = () => to({only: only ? '' : '1'});
  const box = h('div', {class: `transcript${only ? ' only' : ''}`}, view.transcript());
  replace(panel, h('div', {class: 'branches'}, view.switcher(),
    h('label', {class: 'flag'}, h('input', {type: 'checkbox', checked: only, onchange: view.only}), 'conversation only')),
  view.caller(), box, view.troubles());
  try {
    await brokenAnswer(box, view.chosen, view.latest.get(view.chosen.end), signal);
  } catch (error) {
    if (error.name !== 'AbortError') box.append(h('p', {class: 'failure', role: 'alert'}, visible(error.message)));
  }
  return keysOf(box, view, view.chosen.end);
}
