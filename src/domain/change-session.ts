/** Small changes to a session, each returning a new one. What is not there is left alone. */
import type { CommandRecord } from './command.ts';
import type { Host, Instance, Project, Session } from './session.ts';

/** Something in the cloud changed: earlier looks are out of date. */
export function changed(session: Session): Session {
  return { ...session, changedSequence: session.sequence };
}

export function updateCommand(session: Session, id: string, change: Partial<CommandRecord>): Session {
  const record = session.commands.get(id);
  if (record === undefined) return session;
  return { ...session, commands: new Map(session.commands).set(id, { ...record, ...change }) };
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
  const instance = session.instances[id];
  if (instance === undefined) return session;
  return { ...session, instances: { ...session.instances, [id]: change(instance) } };
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

/** The session with these instances in the place of those of the same ids. */
export function withInstances(session: Session, instances: readonly Instance[]): Session {
  const changed = instances.map((instance): [string, Instance] => [instance.id, instance]);
  return { ...session, instances: { ...session.instances, ...Object.fromEntries<Instance>(changed) } };
}
