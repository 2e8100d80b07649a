// Asks the server. One place knows how errors and a missing token look.

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let onTokenNeeded = () => {};
export function whenTokenNeeded(handler) { onTokenNeeded = handler; }

export function query(params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, value);
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}

async function ask(method, path, params, options = {}) {
  let response;
  try {
    response = await fetch(`/api/${path}${query(params)}`, {method, ...options});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'the viewer does not answer');
  }
  if (response.ok) return response;
  let message = `the viewer answered ${response.status}`;
  try { message = (await response.json()).error.message; } catch { /* not JSON: keep the number */ }
  if (response.status === 401 && path !== 'login') onTokenNeeded();
  throw new ApiError(response.status, message);
}

export const get = async (path, params, signal) => (await ask('GET', path, params, {signal})).json();
export const getText = async (path, params, signal) =>
  (await ask('GET', path, params, {signal})).text();
export const post = async (path, params, body) =>
  ask('POST', path, params, body === undefined ? {} : {body: JSON.stringify(body)});
