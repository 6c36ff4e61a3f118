/** The server as a program, and the commands around it. */
import { Command } from 'commander';
import { convertCommand } from './cli/convert-command.ts';
import { policyCommand } from './cli/policy-command.ts';
import { serveCommand } from './cli/serve-command.ts';

const program = new Command('fenix-server')
  .description('planned maintenance of an OpenStack cloud')
  .addCommand(serveCommand(), { isDefault: true })
  .addCommand(policyCommand())
  .addCommand(convertCommand());

try {
  await program.parseAsync();
} catch (error) {
  // What stops a command is for the person who gave it: what, where, what to do. A fault of ours shows its place too.
  const isOurs = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  const { message, stack } = error as Error;
  process.stderr.write(`${isOurs ? String(stack) : message}\n`);
  process.exit(1);
}
