// The database of one workspace: its statements, and transactions that only the holder of the lease commits.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { StoreFailure } from './failure.js';

/** How long to wait for another process that uses the database. */
const PATIENCE_MS = 5_000;
const SCHEMA = new URL('../../../contacts.sql', import.meta.url);

/** The right to write, which each write renews; refuses where it was lost. */
export interface Holding {
  renew(database: Database): void;
}

export class Database {
  readonly #sqlite: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement>();
  #lease: Holding | undefined;

  constructor(
    folder: string,
    readonly patienceMs = PATIENCE_MS,
  ) {
    this.#sqlite = new Sqlite(join(folder, 'contacts.db'), { timeout: patienceMs });
    this.#sqlite.pragma('journal_mode = WAL');
    // A failure of the power takes the last commits at most, in their order, until `flush`.
    this.#sqlite.pragma('synchronous = NORMAL');
    this.#sqlite.pragma('wal_autocheckpoint = 8000');
    this.#sqlite.pragma('cache_size = -16000');
    this.#sqlite.pragma('foreign_keys = ON');
    this.#sqlite.exec(readFileSync(SCHEMA, 'utf8'));
  }

  /** Writes of this connection are in the name of a lease from here on. */
  hold(lease: Holding): void {
    this.#lease = lease;
  }

  /** All of it, or nothing; nothing where the lease was lost. */
  write<T>(work: () => T): T {
    const transaction = this.#sqlite.transaction(() => {
      this.#lease?.renew(this);
      return work();
    });
    return transaction.immediate();
  }

  /** Holds the lease for longer where nothing is to be written; refuses where it was lost. */
  renew(): void {
    this.write(() => undefined);
  }

  /** Waits until the disk has what was committed: `unavailable` where others are in the way for long. */
  async flush(): Promise<void> {
    const until = Date.now() + this.patienceMs;
    // SQLite waits for readers and writers by itself, but not for a checkpoint of another process.
    while (this.#sqlite.pragma('wal_checkpoint(FULL)', { simple: true }) !== 0) {
      if (Date.now() >= until) {
        throw new StoreFailure({ tag: 'unavailable', val: 'SQLITE_BUSY' });
      }
      await sleep(50);
    }
  }

  run(sql: string, ...values: unknown[]): Sqlite.RunResult {
    return this.#statement(sql).run(...bound(sql, values));
  }

  all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.#statement(sql).all(...bound(sql, values)) as Row[];
  }

  one<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return this.#statement(sql).get(...bound(sql, values)) as Row | undefined;
  }

  close(): void {
    this.#sqlite.close();
  }

  #statement(sql: string): Sqlite.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** better-sqlite3 takes `?1` for a name, and values of names as one object. */
function bound(sql: string, values: unknown[]): unknown[] {
  return /\?\d/.test(sql) ? [Object.fromEntries(values.map((value, place) => [place + 1, value]))] : values;
}
