// Whose contacts others wrote: the triggers of `contacts.sql` note them, a token is the last number that was told.

import type { EditsSince } from './contract.js';
import type { Database } from './database.js';

/** The writes of this work are those of a source, and no edits of its contacts. */
export function inTheNameOf<T>(database: Database, source: string, work: () => T): T {
  database.run('UPDATE writer SET source = ?', source);
  const done = work();
  database.run('UPDATE writer SET source = NULL');
  return done;
}

export function since(database: Database, source: string, token: string | undefined, limit: number): EditsSince {
  const { last } = database.one<{ last: number }>(
    "SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'edits'",
  ) ?? { last: 0 };
  if (token === undefined) {
    return told([], last);
  }
  const begin = /^(0|[1-9][0-9]{0,14})$/.test(token) ? Number(token) : Infinity;
  if (begin > last) {
    return { tag: 'token-lost' };
  }
  const rows = database.all<{ number: number; object_id: string }>(
    'SELECT number, object_id FROM edits WHERE source = ? AND number > ? ORDER BY number LIMIT ?', source, begin, limit,
  );
  return told(rows.map((row) => row.object_id), rows.at(-1)?.number ?? begin);
}

function told(users: string[], next: number): EditsSince {
  return { tag: 'edits', val: { users, next: String(next) } };
}
