import { describe, expect, it } from 'vitest';
import { foldSession } from '../../../src/domain/fold-session.ts';
import type { Session } from '../../../src/domain/session.ts';
import { doctorScenario, EngineBench } from '../../support/engine-bench.ts';

/** How many events the journal of an undisturbed session has. */
async function undisturbed(): Promise<number> {
  const bench = new EngineBench();
  doctorScenario(bench);
  await bench.engine.start();
  const sessionId = await bench.open();
  await bench.finish(sessionId);
  return bench.journal.events(sessionId).length;
}

describe('an engine that is killed', () => {
  it('after any event of the journal ends the session all the same, and moves nothing twice', async () => {
    const length = await undisturbed();
    for (let events = 1; events < length; events += 1) {
      const bench = new EngineBench();
      doctorScenario(bench);
      await bench.engine.start();
      const sessionId = await bench.open();
      await bench.clock.runUntil(() => bench.journal.events(sessionId).length >= events);
      await bench.crash();
      await bench.clock.runUntil(() => bench.engine.list().length > 0);
      const session = await bench.finish(sessionId);
      expect({ events, state: session.state, failure: session.failure }).toEqual({
        events,
        state: 'MAINTENANCE_DONE',
        failure: undefined,
      });
      const asked = bench.journal
        .events(sessionId)
        .filter((event) => event.type === 'command_issued' && event.command.kind === 'move_instance');
      expect(bench.cloud.records.filter(({ what }) => what === 'move_started')).toHaveLength(asked.length);
    }
  });

  it('repeats a notification with the message_id that it had', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    bench.brokerAway = true;
    await bench.engine.start();
    const sessionId = await bench.open();
    const issued = () =>
      bench.journal
        .events(sessionId)
        .flatMap((event) =>
          event.type === 'command_issued' && event.command.kind === 'notify_project' ? [event.commandId] : [],
        );
    await bench.clock.runUntil(() => issued().length > 0);
    bench.brokerAway = false;
    await bench.crash();
    await bench.finish(sessionId);
    expect(bench.notices[0]?.messageId).toBe(issued()[0]);
  });
});

describe('the journal', () => {
  it('replays to the session that the engine had', async () => {
    const bench = new EngineBench();
    doctorScenario(bench);
    await bench.engine.start();
    const sessionId = await bench.open();
    const session = await bench.finish(sessionId);
    const replayed = (await bench.journal.read(sessionId)).reduce<Session | undefined>(
      foldSession,
      undefined,
    );
    expect(replayed).toEqual(bench.engine.get(sessionId));
    expect(replayed?.state).toBe(session.state);
  });
});
