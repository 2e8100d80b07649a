// Asks for a token, once.
import {h, replace} from './dom.js';

export function askToken(tryToken) {
  if (document.querySelector('dialog.login')) return;
  const field = h('input', {type: 'password', name: 'token', autocomplete: 'current-password', required: true, maxlength: '500', 'aria-label': 'Token'});
  const fault = h('p', {class: 'bad-text', role: 'alert'});
  const dialog = h('dialog', {class: 'login', 'aria-label': 'Log in'}, h('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      replace(fault);
      try {
        await tryToken(field.value);
        dialog.close();
        dialog.remove();
      } catch (error) {
        replace(fault, error.message);
        field.select();
      }
    },
  }, h('h2', null, 'Albicilla'), h('p', {class: 'soft'}, 'This log is for those who have a token.'),
  field, fault, h('button', {class: 'button strong'}, 'Open')));
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}
