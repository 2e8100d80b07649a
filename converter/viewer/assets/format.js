// Numbers, times and sizes as people read them.

const plain = new Intl.NumberFormat('en');

export const number = (value) => (value === null || value === undefined ? '–' : plain.format(value));

export function short(value) {
  if (value === null || value === undefined) return '–';
  if (value < 1000) return String(value);
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]]) {
    if (value >= size) return (value / size).toFixed(value >= size * 100 ? 0 : 1) + unit;
  }
  return String(value);
}

export function bytes(value) {
  if (value < 1000) return `${value} B`;
  for (const [unit, size] of [['GB', 1e9], ['MB', 1e6], ['kB', 1e3]]) {
    if (value >= size) return `${(value / size).toFixed(value >= size * 100 ? 0 : 1)} ${unit}`;
  }
  return `${value} B`;
}

export function duration(micros) {
  if (micros === null || micros === undefined) return '–';
  if (micros === 0) return '0';
  const seconds = micros / 1e6;
  if (seconds < 0.001) return `${Math.round(micros)} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

const pad = (value) => String(value).padStart(2, '0');

/** All times are UTC, as the log has them. */
export function time(micros) {
  const at = new Date(micros / 1000);
  return `${day(micros)} ${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
}

export const clock = (micros) => time(micros).slice(11);
export const day = (micros) => new Date(micros / 1000).toISOString().slice(0, 10);
export const iso = (micros) => new Date(micros / 1000).toISOString();

export function ago(micros, now = Date.now()) {
  const seconds = Math.round((now - micros / 1000) / 1000);
  if (seconds < 5) return 'now';
  for (const [unit, size] of [['d', 86400], ['h', 3600], ['min', 60]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return `${seconds} s ago`;
}

/** "2026-01-13T10:00" for a filter in the address. */
export const stamp = (micros) => new Date(micros / 1000).toISOString().slice(0, 16);

export const plural = (count, word) => `${number(count)} ${word}${count === 1 ? '' : 's'}`;
