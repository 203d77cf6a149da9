// The imports `run-control` and `consent`: what a call tells while it goes on, and what it may use.

import type { Consent, RunControl } from './contract.js';
import { isLoopback } from './http-policy.js';

/** As many events as a call may log, and as much text, in all and in one. */
const MAX_EVENTS = 10_000;
const MAX_TEXT = 1 << 20;
const MAX_EVENT = 4 << 10;

/** One JSON object a line on standard error; `alive` hears of each report. */
export function runControl(alive: (phase: string) => void, isToStop: () => boolean): typeof RunControl {
  let events = 0;
  let text = 0;
  return {
    log: (level, event, fields) => {
      const line = JSON.stringify({ level, event, ...Object.fromEntries(fields) });
      events += 1;
      text += line.length;
      if (events <= MAX_EVENTS && text <= MAX_TEXT && line.length <= MAX_EVENT) {
        process.stderr.write(`${line}\n`);
      }
    },
    reportProgress: ({ phase, done, total, remainingMs }) => {
      alive(phase);
      const numbers = {
        done: Number(done),
        ...(total !== undefined && { total: Number(total) }),
        ...(remainingMs !== undefined && { remainingMs: Number(remainingMs) }),
      };
      process.stderr.write(`${JSON.stringify({ phase, ...numbers })}\n`);
      return isToStop() ? 'stop' : 'go-on';
    },
  };
}

/** Other servers than Microsoft's only on this machine, and only with the operator's leave. */
export function consent(allowLoopback: boolean): typeof Consent {
  return {
    endpoint: (root) => allowLoopback && URL.canParse(root) && isLoopback(new URL(root)),
  };
}
