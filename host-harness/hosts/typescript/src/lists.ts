// Lists: known by their name in the form in which names are compared, told by one spelling.

import type { ContactList } from './contract.js';
import type { Database } from './database.js';
import { listKey } from './spelling.js';

interface Row {
  id: number;
  named_by: string | null;
  named_in: string | null;
}

export class Lists {
  constructor(
    readonly database: Database,
    readonly source: string,
    readonly run: string | undefined,
  ) {}

  /** Puts a contact on a list in a change of `user`. A new list is spelt as in the change of the smallest
   * user of its run, so that the order of the directory's pages does not decide. */
  join(contact: number, list: ContactList, user: string): void {
    const key = listKey(list.name);
    let row = this.database.one<Row>('SELECT id, named_by, named_in FROM lists WHERE key = ?', key);
    if (row === undefined) {
      const { lastInsertRowid } = this.database.run(
        'INSERT INTO lists (key, name, description, named_by, named_in) VALUES (?, ?, ?, ?, ?)',
        key, list.name, list.description, user, this.run ?? null,
      );
      row = { id: Number(lastInsertRowid), named_by: user, named_in: null };
    } else if (this.run !== undefined && row.named_in === this.run && row.named_by !== null && compared(user, row.named_by) < 0) {
      this.database.run('UPDATE lists SET name = ?, named_by = ? WHERE id = ?', list.name, user, row.id);
    }
    this.database.run('INSERT OR IGNORE INTO memberships (contact, source, list) VALUES (?, ?, ?)', contact, this.source, row.id);
  }

  /** Takes a contact off a list that this source put it on. */
  leave(contact: number, name: string): void {
    this.database.run(
      'DELETE FROM memberships WHERE contact = ? AND source = ? AND list = (SELECT id FROM lists WHERE key = ?)',
      contact, this.source, listKey(name),
    );
  }

  leaveAll(contact: number): void {
    this.database.run('DELETE FROM memberships WHERE contact = ? AND source = ?', contact, this.source);
  }
}

/** The names as the lists that are there bear them, else as a plan would make them; ordered. */
export function spelt(database: Database, names: string[], plan: number | null = null): string[] {
  const spelling = (name: string) => database.one<{ name: string | null }>(
    `SELECT coalesce((SELECT name FROM lists WHERE key = ?1),
       (SELECT name FROM plan_lists WHERE plan = ?2 AND key = ?1)) AS name`,
    listKey(name), plan,
  )?.name ?? name;
  return ordered(new Set(names.map(spelling)));
}

export function ordered(texts: Iterable<string>): string[] {
  return [...texts].sort(compared);
}

/** In byte order, as SQLite orders texts: JavaScript orders UTF-16 units. */
export function compared(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
