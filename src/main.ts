/** The server as a program, and the commands around it. */
import { Command, CommanderError } from 'commander';
import { convertCommand } from './cli/convert-command.ts';
import { exportInventoryCommand } from './cli/export-inventory-command.ts';
import { isOwnFault } from './cli/own-fault.ts';
import { planCommand } from './cli/plan-command.ts';
import { policyCommand } from './cli/policy-command.ts';
import { serveCommand } from './cli/serve-command.ts';

const program = new Command('fenix-server')
  .description('planned maintenance of an OpenStack cloud')
  .addCommand(serveCommand(), { isDefault: true })
  .addCommand(policyCommand())
  .addCommand(convertCommand())
  .addCommand(exportInventoryCommand())
  .addCommand(planCommand());

// Whoever reads may have seen enough: `| head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  // It was told already, by the command, which has set the status too.
  if (!(error instanceof CommanderError)) fail(error);
}

function fail(error: unknown): never {
  // What stops a command is for the person who gave it: what, where, what to do. A fault of ours shows its place too.
  const { message, stack } = error as Error;
  process.stderr.write(`${isOwnFault(error) ? String(stack) : message}\n`);
  process.exit(1);
}
