/** Takes an inventory: sees the cloud, the limits and the alarms as a session would. */
import type { Constraint, ConstraintKind } from '../domain/constraint.ts';
import { durationsBy, measured } from '../domain/durations.ts';
import { foldSession } from '../domain/fold-session.ts';
import type { Session } from '../domain/session.ts';
import type { WorkflowSettings } from '../domain/settings.ts';
import type { Durations } from '../domain/workflow.ts';
import type { Clock, Cloud, ConstraintStore, Journal, Notifier } from '../engine/ports.ts';
import type { Inventory } from './inventory.ts';
import { rowsById } from './rows-by-id.ts';

export interface InventorySources {
  readonly cloud: Pick<Cloud, 'observe'>;
  readonly constraints: Pick<ConstraintStore, 'find' | 'list'>;
  readonly notifier: Pick<Notifier, 'subscribedProjects'>;
  readonly journal: Pick<Journal, 'openSessionIds' | 'read'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: WorkflowSettings;
  /** Told what was done, in words. */
  readonly report: (line: string) => void;
}

/** @throws CloudError, or whatever a port throws; the signal's reason when it aborts */
export async function takeInventory(sources: InventorySources, signal: AbortSignal): Promise<Inventory> {
  const { cloud, constraints, notifier, clock, settings, report } = sources;
  const takenAt = clock.now();
  const observation = await cloud.observe(signal);
  const { hosts, instances, serverGroups } = observation;
  report(
    [
      count(hosts.length, 'host'),
      count(instances.length, 'instance'),
      count(serverGroups.length, 'server group'),
    ].join(', '),
  );
  const instanceConstraints = (await allConstraints(constraints, 'instance')).filter(
    (row) => row.kind === 'instance',
  );
  const instanceGroupConstraints = (await allConstraints(constraints, 'instance_group')).filter(
    (row) => row.kind === 'instance_group',
  );
  report(
    `limits registered for ${count(instanceConstraints.length, 'instance')} and ${count(instanceGroupConstraints.length, 'instance group')}`,
  );
  const projectIds = [...new Set(instances.map(({ projectId }) => projectId))];
  const subscribedProjects = await notifier.subscribedProjects(projectIds, signal);
  report(
    `alarms for maintenance.scheduled in ${subscribedProjects.length} of ${count(projectIds.length, 'project')}`,
  );
  const durations = await learnedDurations(sources);
  report(
    `maintenance of ${count(Object.keys(durations.hosts).length, 'host')} was measured by earlier sessions; any other is taken to last ${durations.hostSeconds} s, a move ${durations.moveSeconds} s`,
  );
  return {
    takenAt,
    ...observation,
    instanceConstraints,
    instanceGroupConstraints,
    subscribedProjects,
    durations,
    settings,
  };
}

const rowsPerPage = 1000;

/** All rows; those of one id, which several projects may have written, in the order in which the planning finds them. */
async function allConstraints(
  store: InventorySources['constraints'],
  kind: ConstraintKind,
): Promise<readonly Constraint[]> {
  const rows: Constraint[] = [];
  for (;;) {
    const last = rows.at(-1);
    const marker = last && { projectId: last.projectId, id: last.id };
    const page = await store.list(kind, { limit: rowsPerPage, ...(marker && { marker }) });
    rows.push(...page);
    if (page.length < rowsPerPage) break;
  }
  const ordered: Constraint[] = [];
  for (const [id, ofOneId] of rowsById(rows)) {
    ordered.push(...(ofOneId.length === 1 ? ofOneId : await store.find(kind, [id])));
  }
  return ordered;
}

/** As a server would that starts now (`MaintenanceEngine.durations`). */
async function learnedDurations({ journal, settings }: InventorySources): Promise<Durations> {
  const learned = [];
  for (const id of await journal.openSessionIds()) {
    const session = (await journal.read(id)).reduce<Session | undefined>(foldSession, undefined);
    if (session !== undefined) learned.push(measured(session));
  }
  return durationsBy(learned, settings);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
