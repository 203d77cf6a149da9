// The command: a JSON document on standard output, progress on standard error.
//
// Ends with 0 where it was done, 1 where it was not, 2 where the command is wrong.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Instance } from './connector.js';
import type { Connector } from './contract.js';
import * as plans from './plan-sink.js';
import { Workspace } from './workspace.js';

const USAGE = `connect DATA DOCUMENT.json [--secret NAME=FILE]
plan    DATA [--full]
sync    DATA [--full] [--approve DIGEST] [--slice-ms N]
undo    DATA RUN [--approve DIGEST]
report  DATA
Each takes --allow-loopback, with which a document may name servers on this machine.`;

/** Between two slices signals are heard. */
const SLICE_MS = 10_000;

type Values = { full?: boolean; approve?: string; secret?: string[]; 'slice-ms'?: string };

async function main(): Promise<unknown> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      full: { type: 'boolean' },
      approve: { type: 'string' },
      secret: { type: 'string', multiple: true },
      'slice-ms': { type: 'string' },
      'allow-loopback': { type: 'boolean' },
    },
  });
  const [command, folder, argument] = positionals;
  const run = COMMANDS[command ?? ''];
  if (run === undefined || folder === undefined) {
    throw new Usage(USAGE);
  }
  const workspace = new Workspace(folder, { allowLoopback: values['allow-loopback'] === true });
  try {
    return await run(workspace, values, argument);
  } finally {
    workspace.database.close();
  }
}

class Usage extends Error {}

type Command = (workspace: Workspace, values: Values, argument: string | undefined) => Promise<unknown>;

const COMMANDS: Record<string, Command> = {
  async connect(workspace, values, file) {
    if (file === undefined) {
      throw new Usage(USAGE);
    }
    for (const secret of values.secret ?? []) {
      const [name = '', ...from] = secret.split('=');
      workspace.keepSecret(name, from.join('='));
    }
    const document = readFileSync(file, 'utf8');
    const report = await workspace.call(document, ({ connector }) => connector.configure(document));
    workspace.document = document;
    process.exitCode = report.ready ? 0 : 1;
    return report;
  },

  plan: (workspace, values) => workspace.alone('plan', () =>
    planned(workspace, ({ connector }) => connector.plan(workspace.document, mode(values)))),

  sync: (workspace, values) => workspace.alone('sync', () => {
    const approved = values.approve === undefined ? undefined : kept(workspace, values.approve);
    return inSlices(workspace, values, ({ connector }, slice) => connector.sync(workspace.document, {
      mode: approved?.mode ?? mode(values),
      trigger: 'manual',
      slice,
      ...(values.approve !== undefined && { approval: { tag: 'plan', val: values.approve } }),
    }));
  }),

  undo: (workspace, values, run) => workspace.alone('undo', async () => {
    const approved = values.approve;
    if (run === undefined) {
      throw new Usage(USAGE);
    }
    if (approved !== undefined) {
      return inSlices(workspace, values, ({ trust }, slice) =>
        trust.undo(workspace.document, { run, approved, trigger: 'manual', slice }));
    }
    return planned(workspace, ({ trust }) => trust.planUndo(workspace.document, run));
  }),

  report: (workspace) =>
    workspace.call(workspace.document, ({ connector }) => connector.report(workspace.document, { running: false })),
};

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
