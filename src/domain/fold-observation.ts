/** What one look at the cloud tells a session. */
import { isOverdue, leavesByItself } from './agreed-action.ts';
import type { CloudObservation, ObservedHost, ObservedInstance } from './cloud.ts';
import type { CommandRecord } from './command.ts';
import { withInstances } from './change-session.ts';
import { areSame } from './remembered-for.ts';
import { inheritActions } from './re-instantiation.ts';
import { hostCommandPending, pendingCommands } from './session-view.ts';
import type { Host, Instance, Project, Session } from './session.ts';

/**
 * The session after a look. The first one settles which hosts are the session's: those that the admin named, else every
 * compute and controller of the cloud (facts 3.3). A named one that the cloud does not know is left out: the workflow
 * refuses it. Later looks bring hosts, instances and projects up to date.
 */
export function foldObservation(
  session: Session,
  observation: CloudObservation,
  asked: CommandRecord,
): Session {
  const observed = new Map(observation.hosts.map((host) => [host.name, host]));
  const known = session.hosts.map((host) => refreshHost(session, host, observed.get(host.name), asked));
  const hosts = [...known, ...newHosts(session, observation.hosts)];
  const names = new Set(hosts.map((host) => host.name));
  const others = observation.hosts.filter((host) => host.type === 'compute' && !names.has(host.name));
  const refreshed = refreshInstances(session, observation.instances, asked);
  const { instances } = refreshed;
  return inheritActions(session, {
    ...refreshed,
    hosts: areSame(session.hosts, hosts) ? session.hosts : hosts,
    otherHosts: keepSame(session.otherHosts, others.map(newHost)),
    serverGroups: keepSame(session.serverGroups, observation.serverGroups),
    projects: refreshProjects(session, instances, names),
    observedAt: asked.issuedAt,
    observedSequence: asked.sequence,
  });
}

/** Named hosts that the cloud did not know before too: an admin may bring them and continue the session. */
function newHosts({ request, hosts }: Session, observed: readonly ObservedHost[]): readonly Host[] {
  if (request.hosts.length === 0)
    return hosts.length > 0 ? [] : observed.filter((host) => host.type !== 'other').map(newHost);
  const taken = new Set(hosts.map(({ name }) => name));
  const byName = new Map(observed.map((host) => [host.name, host]));
  return request.hosts
    .filter((name) => !taken.has(name))
    .map((name) => byName.get(name))
    .filter((host) => host !== undefined)
    .map(newHost);
}

function newHost(host: ObservedHost): Host {
  return {
    name: host.name,
    type: host.type,
    ...(host.serviceId !== undefined && { serviceId: host.serviceId }),
    up: host.up,
    open: host.open,
    closedByUs: false,
    foundClosed: host.type === 'compute' && !host.open,
    progress: 'waiting',
    capacity: host.capacity,
  };
}

function refreshHost(
  session: Session,
  host: Host,
  observed: ObservedHost | undefined,
  asked: CommandRecord,
): Host {
  if (observed === undefined) return vanishedHost(host);
  // Closed with another reason than ours: somebody else did it after us, and wants it so.
  const takenOver =
    host.closedByUs &&
    asked.sequence > session.changedSequence &&
    !hostCommandPending(session, 'close_host', host.name) &&
    !observed.open &&
    observed.closedReason?.includes(session.id) === false;
  const seen: Host = {
    ...host,
    up: observed.up,
    // What we did to it since the look was asked for is newer than what was seen.
    open: (host.touchedSequence ?? 0) > asked.sequence ? host.open : observed.open,
    capacity: keepSame(host.capacity, observed.capacity),
    closedByUs: host.closedByUs && !takenOver,
    // Opened by somebody: from here on it is closed and opened as the others.
    foundClosed: takenOver || (host.foundClosed && !observed.open),
    ...(observed.serviceId !== undefined && { serviceId: observed.serviceId }),
  };
  return areSame(Object.values(host), Object.values(seen)) ? host : seen;
}

/** It has no service any more that could be closed or opened; one that comes back may have another. */
function vanishedHost({ serviceId: _serviceId, ...host }: Host): Host {
  return { ...host, up: false, open: false, closedByUs: false };
}

