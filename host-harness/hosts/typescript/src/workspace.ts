// One workspace: a directory with contacts, secrets and a document, and the connector with what it may use there.

import { mkdirSync, readFileSync } from 'node:fs';
import { instantiate, type Instance } from './connector.js';
import { contactStore } from './contact-store.js';
import type { Connector } from './contract.js';
import { Database } from './database.js';
import { policed, policyFor } from './http-policy.js';
import { Lease } from './lease.js';
import { planSink } from './plan-sink.js';
import { consent, runControl } from './run-control.js';
import { isSecretName, keepSecret, secrets } from './secrets.js';
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
  readonly #offered = new Map<string, string>();
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
    const saved = this.#saved();
    if (saved === undefined) {
      throw new Error('Nothing is connected here yet: connect first.');
    }
    return saved;
  }

  /** Whether a document is saved. */
  get isConnected(): boolean {
    return this.#saved() !== undefined;
  }

  #saved(): string | undefined {
    return this.database.one<{ value: string }>("SELECT value FROM settings WHERE name = 'document'")?.value;
  }

  /** Saves a document, with the secrets that were offered for it. */
  save(document: string): void {
    this.database.write(() => {
      for (const [name, value] of this.#offered) {
        keepSecret(this.folder, name, value);
      }
      this.database.run(
        "INSERT INTO settings (name, value) VALUES ('document', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        document,
      );
    });
  }

  get isToStop(): boolean {
    return this.#isToStop;
  }

  /** Has calls of this process use a secret in the place of the one that is kept. */
  offerSecret(name: string, file: string): void {
    if (!isSecretName(name)) {
      throw new Error(`${name} cannot be the name of a secret: it has letters, digits and -_. alone.`);
    }
    this.#offered.set(name, readFileSync(file, 'utf8'));
  }

  /** Does something while nobody else writes here. */
  async alone<T>(task: string, work: () => Promise<T>): Promise<T> {
    const lease = Lease.acquire(this.database, task);
    this.database.hold(lease);
    try {
      return await work();
    } finally {
      try {
        lease.release(this.database);
      } catch {
        // What was done, or why it failed, is what is to be told. The lease of a process that is gone is free.
      }
    }
  }

  /** Waits before the next slice, and keeps the lease meanwhile, unless somebody wants the run to end. */
  async rest(milliseconds: number): Promise<void> {
    const until = Date.now() + milliseconds;
    // Once at least, so that signals are heard.
    do {
      this.#alive('resting');
      this.database.renew();
      await new Promise((resume) => setTimeout(resume, Math.min(1_000, Math.max(0, until - Date.now()))));
    } while (Date.now() < until && !this.#isToStop);
  }

  /** Asks the connector something. What it led to is on the disk when this gives back. */
  async call<T>(document: string, ask: (instance: Instance) => T): Promise<T> {
    let answer: T;
    try {
      answer = ask(await this.#instance(document));
    } catch (error) {
      // What was committed before goes to the disk, too; where it cannot, the first error is the one to tell.
      await this.database.flush().catch(() => undefined);
      throw error;
    }
    await this.database.flush();
    return answer;
  }

  /** A fresh instance, which may reach what this document needs. */
  async #instance(document: string): Promise<Instance> {
    this.#alive('connecting');
    const platform = {
      contactStore: contactStore(this.database),
      state: state(this.database),
      secrets: secrets(this.folder, this.#offered),
      runControl: runControl(this.#alive, () => this.#isToStop),
      planSink: planSink(this.database),
      consent: consent(this.options.allowLoopback),
      tokenCache: this.#tokens,
      // Nobody serves an address here: changes are found by the next sync.
      notificationTarget: { address: () => undefined },
      outgoingHandler: policed({ hosts: new Set(), loopback: new Set() }),
    };
    // What it may need to reach it says without reaching anything, once for all calls.
    this.#endpoints ??= (await instantiate(platform)).connector.describe().endpoints;
    const policy = policyFor(document, this.#endpoints, this.options.allowLoopback);
    return instantiate({ ...platform, outgoingHandler: policed(policy) });
  }
}
