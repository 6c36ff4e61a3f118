import { CloudError } from '../../engine/ports.ts';
import { answerText, refusalOf } from '../http-client/cloud-error.ts';
import { migrationsSchema } from './answers.ts';
import type { NovaApi } from './nova-api.ts';

/** A live migration in these statuses waits for its turn: Nova before 2.65 breaks it off only once it runs. */
const waitingStatuses: ReadonlySet<string> = new Set(['queued', 'preparing']);

/**
 * Asks Nova to break off the live migration that is under way (2.24, and 2.65 for one that is still queued). None under
 * way, or none any more, is as good. That it ended is seen by whoever watches the move.
 * @throws CloudError; `busy` when it cannot be broken off yet.
 */
export async function abortMove(nova: NovaApi, instanceId: string, signal: AbortSignal): Promise<void> {
  const what = `breaking off the live migration of instance ${instanceId}`;
  const path = `/servers/${encodeURIComponent(instanceId)}/migrations`;
  const found = await nova.find(path, migrationsSchema, `the migrations of instance ${instanceId}`, signal);
  for (const { id, status } of found?.migrations ?? []) {
    const asked = { service: 'Nova', what, repeatable: true };
    const answer = await nova.call({ method: 'DELETE', path: `${path}/${id}`, signal }, asked);
    // 404: the instance is gone, or the migration is not its own (any more).
    if (answer.status === 202 || answer.status === 404) continue;
    const text = answerText(answer.body);
    // 400: the migration is not in a status in which it can be broken off; it is past that, or not there yet.
    if (answer.status === 400 && !waitingStatuses.has(status)) continue;
    // 409: the instance has no live migration any more: it has just come to its end.
    if (answer.status === 409 && text.includes('while it is in task_state')) continue;
    if (answer.status === 400 || answer.status === 409) throw new CloudError('busy', `${what}: ${text}`);
    throw refusalOf(answer, asked);
  }
}
