// Builds elements. Text goes in as text nodes only: there is no way from a string to markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false || child === '') continue;
    if (Array.isArray(child)) add(element, child);
    else element.append(child);
  }
}

/** h('a', {href: '/'}, 'text', h('b')) makes an element. */
export function h(name, props, ...children) {
  return fill(document.createElement(name), props, children);
}

/** The same for SVG. */
export function s(name, props, ...children) {
  return fill(document.createElementNS(SVG, name), props, children);
}

export function replace(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

// What would be invisible, or would turn the text around it: shown by its number.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;
const INVISIBLES = new RegExp(INVISIBLE.source, 'g');

/** Foreign text as nodes, with control characters and direction marks made visible. */
export function visible(text) {
  if (!INVISIBLE.test(text)) return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INVISIBLES)) {
    if (match.index > at) nodes.push(text.slice(at, match.index));
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    nodes.push(h('span', {class: 'control', title: `character U+${code}`}, `U+${code}`));
    at = match.index + match[0].length;
    if (nodes.length > 20000) break;
  }
  nodes.push(text.slice(at));
  return nodes;
}

const CLIP = 3000;
const STEP = 200000;

/**
 * Long foreign text in a box of its own: clipped, with a button for more. A text of ten megabytes
 * costs as much as is shown of it.
 */
export function longText(text, props = {}, clip = CLIP) {
  const box = h('div', {...props, dir: 'auto'});
  let shown = Math.min(text.length, text.length > clip * 1.3 ? clip : text.length);
  const draw = () => {
    const rest = text.length - shown;
    replace(box, visible(text.slice(0, shown)),
        rest > 0 && h('button', {
          class: 'more', type: 'button',
          onclick: () => {
            shown = Math.min(text.length, shown + STEP);
            draw();
          },
        }, `… ${rest.toLocaleString('en')} more characters`));
  };
  draw();
  return box;
}

export function note(text) {
  const box = document.getElementById('note');
  box.textContent = text;
  clearTimeout(note.timer);
  note.timer = setTimeout(() => { box.textContent = ''; }, 3500);
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    note(`${what} copied`);
  } catch {
    // Without a secure context there is no clipboard: leave it selected for the person to copy.
    const area = h('textarea', {class: 'hidden', value: text});
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    note(done ? `${what} copied` : 'copying is not allowed here');
  }
}
