/** The rows that Fenix's database had (facts 2.4 and 6), each with what we know besides. */
import { pythonRepr } from '../../domain/python-repr.ts';
import { percentDone } from '../../domain/session-view.ts';
import type { Host, Instance, OpenQuestion, Project, Session } from '../../domain/session.ts';
import type { components } from '../../sdk/openapi.ts';
import { fenixTime, optionalTime } from './fenix-time.ts';

type Schemas = components['schemas'];

/** A session in a list. */
export function sessionSummary(session: Session): Schemas['SessionSummary'] {
  return {
    ...sessionRow(session),
    percent_done: percentDone(session),
    failure_reason: session.failure ?? null,
    paused: session.paused,
    aborted_at: optionalTime(session.abortedAt),
  };
}

export function sessionRow(session: Session): Schemas['SessionRow'] {
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

export function hostRow(session: Session, host: Host): Schemas['HostRow'] {
  return {
    id: `${session.id}:${host.name}`,
    session_id: session.id,
    hostname: host.name,
    type: host.type,
    maintained: host.progress === 'maintained',
    disabled: host.closedByUs,
    details: host.serviceId ?? null,
    activity: activityOf(session, host),
    admitted_at: optionalTime(host.admittedAt),
    skip_reason: host.skipReason ?? null,
    maintenance_started_at: optionalTime(host.maintenanceStartedAt),
    maintenance_ended_at: optionalTime(host.maintenanceEndedAt),
    ...rowTimes(session),
  };
}

function activityOf(session: Session, host: Host): Schemas['HostRow']['activity'] {
  return host.progress === 'waiting' && session.visit.host === host.name ? 'being_emptied' : host.progress;
}

export function projectRow(session: Session, project: Project): Schemas['ProjectRow'] {
  return {
    session_id: session.id,
    project_id: project.id,
    state: stateTold(project.question),
    subscribed: project.subscribed ?? null,
    sends: project.question?.sends ?? 0,
    last_reply: project.lastReply?.state ?? null,
    last_reply_at: optionalTime(project.lastReply?.at),
  };
}

/** As Fenix's column: the state that the project was told of, with `ACK_` or `NACK_` once it answered. */
function stateTold(question: OpenQuestion | undefined): string | null {
  if (question === undefined) return null;
  return question.answer === undefined ? question.state : `${question.answer}_${question.state}`;
}

export function instanceRow(session: Session, instance: Instance): Schemas['InstanceRow'] {
  const project = session.projects[instance.projectId];
  return {
    id: `${session.id}:${instance.id}`,
    session_id: session.id,
    instance_id: instance.id,
    instance_name: instance.name,
    project_id: instance.projectId,
    // In the workflow `vnf` the project is told of each instance by itself.
    project_state: stateTold(instance.question ?? project?.question),
    state: instance.state,
    action: instance.action ?? null,
    action_done: instance.actionOutcome === 'done',
    action_outcome: instance.actionOutcome ?? null,
    action_error: instance.actionError ?? null,
    host: instance.host ?? null,
    gone: instance.gone,
    ready_at: optionalTime(instance.question?.readyAt),
    deferred_until: optionalTime(instance.question?.deferredUntil),
    reply_reason: instance.question?.reason ?? null,
    details: null,
    ...rowTimes(session),
  };
}

function rowTimes(session: Session): { created_at: string; updated_at: string } {
  return { created_at: fenixTime(session.createdAt), updated_at: fenixTime(session.updatedAt) };
}
