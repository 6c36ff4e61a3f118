/** The commands around inventories, in this process: what they print, and the status that they exit with. */
import { exportInventoryCommand } from '../../src/cli/export-inventory-command.ts';
import { planCommand } from '../../src/cli/plan-command.ts';
import type { PlanDetail } from '../../src/sdk/index.ts';

/** @throws what the program would print before it exits with 1 */
export async function runExport(
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<{ readonly output: string; readonly told: string }> {
  const seen = { output: '', told: '' };
  const command = exportInventoryCommand({
    env,
    write: (text) => void (seen.output += text),
    complain: (text) => void (seen.told += text),
  });
  await command.parseAsync(args, { from: 'user' });
  return seen;
}

/** @throws what is a fault of the program */
export async function runPlan(
  args: readonly string[],
  input = '',
): Promise<{ readonly output: string; readonly complaints: string; readonly status: number }> {
  const seen = { output: '', complaints: '', status: -1 };
  const command = planCommand(
    {
      env: {},
      readInput: () => Promise.resolve(input),
      write: (text) => void (seen.output += text),
      complain: (text) => void (seen.complaints += text),
      exit: (status) => void (seen.status = status),
    },
    { clock: { now: () => Date.UTC(2026, 10, 1) }, ids: { commandId: () => 'offline' } },
  );
  // In a process of its own the exit comes before this.
  await command.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if ((error as { readonly code?: string }).code?.startsWith('commander.') !== true) throw error;
  });
  return seen;
}

/** What a plan says, apart from its name and date and when the cloud was looked at for it. */
export function answerOf({
  plan_id: _id,
  created_at: _created,
  seen_at: _seen,
  ...answer
}: PlanDetail): Omit<PlanDetail, 'plan_id' | 'created_at' | 'seen_at'> {
  return answer;
}
