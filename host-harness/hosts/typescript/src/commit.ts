// What all changes of one commit share: whose contacts, in which run, and when.

import type { Conflict, Outcome, Precondition, Refusal } from './contract.js';
import { Contacts, type Held, numberOf } from './contacts.js';
import type { Database } from './database.js';
import { type Done, enter } from './journal.js';
import { Lists } from './lists.js';

export class Page {
  readonly contacts: Contacts;
  readonly lists: Lists;
  readonly #now = Date.now();

  constructor(
    readonly database: Database,
    readonly source: string,
    readonly run: string | undefined,
  ) {
    this.contacts = new Contacts(database, source);
    this.lists = new Lists(database, source, run);
  }

  /** The contact of a change, as it stands now. */
  held(precondition: Precondition): Held | undefined {
    return this.contacts.read([numberOf(precondition.contact)])[0];
  }

  /** Notes a change that was applied. */
  done(done: Done): Outcome {
    enter(this.database, this.source, this.run, this.#now, done);
    return { tag: 'applied', val: { contact: String(done.contact), version: BigInt(done.version) } };
  }
}

export function conflict(kind: Conflict): Outcome {
  return { tag: 'conflict', val: kind };
}

export function refused(refusal: Refusal): Outcome {
  return { tag: 'refused', val: refusal };
}

export function isAt(held: Held, precondition: Precondition): boolean {
  return BigInt(held.version) === precondition.version;
}
