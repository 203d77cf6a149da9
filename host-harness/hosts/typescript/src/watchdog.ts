// Ends this process where a call of the component shows no life for too long. While the component waits for an
// answer nothing else of Node's runs in its thread, no timer and no signal handler, so another thread looks.

import { Worker } from 'node:worker_threads';

/** Within so long there is a first answer: an exchange takes 120 s at most, but that for a token has no bound. */
const CONNECTING_MS = 150_000;
/** Within so long there is another report of progress, throttling included. */
const WORKING_MS = 600_000;

const LOOK = `
  const { writeSync } = require('node:fs');
  const { workerData } = require('node:worker_threads');
  const signs = new Int32Array(workerData);
  let seen = -1;
  let since = Date.now();
  setInterval(() => {
    const now = Atomics.load(signs, 0);
    if (now !== seen) {
      seen = now;
      since = Date.now();
    } else if (Date.now() - since > Atomics.load(signs, 1)) {
      const error = { tag: 'host', val: 'The connector shows no life any more: its process is ended.' };
      writeSync(1, JSON.stringify({ error }) + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
  }, 500);
`;

/** Begins to look; what it gives back is to be called at each sign of life. */
export function watch(connectingMs = CONNECTING_MS, workingMs = WORKING_MS): (phase: string) => void {
  const signs = new Int32Array(new SharedArrayBuffer(8));
  Atomics.store(signs, 1, connectingMs);
  new Worker(LOOK, { eval: true, workerData: signs.buffer }).unref();
  return (phase) => {
    Atomics.store(signs, 1, phase === 'connecting' ? connectingMs : workingMs);
    Atomics.add(signs, 0, 1);
  };
}
