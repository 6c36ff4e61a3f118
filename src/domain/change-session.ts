/** Small changes to a session, each returning a new one. What is not there is left alone. */
import type { CommandRecord } from './command.ts';
import { carryOver, type Change } from './kept-index.ts';
import { SharedMap } from './shared-map.ts';
import type { Host, Instance, Project, Session } from './session.ts';

/** Something in the cloud changed: earlier looks are out of date. */
export function changed(session: Session): Session {
  return { ...session, changedSequence: session.sequence };
}

export function updateCommand(session: Session, id: string, change: Partial<CommandRecord>): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  return withCommand(session, { ...record, ...change });
}

/** The session with this record in place of that of the same id, or with one more. */
export function withCommand(session: Session, record: CommandRecord): Session {
  const commands = SharedMap.of(session.commands).with(record.id, record);
  carryOver(session.commands, commands, [{ before: session.commands.get(record.id), after: record }]);
  return { ...session, commands };
}

export function updateHost(session: Session, name: string, change: Partial<Host>): Session {
  return {
    ...session,
    hosts: session.hosts.map((host) => (host.name === name ? { ...host, ...change } : host)),
  };
}

export function updateInstance(
  session: Session,
  id: string,
  change: (instance: Instance) => Instance,
): Session {
  const instance = session.instances.get(id);
  if (instance === undefined) return session;
  return withInstances(session, [change(instance)]);
}

export function updateProject(session: Session, id: string, change: (project: Project) => Project): Session {
  const project = session.projects[id];
  if (project === undefined) return session;
  return { ...session, projects: { ...session.projects, [id]: change(project) } };
}

export function mapValues<V, W>(
  record: Readonly<Record<string, V>>,
  change: (value: V) => W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

export function mapInstances(
  instances: Session['instances'],
  change: (instance: Instance) => Instance,
): Session['instances'] {
  return new Map([...instances].map(([id, instance]) => [id, change(instance)]));
}

/** The session with these instances in the place of those of the same ids. */
export function withInstances(session: Session, instances: readonly Instance[]): Session {
  let next = SharedMap.of(session.instances);
  const changes: Change<Instance>[] = [];
  for (const after of instances) {
    const before = next.get(after.id);
    if (before === undefined || before === after) continue;
    next = next.with(after.id, after);
    changes.push({ before, after });
  }
  if (changes.length === 0) return session;
  carryOver(session.instances, next, changes);
  return { ...session, instances: next };
}
