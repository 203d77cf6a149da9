// Notes: why a directory user led to no change. Of an address only a keyed hash is kept.

import { createHmac } from 'node:crypto';
import type { Note, Noted, Who } from './contract.js';
import type { Database } from './database.js';
import { matchKey } from './spelling.js';

/** Writes the notes of a commit, and forgets those that no longer hold. */
export function write(database: Database, source: string, run: string | undefined, notes: Note[], settled: string[]): void {
  if (settled.length > 0) {
    database.run(
      'DELETE FROM notes WHERE source = ? AND object_id IN (SELECT value FROM json_each(?))',
      source, JSON.stringify(settled),
    );
  }
  const now = Date.now();
  for (const note of notes) {
    // As long as the reason is the same, its run and its moment stay.
    database.run(
      `INSERT INTO notes (source, object_id, address, contact, reason, run, since_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (source, object_id) DO UPDATE SET address = excluded.address, contact = excluded.contact,
         run = CASE WHEN reason = excluded.reason THEN run ELSE excluded.run END,
         since_ms = CASE WHEN reason = excluded.reason THEN since_ms ELSE excluded.since_ms END,
         reason = excluded.reason`,
      source, note.objectId, note.address === undefined ? null : hashed(database, note.address),
      note.contact ?? null, note.reason, run ?? null, now,
    );
  }
}

interface Row {
  object_id: string;
  contact: string | null;
  reason: string;
  run: string | null;
  since_ms: number;
}

export function about(database: Database, source: string, who: Who): Noted[] {
  const column = { user: 'object_id', contact: 'contact', address: 'address' }[who.tag];
  const value = who.tag === 'address' ? hashed(database, who.val) : who.val;
  const rows = database.all<Row>(
    `SELECT object_id, contact, reason, run, since_ms FROM notes WHERE source = ? AND ${column} = ? ORDER BY object_id`,
    source, value,
  );
  return rows.map((row) => ({
    objectId: row.object_id,
    ...(row.contact !== null && { contact: row.contact }),
    reason: row.reason,
    ...(row.run !== null && { run: row.run }),
    sinceMs: BigInt(row.since_ms),
  }));
}

function hashed(database: Database, address: string): Buffer {
  const key = database.one<{ value: Buffer }>("SELECT value FROM settings WHERE name = 'address-key'");
  return createHmac('sha256', key?.value ?? '').update(matchKey(address)).digest();
}
