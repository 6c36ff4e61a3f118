/** Steps that close, maintain and open hosts. */
import type { Command } from '../command.ts';
import { chooseDrain, drainCandidates } from '../drain-order.ts';
import {
  computes,
  hostCommandPending,
  hostInstances,
  isFinished,
  staysClosed,
  visitCommands,
} from '../session-view.ts';
import type { Host, Session } from '../session.ts';
import {
  act,
  commands,
  done,
  fail,
  wait,
  type Decided,
  type Step,
  type StepResult,
  type World,
} from '../workflow.ts';
import { hostNoticePending } from './ask.ts';
import { runHostPlugins } from './plugins.ts';

/** Settles which host is emptied in this visit. */
export const chooseHost: Step = (session) => {
  if (session.visit.host !== undefined || computes(session).every(isFinished)) return done;
  // Where nothing fits by our own reckoning the cloud is asked all the same: it may know better.
  const host = chooseDrain(session)?.host ?? drainCandidates(session)[0]?.name;
  if (host === undefined) return fail('no compute is left to be emptied');
  return refuseDownHost(session, host) ?? act({ type: 'host_chosen', host });
};

function refuseDownHost(session: Session, name: string): StepResult | undefined {
  if (computes(session).some((host) => host.name === name && host.up)) return undefined;
  const carried = hostInstances(session, name);
  if (carried.length === 0) return undefined;
  const instances = carried.map((instance) => `${instance.name} (${instance.id})`).join(', ');
  return fail(
    `host ${name} is down and carries ${instances}: nothing can be moved from it. ` +
      'Bring it back or evacuate them, then continue the session',
  );
}

/** Before the first host is emptied only that one is closed: its instances may go to all the others. */
export const closeChosenHost: Step = (session) =>
  settle(
    session,
    computes(session).filter(({ name, progress }) => name === session.visit.host && progress === 'waiting'),
    computes(session).filter(
      (host) => host.name !== session.visit.host && (host.progress === 'waiting' || isLeftAside(host)),
    ),
  );

const isLeftAside = (host: Host) => host.progress === 'skipped' && !staysClosed(host);

/** Once there are hosts to go to, all hosts that are still to be done are closed, in one go. */
export const closeWaitingHosts: Step = (session) =>
  settle(
    session,
    computes(session).filter(({ progress }) => progress === 'waiting'),
    [],
  );

/** Opens every host that we closed and that is not being maintained. */
export const openAllHosts: Step = (session) =>
  settle(
    session,
    [],
    computes(session).filter((host) => !staysClosed(host)),
  );

/** An admin who continues the session at its end must not pass over hosts that are still to be done. */
export const refuseUnfinishedHosts: Step = (session) => {
  const left = session.hosts.filter((host) => !isFinished(host)).map(({ name }) => name);
  return left.length === 0
    ? done
    : fail(`${left.join(', ')} not maintained: continue the session at START_MAINTENANCE or before`);
};

/** Opens the hosts that are maintained or left aside, and waits until they can take instances. */
export const openMaintainedHosts: Step = (session) =>
  settle(
    session,
    [],
    computes(session).filter((host) => isFinished(host) && !staysClosed(host)),
  );

/** Brings hosts to be closed or open, all at once. A host that somebody else had closed is left as it was found. */
function settle(session: Session, closed: readonly Host[], open: readonly Host[]): StepResult {
  const toClose = closed.filter((host) => host.open && !host.foundClosed && !host.closedByUs);
  const toOpen = open.filter((host) => host.closedByUs);
  const failed = [...visitCommands(session, 'close_host'), ...visitCommands(session, 'open_host')].find(
    ({ error }) => error !== undefined,
  );
  if (failed?.error !== undefined) {
    const verb = failed.command.kind === 'close_host' ? 'closed' : 'opened';
    return fail(`host ${failed.command.host} could not be ${verb}: ${failed.error.message}`);
  }
  const next = [
    ...toClose
      .filter(({ name }) => !hostCommandPending(session, 'close_host', name))
      .flatMap((host) => closing(session, host)),
    ...toOpen.filter(({ name }) => !hostCommandPending(session, 'open_host', name)).flatMap(opening),
  ];
  if (next.length > 0) return commands(next);
  const pending = [...closed, ...open].some(
    ({ name }) =>
      hostCommandPending(session, 'close_host', name) || hostCommandPending(session, 'open_host', name),
  );
  return pending ? wait() : done;
}

/** The command that closes a host, where it has a service to close. */
export function closing(session: Session, { name, serviceId }: Host): readonly Command[] {
  return serviceId === undefined
    ? []
    : [{ kind: 'close_host', host: name, serviceId, reason: `maintenance session ${session.id}` }];
}

/** The command that opens a host, where it has a service to open. */
export function opening({ name, serviceId }: Host): readonly Command[] {
  return serviceId === undefined ? [] : [{ kind: 'open_host', host: name, serviceId }];
}

/**
 * Maintains, one after another, the hosts that can be: controllers and others first, then every empty compute. The
 * infrastructure knows before a host's maintenance begins, and hears when it is over. In between its plug-ins are run.
 */
export const maintainEmptyHosts: Step = (session, { now, settings }) => {
  const running = session.hosts.find(({ progress }) => progress === 'in_maintenance');
  if (running === undefined) {
    const next = nextToMaintain(session);
    if (next === undefined) return done;
    return act(...beginMaintenance(next.name));
  }
  return maintain(session, running, { now, settings });
};

/** Goes on with the maintenance of one host, to its end. A plug-in that failed is told as a failure. */
export function maintain(
  session: Session,
  host: Host,
  { now, settings }: Pick<World, 'now' | 'settings'>,
): StepResult {
  if (hostNoticePending(session, host.name)) return wait();
  const plugins = runHostPlugins(session, host);
  if (plugins.kind !== 'done') return plugins;
  const heldUntil = (host.maintenanceStartedAt ?? now) + settings.hostMaintenanceSeconds * 1000;
  if (now < heldUntil) return wait(heldUntil);
  return act(
    { type: 'host_maintenance_finished', host: host.name },
    { type: 'command', command: { kind: 'notify_host', host: host.name, state: 'MAINTENANCE_COMPLETE' } },
    ...(host.closedByUs ? opening(host) : []).map((command) => ({ type: 'command', command }) as const),
  );
}

/** What begins the maintenance of a host: the infrastructure knows before. */
export function beginMaintenance(host: string): readonly Decided[] {
  return [
    { type: 'host_maintenance_started', host },
    { type: 'command', command: { kind: 'notify_host', host, state: 'IN_MAINTENANCE' } },
  ];
}

function nextToMaintain(session: Session): Host | undefined {
  const waiting = session.hosts.filter(({ progress }) => progress === 'waiting');
  return (
    waiting.find(({ type }) => type === 'controller') ??
    waiting.find(({ type }) => type === 'other') ??
    waiting.find(({ type, name }) => type === 'compute' && hostInstances(session, name).length === 0)
  );
}
