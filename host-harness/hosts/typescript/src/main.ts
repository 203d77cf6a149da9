// The command: a JSON document on standard output, progress on standard error.
//
// Ends with 0 where it was done, 1 where it was not, 2 where the command is wrong.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Instance } from './connector.js';
import type { Connector } from './contract.js';
import { Lease } from './lease.js';
import * as plans from './plan-sink.js';
import { Workspace } from './workspace.js';

const USAGE = `connect DATA DOCUMENT.json [--secret NAME=FILE]
plan    DATA [--full]
sync    DATA [--full] [--approve DIGEST] [--slice-ms N]
undo    DATA RUN [--approve DIGEST] [--slice-ms N]
report  DATA
Each takes --allow-loopback, with which a document may name servers on this machine.`;

/** Between two slices signals are heard. */
const SLICE_MS = 10_000;

const OPTIONS = {
  full: { type: 'boolean' },
  approve: { type: 'string' },
  secret: { type: 'string', multiple: true },
  'slice-ms': { type: 'string' },
  'allow-loopback': { type: 'boolean' },
} as const;

type Values = { full?: boolean; approve?: string; secret?: string[]; 'slice-ms'?: string };

/** What a command takes beside DATA and --allow-loopback, and what it does. */
interface Command {
  argument: boolean;
  options: Array<keyof Values>;
  run(workspace: Workspace, values: Values, argument: string): Promise<unknown>;
}

async function main(): Promise<unknown> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [name = '', folder, ...words] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || folder === undefined || !isTaken(command, words, values)) {
    throw new Usage(USAGE);
  }
  const workspace = new Workspace(folder, { allowLoopback: values['allow-loopback'] === true });
  try {
    return await command.run(workspace, values, words[0] ?? '');
  } finally {
    workspace.database.close();
  }
}

class Usage extends Error {}

/** Whether a command takes these words and options. */
function isTaken(command: Command, words: string[], values: Values): boolean {
  const known = ['allow-loopback', ...command.options];
  return words.length === (command.argument ? 1 : 0)
    && Object.keys(values).every((option) => known.includes(option))
    && /^\d{1,15}$/.test(values['slice-ms'] ?? '0');
}

const COMMANDS: Record<string, Command> = {
  connect: { argument: true, options: ['secret'], run: connect },
  plan: { argument: false, options: ['full'], run: plan },
  sync: { argument: false, options: ['full', 'approve', 'slice-ms'], run: sync },
  undo: { argument: true, options: ['approve', 'slice-ms'], run: undo },
  report: { argument: false, options: [], run: report },
};

/** What does not connect replaces nothing; where nothing is saved, it is there for the next try. */
async function connect(workspace: Workspace, values: Values, file: string): Promise<Connector.ConfigurationReport> {
  for (const secret of values.secret ?? []) {
    const [name = '', ...from] = secret.split('=');
    workspace.offerSecret(name, from.join('='));
  }
  const document = readFileSync(file, 'utf8');
  return workspace.alone('connect', async () => {
    const report = await workspace.call(document, ({ connector }) => connector.configure(document));
    if (report.ready || !workspace.isConnected) {
      workspace.save(document);
    }
    process.exitCode = report.ready ? 0 : 1;
    return report;
  });
}

function plan(workspace: Workspace, values: Values): Promise<Connector.PlanSummary> {
  return workspace.alone('plan', () =>
    planned(workspace, ({ connector }) => connector.plan(workspace.document, mode(values))));
}

function sync(workspace: Workspace, values: Values): Promise<Connector.SyncResult> {
  return workspace.alone('sync', async () => {
    const approved = values.approve === undefined ? undefined : kept(workspace, values.approve);
    return inSlices(workspace, values, ({ connector }, slice) => connector.sync(workspace.document, {
      mode: approved?.mode ?? mode(values),
      trigger: 'manual',
      slice,
      ...(values.approve !== undefined && { approval: { tag: 'plan', val: values.approve } }),
    }));
  });
}

function undo(workspace: Workspace, values: Values, run: string): Promise<unknown> {
  return workspace.alone<unknown>('undo', async () => {
    const approved = values.approve;
    if (approved !== undefined) {
      return inSlices(workspace, values, ({ trust }, slice) =>
        trust.undo(workspace.document, { run, approved, trigger: 'manual', slice }));
    }
    return planned(workspace, ({ trust }) => trust.planUndo(workspace.document, run));
  });
}

function report(workspace: Workspace): Promise<Connector.Overview> {
  return workspace.call(workspace.document, ({ connector }) =>
    connector.report(workspace.document, { running: Lease.isRunning(workspace.database) }));
}

/** Has a plan made, and keeps it under its digest. */
async function planned(workspace: Workspace, plan: (instance: Instance) => Connector.PlanSummary): Promise<Connector.PlanSummary> {
  plans.begin(workspace.database);
  const made = await workspace.call(workspace.document, plan);
  plans.keep(workspace.database, made.digest, text(made));
  return made;
}

type Slice = (instance: Instance, slice: Connector.Slice) => Connector.SyncResult;

/** Slice after slice, each in a fresh instance, until the run is over or somebody wants it to end. */
async function inSlices(workspace: Workspace, values: Values, slice: Slice): Promise<Connector.SyncResult> {
  const maxMs = BigInt(values['slice-ms'] ?? SLICE_MS);
  for (;;) {
    const result = await workspace.call(workspace.document, (instance) => slice(instance, { maxMs }));
    if (result.end.tag === 'finished') {
      return result;
    }
    await workspace.rest(Number(result.end.val));
    if (workspace.isToStop) {
      return result;
    }
  }
}

function mode(values: Values): Connector.RunMode {
  return values.full === true ? 'full' : 'incremental';
}

function kept(workspace: Workspace, digest: string): Connector.PlanSummary {
  const summary = plans.kept(workspace.database, digest);
  if (summary === undefined) {
    throw new Error(`No plan is kept under ${digest}: plan again.`);
  }
  return JSON.parse(summary) as Connector.PlanSummary;
}

/** What `parseArgs` does not understand. */
function isOfArguments(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

/** Numbers of 64 bits are written as numbers; those of this contract are far below 2^53. */
function text(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part));
}

try {
  process.stdout.write(`${text(await main())}\n`);
} catch (error) {
  // What a function of the component fails with, jco throws as it is: the contract's variant.
  const said = error instanceof Error ? { tag: 'host', val: error.message } : error;
  process.stdout.write(`${text({ error: said })}\n`);
  process.exitCode = error instanceof Usage || isOfArguments(error) ? 2 : 1;
}
