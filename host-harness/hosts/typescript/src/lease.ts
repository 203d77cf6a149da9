// Who may write in a workspace: one process at a time. What makes it safe is the token, not the clock: it
// counts up with every holder, and each write looks in its own transaction whether its token is the newest.

import { hostname } from 'node:os';
import type { Database, Holding } from './database.js';
import { StoreFailure } from './failure.js';

const GOOD_FOR_MS = 60_000;

interface Row {
  token: number;
  task: string | null;
  process: number | null;
  machine: string | null;
  since_ms: number | null;
  expires_at_ms: number | null;
}

/** Somebody else is at work. */
export class LeaseHeld extends Error {}

export class Lease implements Holding {
  private constructor(readonly token: number) {}

  /** Takes the lease where it is free, expired, or left by a process of this machine that is no more. */
  static acquire(database: Database, task: string, now = Date.now()): Lease {
    return database.write(() => {
      const row = read(database);
      if (isLive(row, now)) {
        throw new LeaseHeld(`Somebody else works here: ${holder(row)}.`);
      }
      database.run(
        'UPDATE lease SET token = ?, task = ?, process = ?, machine = ?, since_ms = ?, expires_at_ms = ?',
        row.token + 1, task, process.pid, hostname(), now, now + GOOD_FOR_MS,
      );
      return new Lease(row.token + 1);
    });
  }

  /** Whether a run, or one that takes another back, is at work now, in whatever process. */
  static isRunning(database: Database, now = Date.now()): boolean {
    const row = read(database);
    return isLive(row, now) && (row.task === 'sync' || row.task === 'undo');
  }

  /** Refuses whoever lost the lease; holds it for longer. Part of every write. */
  renew(database: Database): void {
    const row = read(database);
    if (row.token !== this.token) {
      throw new StoreFailure({ tag: 'lease-lost', val: holder(row) });
    }
    database.run('UPDATE lease SET expires_at_ms = ?', Date.now() + GOOD_FOR_MS);
  }

  release(database: Database): void {
    database.run('UPDATE lease SET task = NULL, expires_at_ms = NULL WHERE token = ?', this.token);
  }
}

function read(database: Database): Row {
  return database.one<Row>('SELECT * FROM lease') as Row;
}

function holder(row: Row): string {
  const since = new Date(row.since_ms ?? 0).toISOString();
  return `\`${row.task ?? 'nobody'}\` in process ${row.process} on ${row.machine}, since ${since}`;
}

/** Whether somebody holds the lease. */
function isLive(row: Row, now: number): boolean {
  return row.task !== null && now < (row.expires_at_ms ?? 0) && !isDead(row);
}

function isDead(row: Row): boolean {
  if (row.machine !== hostname() || row.process === null) {
    return false;
  }
  try {
    process.kill(row.process, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
