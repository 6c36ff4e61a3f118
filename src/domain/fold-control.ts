/** What it does to a session that an admin pauses, resumes or aborts it, or has a host left aside. */
import { mapInstances, mapValues, updateHost } from './change-session.ts';
import type { OpenQuestion, Session, SessionControl } from './session.ts';

export function controlSession(session: Session, control: SessionControl, at: number): Session {
  if (session.endedAt !== undefined || session.deletedAt !== undefined) return session;
  switch (control.kind) {
    case 'pause':
      return session.paused ? session : { ...session, paused: true, pausedAt: at };
    case 'resume':
      return session.paused ? resume(session, at) : session;
    case 'skip_host':
      return updateHost(session, control.host, { skipRequested: true });
    case 'abort':
      return session.abortedAt === undefined ? { ...session, abortedAt: at } : session;
  }
}

/** The pause took nobody's time to reply. */
function resume({ pausedAt, ...session }: Session, at: number): Session {
  const missed = at - (pausedAt ?? at);
  return {
    ...session,
    paused: false,
    resumedAt: at,
    projects: mapValues(session.projects, (project) => putOff(project, missed)),
    instances: mapInstances(session.instances, (instance) => putOff(instance, missed)),
  };
}

function putOff<T extends { readonly question?: OpenQuestion }>(holder: T, milliseconds: number): T {
  const { question } = holder;
  return question?.deliveredAt === undefined || question.answer !== undefined
    ? holder
    : { ...holder, question: { ...question, deliveredAt: question.deliveredAt + milliseconds } };
}
