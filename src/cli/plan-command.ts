/** `fenix-server plan`: the answer of `GET /v1/plan/{plan_id}` for an inventory, without a network or a database. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import type { Clock, Ids } from '../engine/ports.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import { failurePolicies } from '../domain/session.ts';
import type { StoredPlan } from '../engine/plan-ports.ts';
import { planDetail } from '../http/views/plan.ts';
import { InventoryRefused, parseInventory } from '../inventory/inventory-file.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { planInventory } from '../inventory/plan-inventory.ts';
import { Misuse } from './misuse.ts';
import { isOwnFault } from './own-fault.ts';
import { planRequestOf, type RequestOptions } from './plan-arguments.ts';
import { planText } from './plan-text.ts';
import { ofThisProcess, type CommandSurroundings } from './surroundings.ts';

interface Options extends RequestOptions {
  readonly inventory: string;
  readonly json?: true;
}

const status = { feasible: 0, misuse: 2, infeasible: 3 } as const;

const statusHelp = `
Exit status: ${status.feasible} all hosts can be maintained, as things are or once projects have scaled in; ${status.infeasible} they cannot;
${status.misuse} the inventory or an option cannot be used.`;

/** A plan is dated and named by these. */
export interface PlanCommandParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: Pick<Ids, 'commandId'>;
}

export function planCommand(
  around: CommandSurroundings = ofThisProcess(),
  parts: PlanCommandParts = { clock: new SystemClock(), ids: systemIds },
): Command {
  return new Command('plan')
    .description('plan a session of the workflow vnf over an inventory (docs/offline-planning.md)')
    .configureOutput({ writeOut: around.write, writeErr: around.complain })
    .exitOverride((error) => {
      around.exit(error.exitCode === 0 ? status.feasible : status.misuse);
      throw error;
    })
    .requiredOption('--inventory <file>', 'what export-inventory wrote; - reads it from standard input')
    .option('--hosts <names>', 'the hosts, separated by commas; all of the cloud when absent')
    .option('--parallel-hosts <number>', 'how many hosts are to be worked on at once')
    .addOption(
      new Option(
        '--failure-policy <policy>',
        'what becomes of a host that cannot be emptied as agreed',
      ).choices([...failurePolicies]),
    )
    .option('--maintenance-at <time>', 'when it is to begin, UTC; when the inventory was taken, if absent')
    .option('--window-ends-at <time>', 'no host is begun that would not be done by then, UTC')
    .option('--json', 'print the body of GET /v1/plan/{plan_id}')
    .addHelpText('after', statusHelp)
    .action((options: Options) => plan(options, around, parts));
}

async function plan(options: Options, around: CommandSurroundings, parts: PlanCommandParts): Promise<void> {
  try {
    const detail = planDetail(await planOf(options, around, parts));
    around.write(options.json === true ? `${JSON.stringify(detail, undefined, 2)}\n` : planText(detail));
    around.exit(detail.verdict === 'infeasible' ? status.infeasible : status.feasible);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    around.complain(`${error.message}\n`);
    around.exit(status.misuse);
  }
}

/** @throws Misuse */
async function planOf(
  options: Options,
  around: CommandSurroundings,
  { clock, ids }: PlanCommandParts,
): Promise<StoredPlan> {
  const inventory = await readInventory(options.inventory, around);
  const request = planRequestOf(options, inventory.takenAt);
  const asked = { id: ids.commandId(), createdAt: clock.now(), request };
  try {
    return await planInventory(inventory, asked, pino({ level: 'silent' }));
  } catch (error) {
    if (isOwnFault(error) || !(error instanceof Error)) throw error;
    throw new Misuse(`nothing can be planned with ${options.inventory}: ${error.message}`, { cause: error });
  }
}

/** @throws Misuse */
async function readInventory(file: string, around: CommandSurroundings): Promise<Inventory> {
  const text = await readText(file, around);
  try {
    return parseInventory(text);
  } catch (error) {
    if (!(error instanceof InventoryRefused)) throw error;
    throw new Misuse(
      `${file === '-' ? 'standard input' : file} is no inventory: ${error.message}\n` +
        'Write it with fenix-server export-inventory; docs/offline-planning.md has its format.',
      { cause: error },
    );
  }
}

/** @throws Misuse */
async function readText(file: string, { readInput }: CommandSurroundings): Promise<string> {
  if (file === '-') return readInput();
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Misuse(`${file} cannot be read: ${reason}`, { cause: error });
  }
}
