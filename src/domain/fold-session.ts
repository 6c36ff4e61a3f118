/**
 * Turns a session's journal into the session, one event at a time. Replay takes the same way: nothing is decided here,
 * so a newer program replays an older journal.
 */
import {
  changed,
  mapInstances,
  mapValues,
  updateCommand,
  updateHost,
  updateProject,
} from './change-session.ts';
import type { CommandRecord } from './command.ts';
import { failCommand, issueCommand, succeedCommand } from './fold-command.ts';
import { answerQuestion, replyCounts } from './reply.ts';
import type { SessionEvent } from './session-event.ts';
import { reportLines, startPlugin } from './fold-plugin.ts';
import { continueSession, jumpClock } from './fold-exceptions.ts';
import { admitHost, skipHost, startMaintenance } from './fold-campaign.ts';
import { registerConstraint, withdrawConstraint } from './fold-constraint.ts';
import { controlSession } from './fold-control.ts';
import { addRetry } from './fold-retry.ts';
import { goneCount, maintainedCount } from './session-view.ts';
import type { Project, Session, SessionState } from './session.ts';
import { isOfUnfinishedMove } from './unfinished-moves.ts';

/** An event with its place in the journal. */
export interface SequencedEvent {
  readonly sequence: number;
  readonly at: number;
  readonly event: SessionEvent;
}

const endStates: ReadonlySet<SessionState> = new Set(['MAINTENANCE_DONE', 'MAINTENANCE_FAILED']);

/**
 * The session after one more event.
 * @throws Error when the first event is not `session_created`, or the sequence has a gap: the journal is damaged.
 */
export function foldSession(session: Session | undefined, entry: SequencedEvent): Session {
  const { event, at, sequence } = entry;
  if (session === undefined) {
    if (event.type !== 'session_created' || sequence !== 1) {
      throw new Error(
        `the journal does not begin with session_created but with ${event.type} at ${sequence}`,
      );
    }
    return newSession(event.sessionId, event.request, at);
  }
  if (sequence !== session.sequence + 1) {
    throw new Error(`session ${session.id}: the journal goes from ${session.sequence} to ${sequence}`);
  }
  return apply({ ...session, sequence, updatedAt: at }, event, at);
}

function newSession(id: string, request: Session['request'], at: number): Session {
  return {
    id,
    sequence: 1,
    request,
    state: 'MAINTENANCE',
    createdAt: at,
    updatedAt: at,
    paused: false,
    closed: false,
    hosts: [],
    otherHosts: [],
    instances: new Map(),
    serverGroups: [],
    projects: {},
    visit: { number: 1, enteredAt: at, changedBefore: 1, goneBefore: 0, maintainedBefore: 0 },
    observedSequence: 0,
    changedSequence: 1,
    commands: new Map(),
    pluginRuns: [],
    constraintsSequence: 0,
    retries: [],
  };
}

function apply(session: Session, event: SessionEvent, at: number): Session {
  switch (event.type) {
    case 'session_created':
      throw new Error(`session ${session.id}: session_created stands in the middle of the journal`);
    case 'state_entered':
      return enterState(session, event.state, at, event.reason);
    case 'phase_entered':
      // Where the visit came from stays known.
      return { ...session, state: event.state };
    case 'host_admitted':
      return admitHost(session, event.host, event.targets, at);
    case 'host_skipped':
      return skipHost(session, event.host, event.reason);
    case 'constraint_registered':
      return registerConstraint(session, event.constraint);
    case 'constraint_withdrawn':
      return withdrawConstraint(session, event);
    case 'session_controlled':
      return controlSession(session, event.control, at);
    case 'host_chosen':
      return { ...session, visit: { ...session.visit, host: event.host } };
    case 'command_issued':
      return issueCommand(session, event.commandId, event.command, at);
    case 'move_baselined':
      return updateCommand(session, event.commandId, { baseline: event.baseline });
    case 'plugin_started':
      return startPlugin(session, event.commandId);
    case 'plugin_reported':
      return reportLines(session, event.commandId, event.lines);
    case 'command_retried':
      return addRetry(session, event, at);
    case 'command_succeeded':
      return succeedCommand(session, event.commandId, event.result, at);
    case 'command_failed':
      return failCommand(session, event.commandId, event.error, at);
    case 'reply_received':
      return takeReply(session, event, at);
    case 'host_maintenance_started':
      return startMaintenance(session, event.host, at);
    case 'host_maintenance_finished':
      return changed(updateHost(session, event.host, { progress: 'maintained', maintenanceEndedAt: at }));
    case 'session_continued':
      return continueSession(session, event.state, at);
    case 'clock_jumped':
      return jumpClock(session, event.milliseconds, at);
    case 'deletion_requested':
      return { ...session, deletedAt: session.deletedAt ?? at };
    case 'session_closed':
      return { ...session, closed: true };
  }
}

function enterState(session: Session, state: SessionState, at: number, reason: string | undefined): Session {
  return {
    ...session,
    state,
    previousState: session.state,
    ...(endStates.has(state) && { endedAt: at }),
    ...(reason !== undefined && { failure: reason }),
    visit: {
      number: session.visit.number + 1,
      enteredAt: at,
      changedBefore: session.changedSequence,
      goneBefore: goneCount(session),
      maintainedBefore: maintainedCount(session),
    },
    // What was asked last stays to be seen when the session is over.
    projects: endStates.has(state)
      ? session.projects
      : mapValues(session.projects, (project) => closeQuestion(session, project)),
    instances: mapInstances(session.instances, ({ question: _question, ...instance }) => ({
      ...instance,
      attempts: 0,
    })),
    commands: new Map([...session.commands].filter(([, record]) => stillMatters(session, record))),
  };
}

/** A project that did not agree to the session is passed over, if the session goes on at all. */
function closeQuestion({ state }: Session, { question, ...project }: Project): Project {
  if (state !== 'MAINTENANCE' || question === undefined || question.answer === 'ACK') return project;
  const unwilling = question.answer === 'NACK' ? `refused ${state}` : `did not reply to ${state} in time`;
  return { ...project, unwilling };
}

/** Unfinished commands, and those of moves that were not brought to their end, outlive the visit that issued them. */
function stillMatters(session: Session, record: CommandRecord): boolean {
  return record.endedAt === undefined || isOfUnfinishedMove(session, record);
}

function takeReply(
  session: Session,
  event: Extract<SessionEvent, { type: 'reply_received' }>,
  at: number,
): Session {
  const counted = replyCounts(session, event);
  const next = updateProject(session, event.projectId, (project) => ({
    ...project,
    lastReply: { state: event.state, at, counted },
  }));
  return counted ? changed(answerQuestion(next, { ...event, at })) : next;
}
