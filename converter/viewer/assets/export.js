// Export of what the filter leaves, through the converter; with the command that does the same.
import {copy, h, replace, visible} from './dom.js';
import {get, post, query} from './api.js';
import {go, link} from './router.js';
import {drawFilters, filterOf} from './filters.js';
import {bytes, plural, short} from './format.js';

const FORMATS = [['albicilla', 'compatible: messages and tools, one record a file'], ['openai', 'OpenAI fine-tuning'], ['openai-dpo', 'OpenAI preferences'],
  ['trl', 'TRL conversational'], ['trl-prompt-completion', 'TRL prompt and completion'], ['trl-preference', 'TRL preferences'],
  ['sharegpt', 'ShareGPT (LLaMA-Factory)'], ['hermes', 'Hermes ChatML'], ['mistral', 'Mistral'], ['bedrock', 'Bedrock'], ['gemini', 'Gemini'],
  ['anthropic', 'Anthropic'], ['atif', 'ATIF trajectories'], ['sts', 'session traces'], ['otel', 'OpenTelemetry GenAI'], ['parquet', 'Parquet, JSON in columns']];
const VIEWS = [['', 'as the format likes it'], ['trajectory', 'each path once'], ['call', 'each call as it was sent'], ['turn', 'one row an answer']];

const chooser = (name, label, options, value, change) => h('label', {class: 'field wide'}, h('span', null, label),
  h('select', {name, onchange: (event) => change(name, event.target.value)},
    options.map(([id, text]) => h('option', {value: id, selected: id === value ? true : null}, id ? `${id} – ${text}` : text))));

async function follow(box, id, signal) {
  for (;;) {
    const state = await get('export', {id}, signal);
    replace(box,
      h('p', {role: 'status'}, state.running ? 'running…' : state.exit_code === 0 ? 'done' : h('span', {class: 'bad-text'}, `ended with code ${state.exit_code}`)),
      state.files.length > 0 && h('ul', {class: 'downloads'}, state.files.map((file) => h('li', null,
        h('a', {href: `/api/export/file${query({id, name: file.name})}`, download: file.name.split('/').at(-1)}, file.name), ` ${bytes(file.bytes)}`))),
      state.messages && h('pre', {class: 'code'}, visible(state.messages)));
    if (!state.running) return;
    await new Promise((done) => { setTimeout(done, 600); });
  }
}

export async function showExport(main, params, {signal}) {
  document.title = 'Export · Albicilla';
  const filter = filterOf(params);
  const wish = {...filter, format: params.format ?? 'albicilla', view: params.view ?? ''};
  const change = (name, value) => go(link('/export', {...params, [name]: value}));
  const fields = h('div', {class: 'filters', role: 'group', 'aria-label': 'Filter'});
  const totals = h('p', {class: 'totals', role: 'status'}, '…');
  const command = h('pre', {class: 'command', tabindex: '0'}, '…');
  const result = h('div', {class: 'export-result'});
  const run = h('button', {class: 'button strong', type: 'button'}, 'Export');
  replace(main, h('h1', null, 'Export'), fields, totals,
    h('div', {class: 'filters'}, chooser('format', 'format', FORMATS, wish.format, change), chooser('view', 'rows', VIEWS, wish.view, change)),
    h('section', {class: 'panel'}, h('div', {class: 'list-head'}, h('h2', null, 'The same as a command'),
      h('button', {class: 'button small', type: 'button', onclick: () => copy(command.textContent, 'command')}, 'Copy')), command),
    run, result);
  drawFilters(fields, '/export', params);
  run.addEventListener('click', async () => {
    run.disabled = true;
    try {
      const {id} = await (await post('export', wish)).json();
      await follow(result, id, signal);
    } catch (error) {
      if (error.name !== 'AbortError') replace(result, h('p', {class: 'failure', role: 'alert'}, error.message));
    }
    run.disabled = false;
  });
  try {
    const [{command: text}, data, state] = await Promise.all([get('command', wish, signal), get('histogram', filter, signal), get('state', {}, signal)]);
    command.textContent = text;
    replace(totals, h('b', null, plural(data.sessions, 'session')), ` · ${plural(data.total.exchanges, 'exchange')} · ${short(data.total.input_tokens + data.total.output_tokens)} tokens`);
    if (!state.may_export) {
      run.disabled = true;
      replace(result, h('p', {class: 'soft'}, 'You may read, but not export.'));
    }
  } catch (error) {
    if (error.name !== 'AbortError') replace(totals, h('span', {class: 'bad-text'}, error.message));
  }
  return {};
}
