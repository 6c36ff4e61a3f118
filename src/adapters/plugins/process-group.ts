import { setTimeout as pause } from 'node:timers/promises';

/** Between SIGTERM and SIGKILL. */
const graceMilliseconds = 5_000;
/** How long a group that got SIGKILL is waited for: one that hangs in the kernel may never go. */
const goneMilliseconds = 1_000;
const lookMilliseconds = 20;

/**
 * Ends all processes of a group (its id is the pid of the process that leads it): SIGTERM, and SIGKILL for what is left
 * 5 s later. Returns when they are gone.
 */
export async function endGroup(group: number): Promise<void> {
  if (!signalGroup(group, 'SIGTERM') || (await isGone(group, graceMilliseconds))) return;
  signalGroup(group, 'SIGKILL');
  await isGone(group, goneMilliseconds);
}

async function isGone(group: number, withinMilliseconds: number): Promise<boolean> {
  for (let waited = 0; waited < withinMilliseconds; waited += lookMilliseconds) {
    if (!signalGroup(group, 0)) return true;
    await pause(lookMilliseconds);
  }
  return false;
}

/** False when nobody is left to get it. Processes of another user (`sudo`) are left, but do not take it. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
