/** `fenix-server export-inventory`: writes down all that a plan depends on, for `fenix-server plan`. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { pino } from 'pino';
import { openInventorySources } from '../composition/inventory-sources.ts';
import { loadConfig } from '../config/load-config.ts';
import { printInventory } from '../inventory/inventory-file.ts';
import { takeInventory } from '../inventory/take-inventory.ts';
import { ofThisProcess, type CommandSurroundings } from './surroundings.ts';

interface Options {
  readonly config?: string;
  readonly output?: string;
}

type Surroundings = Pick<CommandSurroundings, 'env' | 'write' | 'complain'>;

/** The inventory goes to standard output or to a file, what is to be said of it to standard error. */
export function exportInventoryCommand(around: Surroundings = ofThisProcess()): Command {
  return new Command('export-inventory')
    .description(
      'write the cloud, the registered limits and the durations to a file (docs/offline-planning.md)',
    )
    .option('-c, --config <file>', 'YAML file of options, that of the server (docs/configuration.md)')
    .option('-o, --output <file>', 'write to this file, in place of what is there; else to standard output')
    .action((options: Options) => exportInventory(options, around));
}

async function exportInventory({ config: file, output }: Options, around: Surroundings): Promise<void> {
  const config = loadConfig({ env: around.env, ...(file !== undefined && { file }) });
  const sources = await openInventorySources(config, pino({ level: 'silent' }));
  try {
    const report = (line: string) => around.complain(`${line}\n`);
    const text = printInventory(await takeInventory({ ...sources, report }, new AbortController().signal));
    if (output === undefined) around.write(text);
    else {
      writeTo(output, text);
      report(`written to ${output}`);
    }
  } finally {
    await sources.close();
  }
}

/** What hosts and instances there are is nobody's business but the operator's. */
function writeTo(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be written: ${reason}`, { cause: error });
  }
}
