// The connector's small durable state: keys and bytes, written only together with a commit.

import type { State, StateWrite } from './contract.js';
import type { Database } from './database.js';
import { answering, limit, refuse, StoreFailure } from './failure.js';
import { MAX_BATCH } from './fields.js';

const MAX_KEY = 256;
const MAX_VALUE = 1 << 20;
const MAX_STATE = 512 << 20;

interface Row {
  key: string;
  value: Buffer;
}

/** The import `state`. */
export function state(database: Database): typeof State {
  return {
    get: (key) => answering(() => {
      const row = database.one<Row>('SELECT value FROM state WHERE key = ?', key);
      return row === undefined ? { tag: 'absent' } : { tag: 'value', val: row.value };
    }),
    getMany: (keys) => answering(() => {
      limit(keys.length, MAX_BATCH);
      return database.all<Row>('SELECT key, value FROM state WHERE key IN (SELECT value FROM json_each(?))', JSON.stringify(keys));
    }),
    list: (prefix, after, most) => answering(() =>
      // Keys with a prefix stand together, the first at the prefix itself.
      database.all<Row>(
        `SELECT key, value FROM state WHERE key >= ?1 AND key > coalesce(?2, '') AND substr(key, 1, length(?1)) = ?1
         ORDER BY key LIMIT ?3`,
        prefix, after ?? null, Math.min(most, MAX_BATCH),
      )),
  };
}

/** Refuses what is too long, before anything of the commit is done. */
export function accept(key: string, value: Uint8Array | undefined): void {
  if (Buffer.byteLength(key) > MAX_KEY || (value?.length ?? 0) > MAX_VALUE) {
    refuse(`an entry of the state has at most ${MAX_KEY} bytes of key and ${MAX_VALUE} bytes of value`);
  }
}

/** Writes and deletes entries, in order; part of a commit. */
export function write(database: Database, writes: StateWrite[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) {
      database.run('DELETE FROM state WHERE key = ?', key);
    } else {
      database.run('INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', key, value);
    }
  }
  if (writes.length > 0) {
    const { bytes } = database.one('SELECT sum(length(CAST(key AS BLOB)) + length(value)) AS bytes FROM state') as { bytes: number | null };
    if ((bytes ?? 0) > MAX_STATE) {
      throw new StoreFailure({ tag: 'unavailable', val: `the state has at most ${MAX_STATE} bytes` });
    }
  }
}
