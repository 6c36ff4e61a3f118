/** Calls that repeat or contradict others, over the real engine: each has its answer, and the session keeps its mind. */
import { pino } from 'pino';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { AlarmService } from '../../../src/engine/alarm-service.ts';
import { createApp } from '../../../src/http/app.ts';
import { createApis } from '../../../src/http/handlers/index.ts';
import { Policy } from '../../../src/policy/policy.ts';
import type { components } from '../../../src/sdk/openapi.ts';
import { EngineBench } from '../../support/engine-bench.ts';
import { MemoryAlarmStore } from '../../support/memory-alarm-store.ts';
import { publicUrl, type ErrorBody } from './api-under-test.ts';
import { recordAnswers } from './record-answers.ts';

const project = 'project-1';
let bench: EngineBench;
let agent: ReturnType<typeof request.agent>;

beforeEach(async () => {
  bench = new EngineBench();
  for (const host of ['compute-1', 'compute-2', 'compute-3', 'compute-4']) bench.cloud.addHost(host, 4);
  bench.cloud.addInstance('app-1', 'compute-1');
  bench.cloud.addInstance('app-2', 'compute-2');
  // Nobody replies but the test.
  bench.manager = () => undefined;
  await bench.engine.start();
  const alarms = new AlarmService({
    store: new MemoryAlarmStore(),
    clock: bench.clock,
    ids: { commandId: () => 'alarm-1' },
    targetRefusal: () => undefined,
  });
  const { constraints, clock, engine: maintenance, planMaker: plans } = bench;
  const apis = createApis({ maintenance, plans, constraints, alarms, clock, publicUrl }, 'none');
  const options = { maxBodyBytes: 20_000, validateResponses: true };
  const edge = await createApp(apis, { mode: 'none' }, new Policy(), pino({ level: 'silent' }), options);
  agent = request.agent(recordAnswers(edge, ['fenix', 'doctor-g0']));
});

const inAMinute = () => new Date(bench.clock.now() + 60_000).toISOString();
const post = (hosts: readonly string[], maintenance_at = inAMinute()) =>
  agent.post('/v1/maintenance').send({ maintenance_at, hosts });
const codeOf = (response: { body: unknown }) => (response.body as ErrorBody).code;

/** Opens a session on these hosts. @returns its path */
async function open(hosts: readonly string[] = ['compute-1', 'compute-2']): Promise<string> {
  const response = await post(hosts);
  expect(response.status).toBe(200);
  return `/v1/maintenance/${(response.body as { session_id: string }).session_id}`;
}

const stateOf = async (path: string) => ((await agent.get(path)).body as { state: string }).state;
const sessionOf = (path: string) => bench.engine.get(path.split('/')[3] ?? '');
const asked = (path: string, state: string) =>
  bench.clock.runUntil(() =>
    bench.notices.some((notice) => notice.state === state && sessionOf(path).state === state),
  );
const ended = (path: string) => bench.clock.runUntil(() => sessionOf(path).endedAt !== undefined);
const replyWith = (path: string, state: string) => agent.put(`${path}/${project}`).send({ state });

describe('a reply', () => {
  it('of ACK and then of NACK counts as it was first', async () => {
    const path = await open();
    await asked(path, 'MAINTENANCE');
    expect((await replyWith(path, 'ACK_MAINTENANCE')).status).toBe(200);
    expect((await replyWith(path, 'NACK_MAINTENANCE')).status).toBe(200);
    await asked(path, 'PREPARE_MAINTENANCE');
    expect(await stateOf(path)).toBe('PREPARE_MAINTENANCE');
  });

  it('of NACK and then of ACK ends the session', async () => {
    const path = await open();
    await asked(path, 'MAINTENANCE');
    expect((await replyWith(path, 'NACK_MAINTENANCE')).status).toBe(200);
    await ended(path);
    expect((await replyWith(path, 'ACK_MAINTENANCE')).status).toBe(200);
    expect(await stateOf(path)).toBe('MAINTENANCE_FAILED');
    expect(sessionOf(path).failure).toContain('refused');
  });

  it('after the end of the session is taken, and after its deletion not found', async () => {
    const path = await open();
    await asked(path, 'MAINTENANCE');
    await replyWith(path, 'NACK_MAINTENANCE');
    await ended(path);
    for (const word of ['ACK_PLANNED_MAINTENANCE', 'NACK_MAINTENANCE', 'ACK_INSTANCE_ACTION_DONE']) {
      expect((await replyWith(path, word)).status).toBe(200);
    }
    expect((await agent.delete(path)).status).toBe(200);
    const late = await replyWith(path, 'ACK_MAINTENANCE');
    expect([late.status, codeOf(late)]).toEqual([404, 'session_not_found']);
  });

  it('of a project that the session has not seen yet is not found', async () => {
    const path = await open();
    const early = await agent.put(`${path}/nobody`).send({ state: 'ACK_MAINTENANCE' });
    expect([early.status, codeOf(early)]).toEqual([404, 'project_not_in_session']);
  });
});

