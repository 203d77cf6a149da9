// Which linked users a full round has read: known by the numbers of their links, which are never given twice.

import { Contacts, told } from './contacts.js';
import type { Contact, RoundInfo, Sightings } from './contract.js';
import type { Database } from './database.js';
import { refuse } from './failure.js';

interface Round {
  id: number;
  last_link: number;
  known_links: number;
}

export function openRound(database: Database, source: string, name: string, resume: boolean): RoundInfo {
  return database.write(() => {
    let round = resume ? find(database, source, name) : undefined;
    if (round === undefined) {
      forget(database, source, name);
      database.run(
        `INSERT INTO rounds (source, name, last_link, known_links) VALUES (?1, ?2,
           (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'links'),
           (SELECT count(*) FROM links WHERE source = ?1))`,
        source, name,
      );
      round = open(database, source, name);
    }
    return { knownLinks: BigInt(round.known_links) };
  });
}

export function closeRound(database: Database, source: string, name: string): void {
  database.write(() => forget(database, source, name));
}

/** Notes users that a round has read; part of a commit. */
export function see(database: Database, source: string, sightings: Sightings): void {
  const round = open(database, source, sightings.round);
  database.run(
    `INSERT OR IGNORE INTO sightings (round, link) SELECT ?1, l.number FROM json_each(?2) seen
       CROSS JOIN links l ON l.source = ?3 AND l.object_id = seen.value WHERE l.number <= ?4`,
    round.id, JSON.stringify(sightings.objectIds), source, round.last_link,
  );
  database.run(
    'INSERT OR IGNORE INTO sightings (round, link) SELECT ?1, value FROM json_each(?2) WHERE value <= ?3',
    round.id, JSON.stringify(sightings.links.map((link) => Number(link.number))), round.last_link,
  );
}

/** Contacts whose link is as old as the round and whose user it has not read, by object id. */
export function unseen(
  database: Database, source: string, name: string, after: string, limit: number, fields: string[],
): Contact[] {
  const round = open(database, source, name);
  const ids = database.all<{ contact: number }>(
    `SELECT contact FROM links l WHERE source = ? AND object_id > ? AND number <= ?
       AND NOT EXISTS (SELECT 1 FROM sightings s WHERE s.round = ? AND s.link = l.number)
     ORDER BY object_id LIMIT ?`,
    source, after, round.last_link, round.id, limit,
  );
  const held = new Contacts(database, source).read(ids.map((row) => row.contact));
  return held.map((contact) => told(contact, fields));
}

function open(database: Database, source: string, name: string): Round {
  return find(database, source, name) ?? refuse(`the round ${name} is not open`);
}

function find(database: Database, source: string, name: string): Round | undefined {
  return database.one<Round>('SELECT * FROM rounds WHERE source = ? AND name = ?', source, name);
}

function forget(database: Database, source: string, name: string): void {
  const round = find(database, source, name);
  if (round !== undefined) {
    database.run('DELETE FROM sightings WHERE round = ?', round.id);
    database.run('DELETE FROM rounds WHERE id = ?', round.id);
  }
}
