/** Nova's records of what was done to a server: instance actions (what was asked) and migrations (what came of it). */
import type { MoveAction, MoveBaseline } from '../../domain/cloud.ts';
import { CloudError, type MoveRequest } from '../../engine/ports.ts';
import {
  actionEventsSchema,
  actionsSchema,
  migrationsSchema,
  type NovaAction,
  type NovaMigration,
} from './answers.ts';
import { microversions } from './microversion.ts';
import type { NovaApi } from './nova-api.ts';

/** Enough to find a move among what others did to the server since the baseline. */
const recordsRead = 20;

const actionNames: Record<MoveAction, string> = { MIGRATE: 'migrate', LIVE_MIGRATE: 'live-migration' };
const migrationTypes: Record<MoveAction, string> = { MIGRATE: 'migration', LIVE_MIGRATE: 'live-migration' };

const keyOf = ({ request_id, start_time }: NovaAction) => `${request_id} ${start_time}`;

/**
 * Where both records stand now, read at the same time: a move waits for this.
 * @throws CloudError; `instance_gone` when Nova does not know the instance.
 */
export async function readBaseline(
  nova: NovaApi,
  instanceId: string,
  signal: AbortSignal,
): Promise<MoveBaseline> {
  const [actions, migrations] = await Promise.all([
    readActions(nova, instanceId, 1, signal),
    readMigrations(nova, instanceId, 1, signal),
  ]);
  const [action] = actions;
  const [migration] = migrations;
  return {
    newestAction: action ? keyOf(action) : null,
    newestMigration: migration ? String(migration.id) : null,
  };
}

/** The newest migration of the move's kind since the baseline. @throws CloudError */
export async function findMigration(
  nova: NovaApi,
  { instanceId, action }: MoveRequest,
  { newestMigration }: MoveBaseline,
  signal: AbortSignal,
): Promise<NovaMigration | undefined> {
  const migrations = await readMigrations(nova, instanceId, recordsRead, signal);
  return migrations.find(
    ({ id, migration_type }) =>
      migration_type === migrationTypes[action] && (newestMigration === null || id > Number(newestMigration)),
  );
}

/** The newest action of the move's kind since the baseline. @throws CloudError */
export async function findAction(
  nova: NovaApi,
  { instanceId, action }: MoveRequest,
  { newestAction }: MoveBaseline,
  signal: AbortSignal,
): Promise<NovaAction | undefined> {
  const actions = await readActions(nova, instanceId, recordsRead, signal);
  const known =
    newestAction === null ? -1 : actions.findIndex((candidate) => keyOf(candidate) === newestAction);
  const since = known === -1 ? actions : actions.slice(0, known);
  return since.find((candidate) => candidate.action === actionNames[action]);
}

/**
 * Why an action failed, in Nova's words; undefined when its events do not tell.
 * @throws CloudError
 */
export async function failureReason(
  nova: NovaApi,
  instanceId: string,
  { request_id }: NovaAction,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = `${actionsPath(instanceId)}/${encodeURIComponent(request_id)}`;
  const found = await nova.find(path, actionEventsSchema, `the events of ${request_id}`, signal);
  const failed = found?.instanceAction.events.filter(({ result }) => result === 'Error') ?? [];
  for (const { details, traceback } of failed) {
    if (details) return details;
    // Before 2.84 there are no details; the traceback names the exception.
    if (traceback?.includes('NoValidHost')) return 'No valid host was found';
  }
  return failed.length === 0 ? undefined : `${failed.map(({ event }) => event).join(', ')} failed`;
}

/** Does Nova say that there was nowhere to go? */
export function saysNoValidHost(reason: string): boolean {
  return /no valid host|exhausted all hosts|exceeded max scheduling/i.test(reason);
}

const actionsPath = (instanceId: string) => `/servers/${encodeURIComponent(instanceId)}/os-instance-actions`;

/** Newest first. */
async function readActions(
  nova: NovaApi,
  instanceId: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly NovaAction[]> {
  const paged = (await nova.microversion(signal)) >= microversions.pagedActions;
  const path = `${actionsPath(instanceId)}${paged ? `?limit=${limit}` : ''}`;
  const found = await nova.find(path, actionsSchema, `the actions of instance ${instanceId}`, signal);
  if (found === undefined)
    throw new CloudError('instance_gone', `instance ${instanceId} does not exist (any more)`);
  return found.instanceActions;
}

/** What came of the newest moves of a server, newest first. @throws CloudError */
export async function readMigrations(
  nova: NovaApi,
  instanceId: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly NovaMigration[]> {
  const paged = (await nova.microversion(signal)) >= microversions.pagedMigrations;
  const query = new URLSearchParams({ instance_uuid: instanceId, ...(paged && { limit: String(limit) }) });
  const what = `the migrations of instance ${instanceId}`;
  const { migrations } = await nova.get(`/os-migrations?${query.toString()}`, migrationsSchema, what, signal);
  return [...migrations].sort((a, b) => b.id - a.id);
}
