// What changed from one list or text to another. Pure; bounded: where an exact answer would take too
// long, a coarser one is given.

const MOST_CELLS = 1_500_000;

/**
 * The edit script from `before` to `after` as [{kind: 'same' | 'removed' | 'added', before, after}],
 * with indices.
 */
export function diffLists(before, after, equal = (a, b) => a === b) {
  let head = 0;
  while (head < before.length && head < after.length && equal(before[head], after[head])) ++head;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head &&
         equal(before[before.length - 1 - tail], after[after.length - 1 - tail])) ++tail;
  const script = [];
  for (let i = 0; i < head; ++i) script.push({kind: 'same', before: i, after: i});
  script.push(...middle(before, after, head, before.length - tail, after.length - tail, equal));
  for (let i = tail; i > 0; --i) script.push({kind: 'same', before: before.length - i, after: after.length - i});
  return script;
}

function middle(before, after, head, beforeEnd, afterEnd, equal) {
  const rows = beforeEnd - head;
  const columns = afterEnd - head;
  const script = [];
  const removed = (i) => script.push({kind: 'removed', before: head + i});
  const added = (j) => script.push({kind: 'added', after: head + j});
  if (rows * columns > MOST_CELLS) {
    for (let i = 0; i < rows; ++i) removed(i);
    for (let j = 0; j < columns; ++j) added(j);
    return script;
  }
  // Longest common subsequence, from the end.
  const stride = columns + 1;
  const lengths = new Uint32Array((rows + 1) * stride);
  for (let i = rows - 1; i >= 0; --i) {
    for (let j = columns - 1; j >= 0; --j) {
      lengths[i * stride + j] = equal(before[head + i], after[head + j])
        ? lengths[(i + 1) * stride + j + 1] + 1
        : Math.max(lengths[(i + 1) * stride + j], lengths[i * stride + j + 1]);
    }
  }
  let i = 0;
  let j = 0;
  while (i < rows && j < columns) {
    if (equal(before[head + i], after[head + j])) {
      script.push({kind: 'same', before: head + i++, after: head + j++});
    } else if (lengths[(i + 1) * stride + j] >= lengths[i * stride + j + 1]) {
      removed(i++);
    } else {
      added(j++);
    }
  }
  while (i < rows) removed(i++);
  while (j < columns) added(j++);
  return script;
}

const wordsOf = (text) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** Pieces of text as [{kind, text}]: words that stayed, went and came. */
export function diffWords(before, after) {
  const [a, b] = before.length + after.length > 60000
    ? [before.split(/(?<=\n)/), after.split(/(?<=\n)/)] : [wordsOf(before), wordsOf(after)];
  const pieces = [];
  const put = (kind, text) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({kind, text});
  };
  for (const step of diffLists(a, b)) {
    put(step.kind, step.kind === 'added' ? b[step.after] : a[step.before]);
  }
  return pieces;
}

/** Removed and added elements that stand for each other become one {kind: 'changed'}. */
export function pairChanges(script, alike) {
  const steps = [];
  for (let at = 0; at < script.length;) {
    if (script[at].kind === 'same') {
      steps.push(script[at++]);
      continue;
    }
    const removed = [];
    const added = [];
    for (; at < script.length && script[at].kind !== 'same'; ++at) {
      (script[at].kind === 'removed' ? removed : added).push(script[at]);
    }
    while (removed.length > 0 && added.length > 0 && alike(removed[0].before, added[0].after)) {
      steps.push({kind: 'changed', before: removed.shift().before, after: added.shift().after});
    }
    steps.push(...removed, ...added);
  }
  return steps;
}

/** JSON with its keys sorted and caching marks left out: equal when nothing that matters differs. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value && typeof value === 'object') {
    return `{${Object.keys(value).filter((key) => key !== 'cache_control').sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

const LISTS = new Set(['messages', 'input', 'tools']);

/** Parameters of two requests that are not lists: [{key, kind, before, after}]. */
export function diffParameters(before, after) {
  const changes = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (LISTS.has(key) && (Array.isArray(before[key]) || Array.isArray(after[key]))) continue;
    if (!(key in before)) changes.push({key, kind: 'added', after: after[key]});
    else if (!(key in after)) changes.push({key, kind: 'removed', before: before[key]});
    else if (canonical(before[key]) !== canonical(after[key])) {
      changes.push({key, kind: 'changed', before: before[key], after: after[key]});
    }
  }
  return changes;
}
