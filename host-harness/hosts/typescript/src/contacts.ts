// Rows of contacts, with the link of one source.

import type { Contact, Field, FieldWrite } from './contract.js';
import type { Database } from './database.js';
import { EMAIL } from './fields.js';
import { matchKey } from './spelling.js';

export type Values = Map<string, string>;

/** A contact as one source sees it. */
export interface Held {
  id: number;
  version: number;
  active: boolean;
  fields: Values;
  link: { objectId: string; base: Values } | undefined;
  /** Whose it was until the link was taken away. */
  former: string | undefined;
  /** Lists that the source put it on, as they are spelt, ordered. */
  lists: string[];
}

interface Row {
  id: number;
  version: number;
  active: number;
  fields: string;
  object_id: string | null;
  base: string | null;
  former: string | null;
  lists: string;
}

const SELECT = `
  SELECT c.id, c.version, c.active, c.fields, l.object_id, l.base, f.object_id AS former,
    (SELECT json_group_array(name) FROM (SELECT i.name FROM memberships m JOIN lists i ON i.id = m.list
       WHERE m.contact = c.id AND m.source = ?1 ORDER BY i.name)) AS lists
  FROM json_each(?2) asked CROSS JOIN contacts c ON c.id = asked.value
    LEFT JOIN links l ON l.contact = c.id AND l.source = ?1
    LEFT JOIN former_links f ON f.contact = c.id AND f.source = ?1`;

export class Contacts {
  constructor(
    readonly database: Database,
    readonly source: string,
  ) {}

  /** Those of the contacts that are there, in the order in which they are named. */
  read(ids: number[]): Held[] {
    return this.database.all<Row>(SELECT, this.source, JSON.stringify(ids)).map((row) => ({
      id: row.id,
      version: row.version,
      active: row.active === 1,
      fields: values(row.fields),
      link: row.object_id === null ? undefined : { objectId: row.object_id, base: values(row.base ?? '{}') },
      former: row.former ?? undefined,
      lists: JSON.parse(row.lists) as string[],
    }));
  }

  /** A new contact, or one that is made again under its id. */
  insert(id: number | null, version: number, active: boolean, fields: Values): number {
    const { lastInsertRowid } = this.database.run(
      'INSERT INTO contacts (id, version, active, fields, match_key) VALUES (?, ?, ?, ?, ?)',
      id, version, Number(active), text(fields), keyOf(fields),
    );
    return Number(lastInsertRowid);
  }

  /** What it holds from now on; the version it has then. */
  update(contact: Held, active: boolean, fields: Values): number {
    this.database.run(
      'UPDATE contacts SET version = ?, active = ?, fields = ?, match_key = ? WHERE id = ?',
      contact.version + 1, Number(active), text(fields), keyOf(fields), contact.id,
    );
    return contact.version + 1;
  }

  delete(id: number): void {
    for (const table of ['links', 'former_links', 'memberships']) {
      this.database.run(`DELETE FROM ${table} WHERE contact = ?`, id);
    }
    this.database.run('DELETE FROM contacts WHERE id = ?', id);
  }

  /** Who is linked is nobody's former user, and no former user's contact. */
  link(contact: number, objectId: string, base: Values, source = this.source): void {
    this.database.run('DELETE FROM former_links WHERE source = ? AND (object_id = ? OR contact = ?)', source, objectId, contact);
    this.database.run(
      'INSERT INTO links (source, object_id, contact, base) VALUES (?, ?, ?, ?)',
      source, objectId, contact, text(base),
    );
  }

  rebase(contact: number, base: Values): void {
    this.database.run('UPDATE links SET base = ? WHERE contact = ? AND source = ?', text(base), contact, this.source);
  }

  unlink(contact: number, objectId: string): void {
    this.database.run('DELETE FROM links WHERE contact = ? AND source = ?', contact, this.source);
    this.remember(contact, objectId, this.source);
  }

  /** Makes a contact without a link nobody's, or that of a user who has no other by now. */
  restoreFormer(contact: number, objectId: string | undefined, source = this.source): void {
    this.database.run('DELETE FROM former_links WHERE contact = ? AND source = ?', contact, source);
    if (objectId !== undefined && !this.hasAnother(objectId, contact, source)) {
      this.remember(contact, objectId, source);
    }
  }

  isLinked(objectId: string): boolean {
    return this.database.one('SELECT 1 FROM links WHERE source = ? AND object_id = ?', this.source, objectId) !== undefined;
  }

  /** Whether the user has another contact: linked, or theirs until the link was taken away. */
  hasAnother(objectId: string, than: number, source = this.source): boolean {
    const other = 'source = ?1 AND object_id = ?2 AND contact <> ?3';
    return this.database.one(
      `SELECT 1 FROM links WHERE ${other} UNION ALL SELECT 1 FROM former_links WHERE ${other}`,
      source, objectId, than,
    ) !== undefined;
  }

  private remember(contact: number, objectId: string, source: string): void {
    this.database.run('INSERT OR REPLACE INTO former_links (contact, source, object_id) VALUES (?, ?, ?)', contact, source, objectId);
  }
}

/** The contract's form of a contact, with those of its fields that were asked for. */
export function told(held: Held, names: string[]): Contact {
  return {
    id: String(held.id),
    version: BigInt(held.version),
    active: held.active,
    fields: names.flatMap((name) => {
      const value = held.fields.get(name);
      return value === undefined ? [] : [{ name, value }];
    }),
    ...(held.link && { link: { objectId: held.link.objectId, base: asFields(held.link.base) } }),
    ...(held.former !== undefined && { former: held.former }),
    lists: held.lists,
  };
}

/** The number of a contact; 0, which no contact has, where the text is none of this host. */
export function numberOf(id: string): number {
  return /^[1-9][0-9]{0,14}$/.test(id) ? Number(id) : 0;
}

export function written(fields: Values, writes: FieldWrite[]): Values {
  const after = new Map(fields);
  for (const { name, value } of writes) {
    if (value === undefined) {
      after.delete(name);
    } else {
      after.set(name, value);
    }
  }
  return after;
}

export function asValues(fields: Field[]): Values {
  return new Map(fields.map(({ name, value }) => [name, value]));
}

export function asFields(fields: Values): Field[] {
  return Array.from(fields, ([name, value]) => ({ name, value }));
}

export function text(fields: Values): string {
  return JSON.stringify(Object.fromEntries(fields));
}

export function values(json: string): Values {
  return new Map(Object.entries(JSON.parse(json) as Record<string, string>));
}

function keyOf(fields: Values): string | null {
  const address = fields.get(EMAIL);
  return address === undefined ? null : matchKey(address);
}
