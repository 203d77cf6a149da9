// All of a contact, kept in the journal before it is deleted: with what other connections know of it.

import type { Page } from './commit.js';
import { type Held, values } from './contacts.js';
import type { Whole } from './journal.js';

export function whole(page: Page, held: Held): Whole {
  const { database } = page;
  const of = <Row>(columns: string, table: string) =>
    database.all<Row>(`SELECT ${columns} FROM ${table} WHERE contact = ?`, held.id);
  return {
    active: held.active,
    fields: Object.fromEntries(held.fields),
    links: of('source, object_id, base', 'links'),
    formers: of('source, object_id', 'former_links'),
    memberships: of('source, list', 'memberships'),
  };
}

/** Gives a contact that was made again what the other connections had there. */
export function restoreOthers(page: Page, contact: number, kept: Whole): void {
  for (const { source, object_id, base } of kept.links) {
    if (source !== page.source) {
      page.contacts.link(contact, object_id, values(base), source);
    }
  }
  for (const { source, object_id } of kept.formers) {
    if (source !== page.source) {
      page.contacts.restoreFormer(contact, object_id, source);
    }
  }
  for (const { source, list } of kept.memberships) {
    if (source !== page.source) {
      page.database.run('INSERT INTO memberships (contact, source, list) VALUES (?, ?, ?)', contact, source, list);
    }
  }
}