describe('a session', () => {
  it('that is deleted twice is found once', async () => {
    const path = await open();
    const both = await Promise.all([agent.delete(path), agent.delete(path)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 404]);
    expect((await agent.get(`${path}/detail`)).status).toBe(404);
    expect((await agent.put(path).send({})).status).toBe(404);
    expect((await agent.get('/v1/maintenance')).body).toMatchObject({ sessions: [] });
  });

  it('is not continued while it runs, is continued once when it failed, and not after that', async () => {
    const path = await open();
    const running = await agent.put(path).send({});
    expect([running.status, codeOf(running)]).toEqual([409, 'session_not_failed']);
    await asked(path, 'MAINTENANCE');
    await replyWith(path, 'NACK_MAINTENANCE');
    await ended(path);
    const first = await agent.put(path).send({});
    const second = await agent.put(path).send({ state: 'START_MAINTENANCE' });
    expect([first.status, second.status, codeOf(second)]).toEqual([200, 409, 'session_not_failed']);
    expect(first.body).toMatchObject({ state: 'MAINTENANCE', maintenance: `${publicUrl}${path}` });
    expect(await stateOf(path)).toBe('MAINTENANCE');
  });

  it('is opened once for a host, and again when the first has ended', async () => {
    const path = await open(['compute-1']);
    const second = await post(['compute-1', 'compute-3']);
    expect([second.status, codeOf(second)]).toEqual([409, 'host_in_session']);
    expect((second.body as ErrorBody).message).toContain('compute-1');
    expect((second.body as ErrorBody).message).not.toContain('compute-3');
    expect((await agent.delete(path)).status).toBe(200);
    await bench.clock.runUntil(
      () => bench.journal.events(path.split('/')[3] ?? '').at(-1)?.type === 'session_closed',
    );
    expect((await post(['compute-1'])).status).toBe(200);
  });

  it('of hosts that nobody knows is not opened', async () => {
    const response = await post(['compute-1', 'compute-9']);
    expect([response.status, codeOf(response)]).toEqual([422, 'unknown_host']);
    expect((response.body as ErrorBody).message).toContain('compute-9');
    expect((await agent.get('/v1/maintenance')).body).toMatchObject({ sessions: [] });
  });

  it('is one too many when three run; one that has ended does not count', async () => {
    const path = await open(['compute-1']);
    await open(['compute-3']);
    await open(['compute-4']);
    const fourth = await post(['compute-2']);
    expect([fourth.status, (fourth.body as ErrorBody).error]).toEqual([509, 'Too many sessions']);
    await asked(path, 'MAINTENANCE');
    await replyWith(path, 'NACK_MAINTENANCE');
    await ended(path);
    expect((await post(['compute-2'])).status).toBe(200);
    const back = await agent.put(path).send({});
    expect([back.status, codeOf(back)]).toEqual([509, 'too_many_sessions']);
  });
});

describe("an admin's word", () => {
  const say = (path: string, word: string, body: object = {}) => agent.post(`${path}/${word}`).send(body);
  const detailOf = async (path: string) =>
    (await agent.get(`${path}/detail`)).body as components['schemas']['SessionDetail'];

  it('may be said twice, and taken back', async () => {
    const path = await open();
    await asked(path, 'MAINTENANCE');
    for (const [word, paused] of [
      ['pause', true],
      ['pause', true],
      ['resume', false],
      ['resume', false],
    ] as const) {
      const response = await say(path, word);
      expect(response.status).toBe(200);
      expect(response.body).toMatchObject({ paused });
      const shown = await detailOf(path);
      expect([shown.paused, shown.paused_at !== null]).toEqual([paused, paused]);
    }
  });

  it('to abort is kept by a session that is paused, and is the last one', async () => {
    const path = await open();
    await asked(path, 'MAINTENANCE');
    await say(path, 'pause');
    const aborted = (await say(path, 'abort')).body as components['schemas']['SessionDetail'];
    expect(aborted.aborted_at).not.toBeNull();
    await ended(path);
    expect(await stateOf(path)).toBe('MAINTENANCE_FAILED');
    for (const word of ['pause', 'resume', 'abort']) {
      const late = await say(path, word);
      expect([late.status, codeOf(late)]).toEqual([409, 'session_not_running']);
    }
    const skip = await say(path, 'skip-host', { host: 'compute-1' });
    expect([skip.status, codeOf(skip)]).toEqual([409, 'session_not_running']);
  });

  it('to skip a host is for one of the session', async () => {
    const path = await open();
    await asked(path, 'MAINTENANCE');
    const other = await say(path, 'skip-host', { host: 'compute-3' });
    expect([other.status, codeOf(other)]).toEqual([422, 'host_not_in_session']);
    expect((other.body as ErrorBody).message).toBe('The session has no host compute-3.');
    for (const _time of ['first', 'second']) {
      expect((await say(path, 'skip-host', { host: 'compute-1' })).status).toBe(200);
    }
  });

  it('is not for a session that was deleted', async () => {
    const path = await open();
    await agent.delete(path);
    for (const [word, body] of [
      ['pause', {}],
      ['resume', {}],
      ['abort', {}],
      ['skip-host', { host: 'compute-1' }],
    ] as const) {
      const response = await say(path, word, body);
      expect([response.status, codeOf(response)]).toEqual([404, 'session_not_found']);
    }
  });
});
