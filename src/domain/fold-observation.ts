/** What one look at the cloud tells a session. */
import type { CloudObservation, ObservedHost, ObservedInstance } from './cloud.ts';
import type { CommandRecord } from './command.ts';
import type { Host, Instance, Project, Session } from './session.ts';

const nothing = { vcpus: 0, memoryMb: 0, diskGb: 0 };

/**
 * The session after a look. The first one settles which hosts are the session's: those that the admin named, else every
 * compute and controller of the cloud (facts 3.3). Later ones bring hosts, instances and projects up to date.
 */
export function foldObservation(
  session: Session,
  observation: CloudObservation,
  asked: CommandRecord,
): Session {
  const observed = new Map(observation.hosts.map((host) => [host.name, host]));
  const hosts =
    session.hosts.length > 0
      ? session.hosts.map((host) => refreshHost(host, observed.get(host.name)))
      : firstHosts(session.request.hosts, observation.hosts);
  const names = new Set(hosts.map((host) => host.name));
  const instances = refreshInstances(session.instances, observation.instances);
  return {
    ...session,
    hosts,
    otherHosts: observation.hosts
      .filter((host) => host.type === 'compute' && !names.has(host.name))
      .map(newHost),
    instances,
    serverGroups: observation.serverGroups,
    projects: refreshProjects(session.projects, instances, names),
    observedAt: asked.issuedAt,
    observedSequence: asked.sequence,
  };
}

function firstHosts(wanted: readonly string[], observed: readonly ObservedHost[]): Host[] {
  if (wanted.length === 0) return observed.filter((host) => host.type !== 'other').map(newHost);
  const byName = new Map(observed.map((host) => [host.name, host]));
  return wanted.map((name) =>
    newHost(byName.get(name) ?? { name, type: 'other', open: false, up: true, capacity: nothing }),
  );
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

function refreshHost(host: Host, observed: ObservedHost | undefined): Host {
  if (observed === undefined) return host.type === 'other' ? host : { ...host, up: false };
  return {
    ...host,
    up: observed.up,
    open: observed.open,
    capacity: observed.capacity,
    ...(observed.serviceId !== undefined && { serviceId: observed.serviceId }),
  };
}

function refreshInstances(
  known: Session['instances'],
  observed: readonly ObservedInstance[],
): Record<string, Instance> {
  const seen = new Map(observed.map((instance) => [instance.id, instance]));
  const kept = Object.values(known)
    .filter((instance) => !seen.has(instance.id))
    .map(goneInstance);
  const present = observed
    .filter((instance) => instance.host !== undefined || instance.id in known)
    .map((instance) => refreshInstance(known[instance.id], instance));
  return Object.fromEntries([...kept, ...present].map((instance) => [instance.id, instance]));
}

/** An instance that the cloud does not know any more. */
export function goneInstance({ host: _host, ...instance }: Instance): Instance {
  return { ...instance, gone: true };
}

function refreshInstance(known: Instance | undefined, observed: ObservedInstance): Instance {
  const { host: _host, ...rest } = known ?? { attempts: 0 };
  return { ...rest, ...observed, gone: false };
}

function refreshProjects(
  known: Session['projects'],
  instances: Readonly<Record<string, Instance>>,
  hostNames: ReadonlySet<string>,
): Record<string, Project> {
  const projects = { ...known };
  for (const { host, projectId } of Object.values(instances)) {
    if (host !== undefined && hostNames.has(host)) projects[projectId] ??= { id: projectId };
  }
  return projects;
}
