/** What comes first, whatever the state, when an admin has continued a failed session. */
import { pendingCommands } from '../session-view.ts';
import { done, wait, type Step } from '../workflow.ts';
import { announceSession } from './ask.ts';
import { lookOnEntry, refuseTakenHosts, refuseUnknownHosts, waitForTidyUp } from './look.ts';

/**
 * Takes a continued session up: whoever follows it is told; what was under way when it failed comes to its end; then the
 * cloud is looked at, whose hosts must still be there and nobody else's.
 */
export const takeUpContinued: Step = (session, world) => {
  if (session.previousState !== 'MAINTENANCE_FAILED') return done;
  for (const step of [
    announceSession,
    waitForEarlierCommands,
    waitForTidyUp,
    lookOnEntry,
    refuseUnknownHosts,
    refuseTakenHosts,
  ]) {
    const result = step(session, world);
    if (result.kind !== 'done') return result;
  }
  return done;
};

const waitForEarlierCommands: Step = (session) =>
  pendingCommands(session).some(({ visit }) => visit < session.visit.number) ? wait() : done;
