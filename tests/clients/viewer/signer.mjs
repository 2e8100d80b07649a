// Signs a log as the sink does: a manifest a day, with the state of its files and a checkpoint over them. Written
// from the description in sink/log/FORMAT.md, so that it holds our reading of manifests against another program.
import { createHash, generateKeyPairSync, sign as ed25519 } from 'node:crypto';
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

// RFC 6962: a node without a sibling stands for itself one level up.
function merkleRoot(leaves) {
  if (leaves.length === 0) return sha256('');
  let level = leaves;
  while (level.length > 1) {
    level = level.flatMap((left, i) => (i % 2 === 1 ? [] : [i + 1 < level.length ? sha256(Buffer.of(1), left, level[i + 1]) : left]));
  }
  return level[0];
}

export class Signer {
  constructor(root) {
    this.root = root;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.secret = privateKey;
    this.key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
    this.sink = '0f'.repeat(16);
    this.number = 0;
    this.previous = Buffer.alloc(32);
  }

  line(kind, purpose, object) {
    const text = JSON.stringify(object);
    const signature = ed25519(null, Buffer.from(`${purpose}\n${text}`), this.secret).toString('hex');
    return `{"${kind}":${text},"signature":"${signature}"}`;
  }

  /** One checkpoint a day over what `log` (a LogWriter) has written, all days before the last being sealed. */
  signAll(log) {
    const days = new Map();
    for (const file of log.heads.keys()) days.set(file.slice(0, 10), [...(days.get(file.slice(0, 10)) ?? []), file]);
    const sorted = [...days.keys()].sort();
    for (const day of sorted) this.signDay(day, days.get(day), log.heads, day !== sorted.at(-1));
  }

  signDay(day, files, heads, final) {
    const at = `${day}T23:59:00.000000+00:00`;
    const states = files.map((file, i) => {
      const { n, h } = heads.get(file);
      return JSON.stringify({ i, name: file.slice(11), lines: n, bytes: statSync(join(this.root, file)).size, h: h.toString('hex') });
    });
    const checkpoint = this.line('checkpoint', 'albicilla checkpoint', {
      number: ++this.number, sink: this.sink, at, day, final, files: files.length,
      lines: files.reduce((all, file) => all + heads.get(file).n, 0),
      root: merkleRoot(states.map((state) => sha256(Buffer.of(0), state))).toString('hex'),
      previous: this.previous.toString('hex'), producers: [], key: this.key,
    });
    this.previous = sha256(checkpoint);
    appendFileSync(join(this.root, day, '.manifest'), [
      this.line('key', 'albicilla manifest key', { public: this.key, previous: this.key, sink: this.sink, at }),
      ...states.map((state) => `{"file":${state}}`), checkpoint, ''].join('\n'));
  }
}
