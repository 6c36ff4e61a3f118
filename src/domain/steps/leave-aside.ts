/** What an admin wants left aside, while it waits (issue 4, part 3). */
import { act, done, type Step } from '../workflow.ts';

/** Why a host was left aside that nobody had anything against but an admin. For people. */
export const adminsWord = 'an admin had it left aside';

/** Leaves aside the waiting hosts that an admin named; one that is being emptied already is not among them. */
export const leaveAside: Step = ({ hosts, visit }) => {
  const wanted = hosts.filter(
    ({ name, progress, skipRequested }) =>
      skipRequested === true && progress === 'waiting' && name !== visit.host,
  );
  return wanted.length === 0
    ? done
    : act(...wanted.map(({ name }) => ({ type: 'host_skipped' as const, host: name, reason: adminsWord })));
};