function refreshInstances(
  session: Session,
  observed: readonly ObservedInstance[],
  asked: CommandRecord,
): Session {
  const known = session.instances;
  const moving = underOurHands(session);
  const seen = new Map(observed.map((instance) => [instance.id, instance]));
  const kept = [...known.values()]
    .filter((instance) => !seen.has(instance.id))
    .map((instance) => (instance.gone ? instance : takenAway(instance, asked.issuedAt)));
  const present = observed
    .filter((instance) => instance.host !== undefined || known.has(instance.id))
    .map((instance) => refreshInstance(session, instance, moving, asked));
  const instances = [...kept, ...present];
  const isSameOrder = areSame(
    [...known.keys()],
    instances.map(({ id }) => id),
  );
  if (isSameOrder) return withInstances(session, instances);
  return { ...session, instances: new Map(instances.map((instance) => [instance.id, instance])) };
}

/**
 * One that was asked about and is gone was taken away by its application: its group feels that for a while. An application that
 * came too late for us may have done it since.
 */
function takenAway(instance: Instance, at: number): Instance {
  const gone = goneInstance(instance);
  const mayHaveActed = instance.question !== undefined || isOverdue(instance);
  return mayHaveActed ? { ...gone, operationEndedAt: at } : gone;
}

/** An instance that the cloud does not know any more. */
export function goneInstance({ host: _host, ...instance }: Instance): Instance {
  return { ...instance, gone: true };
}

/**
 * Where an instance is that we are moving, or moved since the look was asked for, we know better than what was seen: hosts
 * are worked on side by side, and a look takes its time.
 */
function refreshInstance(
  session: Session,
  observed: ObservedInstance,
  moving: ReadonlySet<string>,
  asked: CommandRecord,
): Instance {
  const known = session.instances.get(observed.id);
  if (known !== undefined && isAsKnown(known, observed)) return known;
  const { host, ...rest } = known ?? { attempts: 0 };
  const isOld = known !== undefined && (known.touchedSequence ?? 0) > asked.sequence;
  if (isOld || moving.has(observed.id)) {
    return { ...rest, ...observed, gone: false, ...(host !== undefined && { host }) };
  }
  const mayAct = known !== undefined && (isOverdue(known) || leavesByItself(session, known));
  const seen = { ...rest, ...observed, gone: false };
  return mayAct && host !== undefined && observed.host !== host ? actedUnwatched(seen, asked.issuedAt) : seen;
}

/**
 * Its application took it to another host by itself before that was waited for, or when it was not any more: its group feels it
 * from now on. What it was asked was about the host that it has left.
 */
function actedUnwatched(
  { actionError: _error, question: _question, ...instance }: Instance,
  at: number,
): Instance {
  return { ...instance, attempts: 0, actionOutcome: 'done', operationEndedAt: at };
}

function isAsKnown(
  known: Instance,
  { id, name, projectId, host, state, task, size }: ObservedInstance,
): boolean {
  return (
    !known.gone &&
    known.id === id &&
    known.name === name &&
    known.projectId === projectId &&
    known.host === host &&
    known.state === state &&
    known.task === task &&
    known.size.vcpus === size.vcpus &&
    known.size.memoryMb === size.memoryMb &&
    known.size.diskGb === size.diskGb
  );
}

function underOurHands(session: Session): ReadonlySet<string> {
  return new Set(
    pendingCommands(session).flatMap(({ command }) =>
      command.kind === 'move_instance' || command.kind === 'confirm_move' ? [command.instanceId] : [],
    ),
  );
}

function refreshProjects(
  { projects: known, observedAt }: Session,
  instances: Session['instances'],
  hostNames: ReadonlySet<string>,
): Record<string, Project> {
  const projects = { ...known };
  for (const { host, projectId: id } of instances.values()) {
    if (host === undefined || !hostNames.has(host)) continue;
    projects[id] ??= { id, ...(observedAt !== undefined && { hasJoined: true }) };
  }
  return projects;
}

/** What was not changed stays the same object: much is worked out anew where it does not. */
function keepSame<T>(known: T, seen: T): T {
  return JSON.stringify(known) === JSON.stringify(seen) ? known : seen;
}
