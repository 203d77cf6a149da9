// Ends this process where a call of the component shows no life for too long. While the component waits for an
// answer nothing else of Node's runs in its thread, no timer and no signal handler, so another thread looks.

import { Worker } from 'node:worker_threads';

const LOOK = `
  const { workerData } = require('node:worker_threads');
  const signs = new Int32Array(workerData.signs);
  let seen = -1;
  let since = Date.now();
  setInterval(() => {
    const now = Atomics.load(signs, 0);
    if (now !== seen) {
      seen = now;
      since = Date.now();
    } else if (Date.now() - since > workerData.patienceMs) {
      process.kill(process.pid, 'SIGKILL');
    }
  }, 500);
`;

/** Begins to look; what it gives back is to be called at each sign of life. */
export function watch(patienceMs: number): () => void {
  const signs = new SharedArrayBuffer(4);
  const view = new Int32Array(signs);
  new Worker(LOOK, { eval: true, workerData: { signs, patienceMs } }).unref();
  return () => Atomics.add(view, 0, 1);
}
