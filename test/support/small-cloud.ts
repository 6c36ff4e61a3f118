/** A cloud that is small enough to tell a story about one instance, and what a session did in it. */
import { expect } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import type { Command } from '../../src/domain/command.ts';
import { EngineBench, type Notice } from './engine-bench.ts';

export interface SmallCloud {
  readonly bench: EngineBench;
  readonly sessionId: string;
}

/**
 * `app-1` alone on `compute-1`, which is therefore emptied first; `app-2` and `app-3` on `compute-2`; room for all of
 * them on either. Beside them `outside`, empty and not of the session, where that is wanted. The session has just been
 * opened.
 */
export async function smallCloud(
  change: ConstructorParameters<typeof EngineBench>[0] = {},
  { withOutside = false } = {},
): Promise<SmallCloud> {
  const bench = new EngineBench(change);
  for (const host of ['compute-1', 'compute-2']) bench.cloud.addHost(host, 4);
  bench.cloud.addInstance('app-1', 'compute-1');
  bench.cloud.addInstance('app-2', 'compute-2');
  bench.cloud.addInstance('app-3', 'compute-2');
  if (withOutside) bench.cloud.addHost('outside', 4);
  await bench.engine.start();
  return { bench, sessionId: await bench.open({ hosts: ['compute-1', 'compute-2'] }) };
}

/** Lets the projects reply with a fallback for every instance, beside the action. */
export function withFallback(bench: EngineBench, fallback: 'MIGRATE' | 'LIVE_MIGRATE'): void {
  bench.answer = async (notice: Notice) => {
    if (notice.state === 'INSTANCE_ACTION_DONE') return;
    const sessionId = String(notice.payload['session_id']);
    const ids = bench.engine.projectInstanceIds(sessionId, notice.projectId);
    const all = <T>(value: T) => Object.fromEntries(ids.map((id) => [id, value]));
    await bench.engine.reply(sessionId, notice.projectId, {
      state: `ACK_${notice.state}`,
      ...(/^(PREPARE|PLANNED)/.test(notice.state) && {
        instanceActions: all(bench.action),
        fallbackActions: all(fallback),
      }),
    });
  };
}

/** Lets time pass until the cloud has taken a move of the instance on. */
export function untilMoving({ bench }: SmallCloud, id = 'app-1'): Promise<void> {
  return bench.clock.runUntil(() => bench.cloud.instances.get(id)?.incoming !== undefined);
}

/** Does something when the projects are asked about the first host, before they reply. */
export function whenPrepared({ bench }: SmallCloud, act: () => void): void {
  const reply = bench.manager;
  let done = false;
  bench.manager = (notice, self) => {
    if (!done && notice.state === 'PREPARE_MAINTENANCE') {
      done = true;
      act();
    }
    return reply(notice, self);
  };
}

/** Runs to the end, which must be the good one. */
export async function finishWell({ bench, sessionId }: SmallCloud): Promise<Session> {
  const session = await bench.finish(sessionId);
  expect({ state: session.state, failure: session.failure }).toEqual({
    state: 'MAINTENANCE_DONE',
    failure: undefined,
  });
  expectNothingHalfMoved(bench);
  return session;
}

/** Runs to the end, which must be the bad one, and until nothing is left to tidy up. @returns the reason */
export async function finishBadly({ bench, sessionId }: SmallCloud): Promise<string> {
  const session = await bench.finish(sessionId);
  expect(session.state).toBe('MAINTENANCE_FAILED');
  await allOpen(bench);
  return session.failure ?? '';
}

export function allOpen(bench: EngineBench): Promise<void> {
  return bench.clock.runUntil(() => [...bench.cloud.hosts.values()].every(({ open }) => open));
}

/** No instance holds room on two hosts, or waits for a confirmation. */
export function expectNothingHalfMoved(bench: EngineBench): void {
  const half = [...bench.cloud.instances.values()].filter(
    ({ source, incoming }) => source !== undefined || incoming !== undefined,
  );
  expect(half).toEqual([]);
}

/** The commands that were journalled about an instance, in order, without what it is about. */
export function commandsAbout({ bench, sessionId }: SmallCloud, id: string): readonly string[] {
  return bench.journal
    .events(sessionId)
    .flatMap((event) => (event.type === 'command_issued' ? [event.command] : []))
    .filter((command) => 'instanceId' in command && command.instanceId === id)
    .map(describe);
}

function describe(command: Command): string {
  return command.kind === 'move_instance' ? command.action : command.kind;
}

/** The instances whose projects were told that an action is done, in order. */
export function toldDone({ bench }: SmallCloud): readonly string[] {
  return bench.notices
    .filter(({ state }) => state === 'INSTANCE_ACTION_DONE')
    .flatMap(({ payload }) => payload['instance_ids'] as readonly string[]);
}
