// How an import fails: jco gives the component what stands in `payload`.

import Database from 'better-sqlite3';
import type { StoreError } from './contract.js';

/** An error of the contract's `store-error`. */
export class StoreFailure extends Error {
  constructor(readonly payload: StoreError) {
    super('val' in payload ? `${payload.tag}: ${payload.val}` : payload.tag);
  }
}

/** Refuses a call that asks for what the contract does not allow. */
export function refuse(why: string): never {
  throw new StoreFailure({ tag: 'other', val: why });
}

/** Refuses more than the store said that it takes at once. */
export function limit(asked: number, most: number): void {
  if (asked > most) {
    throw new StoreFailure({ tag: 'batch-too-large', val: most });
  }
}

/** Does something with the database; what SQLite says becomes an error of the contract. */
export function answering<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) {
      throw error;
    }
    throw new StoreFailure(named(error.code));
  }
}

/** The code says enough: a message of SQLite could repeat what somebody wrote. */
function named(code: string): StoreError {
  if (/^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|NOMEM)/.test(code)) {
    return { tag: 'unavailable', val: code };
  }
  if (/^SQLITE_(READONLY|PERM|AUTH)/.test(code)) {
    return { tag: 'access-denied' };
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return { tag: 'damaged', val: code };
  }
  return { tag: 'other', val: code };
}
