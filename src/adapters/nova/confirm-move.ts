import { CloudError } from '../../engine/ports.ts';
import { answerText, refusalOf } from '../http-client/cloud-error.ts';
import type { NovaMigration } from './answers.ts';
import { lookUntilEnded, type LookPauses } from './looks.ts';
import { readMigrations } from './move-records.ts';
import type { NovaApi } from './nova-api.ts';
import { readServer } from './read-servers.ts';

/** Enough to see what was done to the server since our move. */
const recordsRead = 5;

/**
 * Confirms a cold migration and waits until the server has left VERIFY_RESIZE: it stays there a while after Nova's 204.
 * The site's own confirmation (`resize_confirm_window`) or somebody else's may have come first, which is as good. Not
 * to be called twice at the same time for one instance: of two simultaneous confirmations Nova 26 accepts both, and
 * the second puts the instance into ERROR (an AttributeError in the compute's `_confirm_resize`). A resize is never
 * confirmed: that is its owner's decision.
 * @throws CloudError; `failed` when the migration was turned back instead.
 */
export async function confirmMove(
  nova: NovaApi,
  instanceId: string,
  pauses: LookPauses,
  signal: AbortSignal,
): Promise<void> {
  const what = `the confirmation of the migration of instance ${instanceId}`;
  const records = await readMigrations(nova, instanceId, recordsRead, signal);
  if (records[0]?.migration_type === 'resize') {
    // Ours is over: its owner could not have begun a resize before.
    checkNotReverted(records, what);
    return;
  }
  const byUs = await askToConfirm(nova, instanceId, what, signal);
  await lookUntilEnded(
    async () => {
      const { vmState, task, faultMessage } = await readServer(nova, instanceId, signal);
      if (vmState === 'error') {
        throw new CloudError(
          'failed',
          `${what} failed: ${faultMessage ?? 'no reason given'}; the instance is in ERROR`,
        );
      }
      const ended = vmState !== 'resized' && task === null;
      return ended ? { ended: undefined } : { progress: `${vmState} ${task ?? ''}` };
    },
    pauses,
    signal,
  );
  if (!byUs) checkNotReverted(await readMigrations(nova, instanceId, recordsRead, signal), what);
}

/** @throws CloudError when the newest migration was turned back */
function checkNotReverted(newestFirst: readonly NovaMigration[], what: string): void {
  const newest = newestFirst.find(({ migration_type }) => migration_type !== 'resize');
  if (newest?.status === 'reverted') {
    throw new CloudError('failed', `${what}: the migration was turned back by somebody`);
  }
}

/** False when there was nothing (left) to confirm. */
async function askToConfirm(
  nova: NovaApi,
  instanceId: string,
  what: string,
  signal: AbortSignal,
): Promise<boolean> {
  const asked = { service: 'Nova', what, repeatable: true };
  const path = `/servers/${encodeURIComponent(instanceId)}/action`;
  const answer = await nova.call({ method: 'POST', path, body: { confirmResize: null }, signal }, asked);
  if (answer.status === 204) return true;
  if (answer.status === 404)
    throw new CloudError('instance_gone', `${what}: the instance does not exist (any more)`);
  const text = answerText(answer.body);
  // Not in VERIFY_RESIZE (any more).
  if (answer.status === 409 && text.includes('while it is in')) return false;
  // A confirmation is on its way.
  if (answer.status === 400 && text.includes('has not been resized')) return false;
  // The compute that it comes from is down just now.
  if (answer.status === 409 && /unavailable/i.test(text))
    throw new CloudError('unavailable', `${what}: ${text}`);
  throw refusalOf(answer, asked);
}
