import { CloudError } from '../../engine/ports.ts';
import { answerText, refusalOf } from '../http-client/cloud-error.ts';
import { migrationsSchema } from './answers.ts';
import { lookUntilEnded, type LookPauses } from './looks.ts';
import type { NovaApi } from './nova-api.ts';
import { readServer } from './read-servers.ts';

/**
 * Confirms a cold migration and waits until the server has left VERIFY_RESIZE: it stays there a while after Nova's 204.
 * The site's own confirmation (`resize_confirm_window`) or somebody else's may have come first, which is as good. Not
 * to be called twice at the same time for one instance: of two simultaneous confirmations Nova 26 accepts both, and
 * the second puts the instance into ERROR (an AttributeError in the compute's `_confirm_resize`).
 * @throws CloudError; `failed` when the migration was turned back instead.
 */
export async function confirmMove(
  nova: NovaApi,
  instanceId: string,
  pauses: LookPauses,
  signal: AbortSignal,
): Promise<void> {
  const what = `the confirmation of the migration of instance ${instanceId}`;
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
  if (!byUs && (await newestStatus(nova, instanceId, signal)) === 'reverted') {
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

async function newestStatus(
  nova: NovaApi,
  instanceId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = new URLSearchParams({ instance_uuid: instanceId });
  const path = `/os-migrations?${query.toString()}`;
  const { migrations } = await nova.get(
    path,
    migrationsSchema,
    `the migrations of instance ${instanceId}`,
    signal,
  );
  return migrations.reduce<(typeof migrations)[number] | undefined>(
    (newest, migration) => (newest === undefined || migration.id > newest.id ? migration : newest),
    undefined,
  )?.status;
}
