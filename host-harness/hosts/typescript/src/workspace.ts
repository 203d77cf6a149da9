// One workspace: a directory with contacts, secrets and a document, and the connector with what it may use there.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { instantiate, type Instance } from './connector.js';
import { contactStore } from './contact-store.js';
import type { Connector } from './contract.js';
import { Database } from './database.js';
import { policed, policyFor } from './http-policy.js';
import { Lease } from './lease.js';
import { planSink } from './plan-sink.js';
import { consent, runControl } from './run-control.js';
import { secretFile, secrets } from './secrets.js';
import { state } from './state.js';
import { tokenCache } from './token-cache.js';
import { watch } from './watchdog.js';

export interface Options {
  /** The document may name servers on this machine in Microsoft's place. */
  allowLoopback: boolean;
}

export class Workspace {
  readonly database: Database;
  readonly #tokens = tokenCache();
  #isToStop = false;
  #endpoints: Connector.Endpoint[] | undefined;
  readonly #alive = watch();

  constructor(
    readonly folder: string,
    readonly options: Options,
  ) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.database = new Database(folder);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        this.#isToStop = true;
      });
    }
  }

  /** The configuration document, as it was saved. */
  get document(): string {
    const row = this.database.one<{ value: string }>("SELECT value FROM settings WHERE name = 'document'");
    if (row === undefined) {
      throw new Error('Nothing is connected here yet: connect first.');
    }
    return row.value;
  }

  set document(document: string) {
    this.database.run(
      "INSERT INTO settings (name, value) VALUES ('document', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      document,
    );
  }

  get isToStop(): boolean {
    return this.#isToStop;
  }

  keepSecret(name: string, file: string): void {
    const kept = secretFile(this.folder, name);
    if (kept === undefined) {
      throw new Error(`${name} cannot be the name of a secret: it has letters, digits and -_. alone.`);
    }
    mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
    writeFileSync(kept, readFileSync(file), { mode: 0o600 });
    chmodSync(kept, 0o600);
  }

  /** Does something while nobody else writes here. */
  async alone<T>(task: string, work: () => Promise<T>): Promise<T> {
    const lease = Lease.acquire(this.database, task);
    this.database.hold(lease);
    try {
      return await work();
    } finally {
      lease.release(this.database);
    }
  }

  /** Waits before the next slice, unless somebody wants the run to end. */
  async rest(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    // Once at least, so that signals are heard.
    do {
      this.#alive('resting');
      await new Promise((resume) => setTimeout(resume, Math.min(1_000, Math.max(0, until - Date.now()))));
    } while (Date.now() < until && !this.#isToStop);
  }

  /** Asks the connector something. What it led to is on the disk when this gives back. */
  async call<T>(document: string, ask: (instance: Instance) => T): Promise<T> {
    try {
      return ask(await this.#instance(document));
    } finally {
      this.database.flush();
    }
  }

  /** A fresh instance, which may reach what this document needs. */
  async #instance(document: string): Promise<Instance> {
    this.#alive('connecting');
    const platform = {
      contactStore: contactStore(this.database),
      state: state(this.database),
      secrets: secrets(this.folder),
      runControl: runControl(this.#alive, () => this.#isToStop),
      planSink: planSink(this.database),
      consent: consent(this.options.allowLoopback),
      tokenCache: this.#tokens,
      outgoingHandler: policed({ hosts: new Set(), loopback: new Set() }),
    };
    // What it may need to reach it says without reaching anything, once for all calls.
    this.#endpoints ??= (await instantiate(platform)).connector.describe().endpoints;
    const policy = policyFor(document, this.#endpoints, this.options.allowLoopback);
    return instantiate({ ...platform, outgoingHandler: policed(policy) });
  }
}
