import type { MoveBaseline, MoveResult } from '../../domain/cloud.ts';
import { CloudError, type MoveRequest } from '../../engine/ports.ts';
import type { NovaMigration } from './answers.ts';
import { pause } from '../http-client/pause.ts';
import type { Look } from './looks.ts';
import { failureReason, findAction, findMigration, saysNoValidHost } from './move-records.ts';
import type { NovaApi } from './nova-api.ts';
import { readServer, type KnownServer } from './read-servers.ts';

const failedStatuses: ReadonlySet<string> = new Set(['error', 'failed']);
const turnedBackStatuses: ReadonlySet<string> = new Set(['reverted', 'cancelled']);
const doneStatuses: ReadonlySet<string> = new Set([
  'finished',
  'confirming',
  'confirmed',
  'done',
  'completed',
]);

/**
 * One look at a move that Nova has taken on.
 *
 * Nova answers 202 to the call even when no host fits, and then the server is ACTIVE on its old host again without a
 * fault. So the state of the server alone tells nothing while it has no task: its migration must have come to an
 * end, or the action to an error. The server is read first: a migration that is read after it is at least as new.
 * @throws CloudError when the move failed, was turned back, or the instance is gone.
 */
export async function lookAtMove(
  nova: NovaApi,
  move: MoveRequest,
  baseline: MoveBaseline,
  signal: AbortSignal,
): Promise<Look<MoveResult>> {
  const server = await readServer(nova, move.instanceId, signal);
  const { host, vmState, task } = server;
  if (vmState === 'error') throw await failure(nova, { move, server, baseline, signal });
  if (task !== null) return { progress: `${vmState} ${task} ${host ?? ''}` };

  const migration = await findMigration(nova, move, baseline, signal);
  if (migration === undefined) {
    // Without a migration the conductor gave up before it made one, or has not begun yet.
    const action = await findAction(nova, move, baseline, signal);
    if (action?.message === 'Error') throw await failure(nova, { move, server, baseline, signal });
    return { progress: 'taken on' };
  }
  const { status } = migration;
  const progress = { progress: `${vmState} ${host ?? ''} ${status}` };
  if (failedStatuses.has(status) || turnedBackStatuses.has(status)) {
    throw await failure(nova, { move, server, baseline, signal, migration });
  }
  if (host === undefined || host === move.from) return progress;
  // A migration of ours: one that waits for a confirmation after a resize is its owner's to confirm.
  if (vmState === 'resized' && move.action === 'MIGRATE') return { ended: { host, needsConfirmation: true } };
  // The end of a live migration is written a moment after the server runs on its new host, when the old host has
  // cleaned up. Its room there is given back then, and not before: a host that looks empty would still refuse others.
  return doneStatuses.has(status) ? { ended: { host, needsConfirmation: vmState === 'resized' } } : progress;
}

interface FailedMove {
  readonly move: MoveRequest;
  readonly server: KnownServer;
  readonly baseline: MoveBaseline;
  readonly migration?: NovaMigration;
  readonly signal: AbortSignal;
}

/** Nova writes the reason a moment after the state that it explains: pauses before it is looked for again. */
const reasonPauses = [0, 150, 300, 600];

async function failure(nova: NovaApi, failed: FailedMove): Promise<CloudError> {
  const { move, server, migration, signal } = failed;
  const what = describeMove(move, server.name);
  if (migration?.status === 'cancelled')
    return new CloudError('aborted', `${what} was broken off: its migration is cancelled`);
  if (migration !== undefined && turnedBackStatuses.has(migration.status)) {
    return new CloudError(
      'failed',
      `${what} was turned back by somebody: its migration is ${migration.status}`,
    );
  }
  let reason: string | undefined;
  for (const milliseconds of reasonPauses) {
    await pause(milliseconds, signal);
    reason = await reasonOf(nova, failed);
    // A live migration that fails on the compute leaves no reason, in any version of Nova.
    if (reason !== undefined || migration?.status === 'failed') break;
  }
  const state = server.vmState === 'error' ? '; the instance is in ERROR' : '';
  const status = migration === undefined ? '' : `its migration is ${migration.status}; `;
  return new CloudError(
    saysNoValidHost(reason ?? '') ? 'no_valid_host' : 'failed',
    `${what} failed: ${reason ?? `${status}Nova does not say why, the log of nova-compute on ${move.from} may`}${state}`,
  );
}

async function reasonOf(
  nova: NovaApi,
  { move, server, baseline, signal }: FailedMove,
): Promise<string | undefined> {
  if (server.vmState === 'error') {
    const { faultMessage } = await readServer(nova, move.instanceId, signal);
    if (faultMessage !== undefined) return faultMessage;
  }
  const action = await findAction(nova, move, baseline, signal);
  return action && failureReason(nova, move.instanceId, action, signal);
}

/** `cold migration of instance app-1 (3f2c...) from compute-1 to compute-2`, for messages. */
export function describeMove({ instanceId, action, from, target }: MoveRequest, name?: string): string {
  const kind = action === 'MIGRATE' ? 'cold migration' : 'live migration';
  const who = name === undefined || name === '' ? instanceId : `${name} (${instanceId})`;
  return `${kind} of instance ${who} from ${from}${target === undefined ? '' : ` to ${target}`}`;
}
