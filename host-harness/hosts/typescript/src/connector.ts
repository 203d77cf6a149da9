// Loads the component: a fresh instance, with nothing but the imports that are given here.

import { readFile } from 'node:fs/promises';
import { cli, clocks, http, io, random } from '@bytecodealliance/preview2-shim';
import type { Connector, Consent, ContactStore, NotificationTarget, PlanSink, RunControl, Secrets, State, Trust } from './contract.js';
import { signing } from './signing.js';
import type { TokenCache } from './token-cache.js';

const GENERATED = new URL('../../generated/', import.meta.url);
const CONTRACT = 'contact-sync:connector';

/** The types of Node leave it out. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** What a platform gives. */
export interface Platform {
  contactStore: typeof ContactStore;
  state: typeof State;
  secrets: typeof Secrets;
  runControl: typeof RunControl;
  planSink: typeof PlanSink;
  consent: typeof Consent;
  tokenCache: TokenCache;
  notificationTarget: typeof NotificationTarget;
  outgoingHandler: typeof http.outgoingHandler;
}

/** What the component can be asked. */
export interface Instance {
  connector: typeof Connector;
  trust: typeof Trust;
}

/** A fresh instance; what must survive a call lives in the store. */
export async function instantiate(platform: Platform): Promise<Instance> {
  const { instantiate } = await import(new URL('connector.js', GENERATED).href) as {
    instantiate(core: (path: string) => Promise<object>, imports: object): Promise<Instance>;
  };
  const core = async (path: string) => WebAssembly.compile(await readFile(new URL(path, GENERATED)));
  // jco's code reads the names without versions, whatever its types say.
  return instantiate(core, {
    [`${CONTRACT}/contact-store`]: platform.contactStore,
    [`${CONTRACT}/state`]: platform.state,
    [`${CONTRACT}/secrets`]: platform.secrets,
    [`${CONTRACT}/signing`]: signing,
    [`${CONTRACT}/run-control`]: platform.runControl,
    [`${CONTRACT}/plan-sink`]: platform.planSink,
    [`${CONTRACT}/consent`]: platform.consent,
    [`${CONTRACT}/token-cache`]: platform.tokenCache,
    [`${CONTRACT}/notification-target`]: platform.notificationTarget,
    'wasi:http/outgoing-handler': platform.outgoingHandler,
    'wasi:http/types': http.types,
    'wasi:io/error': io.error,
    'wasi:io/poll': io.poll,
    'wasi:io/streams': io.streams,
    'wasi:clocks/monotonic-clock': clocks.monotonicClock,
    'wasi:clocks/wall-clock': clocks.wallClock,
    'wasi:random/random': random.random,
    'wasi:random/insecure-seed': random.insecureSeed,
    // Of this process it learns nothing, and what it prints goes where it disturbs nobody.
    'wasi:cli/environment': { getEnvironment: () => [], getArguments: () => [], initialCwd: () => undefined },
    'wasi:cli/exit': cli.exit,
    'wasi:cli/stdin': cli.stdin,
    'wasi:cli/stdout': { getStdout: cli.stderr.getStderr },
    'wasi:cli/stderr': cli.stderr,
    'wasi:cli/terminal-input': cli.terminalInput,
    'wasi:cli/terminal-output': cli.terminalOutput,
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
  });
}
