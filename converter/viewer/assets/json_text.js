// JSON as it is written: pieces of the text with their places, so that numbers, escapes, order and
// repeated keys are shown exactly as the log has them. Nothing is read before it is asked for.

const QUOTE = 34;
const BACKSLASH = 92;

const isSpace = (code) => code === 32 || code === 10 || code === 13 || code === 9;

function skipSpace(text, at) {
  while (at < text.length && isSpace(text.charCodeAt(at))) ++at;
  return at;
}

function skipString(text, at) {
  for (;;) {
    const end = text.indexOf('"', at + 1);
    if (end < 0) return text.length;
    let slashes = 0;
    for (let back = end - 1; text.charCodeAt(back) === BACKSLASH; --back) ++slashes;
    if (slashes % 2 === 0) return end + 1;
    at = end;
  }
}

function skipValue(text, at) {
  let depth = 0;
  for (; at < text.length; ++at) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (code === 123 || code === 91) {
      ++depth;
    } else if (code === 125 || code === 93) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (depth === 0 && (code === 44 || isSpace(code))) {
      return at;
    }
  }
  return at;
}

const KINDS = {'{': 'object', '[': 'array', '"': 'string', t: 'boolean', f: 'boolean', n: 'null'};

/** A value inside a larger text. */
export class JsonPiece {
  constructor(text, start, end) {
    this.text = text;
    this.start = start;
    this.end = end;
  }

  get kind() { return KINDS[this.text[this.start]] ?? 'number'; }
  get raw() { return this.text.slice(this.start, this.end); }

  /** The value a program would see; undefined for what is no JSON. */
  get value() {
    try { return JSON.parse(this.raw); } catch { return undefined; }
  }

  /** Members as {key, keyRaw, piece} or elements as {index, piece}, in their order. */
  * children() {
    const {text} = this;
    const isObject = this.kind === 'object';
    if (!isObject && this.kind !== 'array') return;
    let at = skipSpace(text, this.start + 1);
    for (let index = 0; at < this.end - 1; ++index) {
      let keyRaw;
      if (isObject) {
        const keyEnd = skipString(text, at);
        keyRaw = text.slice(at, keyEnd);
        at = skipSpace(text, keyEnd);
        at = skipSpace(text, at + 1);
      }
      const end = skipValue(text, at);
      if (end <= at) return;
      const piece = new JsonPiece(text, at, end);
      yield isObject ? {key: decode(keyRaw), keyRaw, piece} : {index, piece};
      at = skipSpace(text, end);
      at = skipSpace(text, at + 1);
    }
  }

  /** The last member of that name. */
  member(name) {
    let found = null;
    for (const {key, piece} of this.children()) if (key === name) found = piece;
    return found;
  }
}

function decode(raw) {
  try { return JSON.parse(raw); } catch { return raw; }
}

export function piece(text) {
  const start = skipSpace(text, 0);
  return new JsonPiece(text, start, skipValue(text, start));
}
