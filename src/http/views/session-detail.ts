/** Everything about a session, in the rows that Fenix's database had (facts 2.4 and 6) and a few of our own. */
import { pythonRepr } from '../../domain/python-repr.ts';
import { percentDone } from '../../domain/session-view.ts';
import type { Host, Instance, Project, Session } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';

type Schemas = components['schemas'];

export function sessionDetail(session: Session): Schemas['SessionDetail'] {
  return {
    session_id: session.id,
    state: session.state,
    percent_done: percentDone(session),
    failure_reason: session.failure ?? null,
    session: sessionRow(session),
    hosts: session.hosts.map((host) => hostRow(session, host)),
    projects: Object.values(session.projects).map((project) => projectRow(session, project)),
    instances: Object.values(session.instances)
      .filter((instance) => session.projects[instance.projectId] !== undefined)
      .map((instance) => instanceRow(session, instance)),
    action_plugins: [],
    action_plugin_instances: [],
  };
}

function sessionRow(session: Session): Schemas['SessionRow'] {
  return {
    session_id: session.id,
    workflow: session.request.workflow,
    state: session.state,
    prev_state: session.previousState ?? null,
    maintenance_at: fenixTime(session.request.maintenanceAt),
    meta: pythonRepr(session.request.metadata),
    ended_at: optionalTime(session.endedAt),
    ...rowTimes(session),
  };
}

function hostRow(session: Session, host: Host): Schemas['HostRow'] {
  return {
    id: `${session.id}:${host.name}`,
    session_id: session.id,
    hostname: host.name,
    type: host.type,
    maintained: host.progress === 'maintained',
    disabled: host.closedByUs,
    details: host.serviceId ?? null,
    activity: activityOf(session, host),
    maintenance_started_at: optionalTime(host.maintenanceStartedAt),
    maintenance_ended_at: optionalTime(host.maintenanceEndedAt),
    ...rowTimes(session),
  };
}

function activityOf(session: Session, host: Host): Schemas['HostRow']['activity'] {
  return host.progress === 'waiting' && session.visit.host === host.name ? 'being_emptied' : host.progress;
}

function projectRow(session: Session, project: Project): Schemas['ProjectRow'] {
  return {
    session_id: session.id,
    project_id: project.id,
    state: projectState(project),
    subscribed: project.subscribed ?? null,
    sends: project.question?.sends ?? 0,
    last_reply: project.lastReply?.state ?? null,
    last_reply_at: optionalTime(project.lastReply?.at),
  };
}

/** As Fenix's column: the state that the project was told of, with `ACK_` or `NACK_` once it answered. */
function projectState({ question }: Project): string | null {
  if (question === undefined) return null;
  return question.answer === undefined ? question.state : `${question.answer}_${question.state}`;
}

function instanceRow(session: Session, instance: Instance): Schemas['InstanceRow'] {
  const project = session.projects[instance.projectId];
  return {
    id: `${session.id}:${instance.id}`,
    session_id: session.id,
    instance_id: instance.id,
    instance_name: instance.name,
    project_id: instance.projectId,
    project_state: project === undefined ? null : projectState(project),
    state: instance.state,
    action: instance.action ?? null,
    action_done: instance.actionOutcome === 'done',
    action_outcome: instance.actionOutcome ?? null,
    action_error: instance.actionError ?? null,
    host: instance.host ?? null,
    gone: instance.gone,
    details: null,
    ...rowTimes(session),
  };
}

function rowTimes(session: Session): { created_at: string; updated_at: string } {
  return { created_at: fenixTime(session.createdAt), updated_at: fenixTime(session.updatedAt) };
}

/** `YYYY-MM-DDTHH:MM:SS.ffffff`, UTC. */
function fenixTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000');
}

function optionalTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : fenixTime(milliseconds);
}
