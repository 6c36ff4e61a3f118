/** The one decision of the program: what a session does next. Pure; the engine journals what it says and asks again. */
import { defaultWorkflow } from './default-workflow.ts';
import { percentDone } from './session-view.ts';
import type { Session, SessionState } from './session.ts';
import { takeUpContinued } from './steps/take-up.ts';
import { tidyUp } from './tidy-up.ts';
import { bringsToItsEnd, endingsDue, isAnythingUnderWay } from './under-way.ts';
import { vnfWorkflow } from './vnf-workflow.ts';
import type { Decided, StepResult, Workflow, World } from './workflow.ts';

const workflows: Readonly<Record<Session['request']['workflow'], Workflow>> = {
  default: defaultWorkflow,
  vnf: vnfWorkflow,
};

/** What to journal now, and when to ask again if nothing happens before. */
export interface Decision {
  readonly decided: readonly Decided[];
  /** Milliseconds since 1970. */
  readonly wakeAt?: number;
}

export function decide(session: Session, world: World): Decision {
  if (session.closed) return { decided: [] };
  const { state } = session;
  if (session.deletedAt !== undefined || state === 'MAINTENANCE_DONE' || state === 'MAINTENANCE_FAILED') {
    return toDecision(tidyUp(session, world), session);
  }
  if (session.abortedAt !== undefined) return toDecision(windDown(session, world), session);
  const decision = goOn(session, world);
  return session.paused ? whilePaused(decision, session, world) : decision;
}

/** What the workflow says. */
function goOn(session: Session, world: World): Decision {
  const { state } = session;
  if (state === 'MAINTENANCE_DONE' || state === 'MAINTENANCE_FAILED') return { decided: [] };
  const { steps, next } = workflows[session.request.workflow][state];
  for (const step of [takeUpContinued, ...steps]) {
    const result = step(session, world);
    if (result.kind !== 'done') return toDecision(result, session);
  }
  const transition = next.find(({ when }) => when(session, world));
  if (transition === undefined) throw new Error(`no way leads out of ${state}`);
  return { decided: enter(session, transition.to, transition.reason?.(session, world)) };
}

/** Nothing is begun while an admin pauses the session; what is under way comes to its end. */
function whilePaused({ decided, wakeAt = Infinity }: Decision, session: Session, world: World): Decision {
  // Nobody is told of a state that is not entered.
  const isEntering = decided.some(({ type }) => type === 'state_entered');
  const kept = isEntering ? [] : decided.filter(bringsToItsEnd);
  const next = Math.min(wakeAt, ...endingsDue(session, world));
  return Number.isFinite(next) ? { decided: kept, wakeAt: next } : { decided: kept };
}

/** An admin aborted it: what is under way comes to its end, then the session does. */
function windDown(session: Session, world: World): StepResult {
  const { decided, wakeAt } = whilePaused(goOn(session, world), session, world);
  if (decided.length > 0) return { kind: 'act', decided };
  if (!isAnythingUnderWay(session)) return { kind: 'fail', reason: 'an admin aborted the session' };
  return wakeAt === undefined ? { kind: 'wait' } : { kind: 'wait', until: wakeAt };
}

function toDecision(result: StepResult, session: Session): Decision {
  switch (result.kind) {
    case 'done':
      return { decided: [] };
    case 'wait':
      return result.until === undefined ? { decided: [] } : { decided: [], wakeAt: result.until };
    case 'act':
      return { decided: result.decided };
    case 'fail':
      return { decided: enter(session, 'MAINTENANCE_FAILED', result.reason) };
  }
}

/** Enters a state; whoever follows the session as a whole is told (facts 4.2, `maintenance.session`). */
function enter(session: Session, state: SessionState, reason: string | undefined): readonly Decided[] {
  return [
    { type: 'state_entered', state, ...(reason !== undefined && { reason }) },
    {
      type: 'command',
      command: {
        kind: 'notify_session',
        state,
        percentDone: state === 'MAINTENANCE_DONE' ? 100 : percentDone(session),
      },
    },
  ];
}
