import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ack,
  ackFrom,
  createMaintenanceClient,
  defer,
  instanceIds,
  isMoveQuestion,
  isQuestion,
  nack,
  parseAlarm,
  reply,
  type MaintenanceClient,
  type MoveQuestion,
  type PlainQuestion,
} from '../../../src/sdk/index.ts';
import { alarmBody, StubMaintenanceServer } from './stub-maintenance-server.ts';

describe('a reply', () => {
  let stub: StubMaintenanceServer;
  let client: MaintenanceClient;
  beforeEach(async () => {
    stub = await StubMaintenanceServer.start();
    client = createMaintenanceClient({ endpoint: `${stub.url}/v1`, token: 'a-token' });
  });
  afterEach(() => stub.stop());

  const projectUrl = () => `${stub.url}/v1/maintenance/session/project`;
  const parse = (state: string, traits: Record<string, unknown>) =>
    parseAlarm(alarmBody({ state, traits: { reply_url: projectUrl(), ...traits } }, 'project'));

  function plain(state: string): PlainQuestion {
    const notification = parse(state, { instance_ids: projectUrl() });
    if (!isQuestion(notification) || isMoveQuestion(notification)) throw new Error('not a plain question');
    return notification;
  }
  function move(traits: Record<string, unknown>): MoveQuestion {
    const notification = parse('PLANNED_MAINTENANCE', {
      allowed_actions: ['MIGRATE', 'OWN_ACTION'],
      ...traits,
    });
    if (!isQuestion(notification) || !isMoveQuestion(notification)) throw new Error('not a move');
    return notification;
  }

  it('acknowledges or refuses with the name of the state', async () => {
    await reply(client, plain('SCALE_IN'), ack(plain('SCALE_IN')));
    await reply(client, plain('MAINTENANCE'), nack(plain('MAINTENANCE')));
    expect(stub.calls).toEqual([
      {
        method: 'PUT',
        path: '/v1/maintenance/session/project',
        token: 'a-token',
        body: { state: 'ACK_SCALE_IN' },
      },
      {
        method: 'PUT',
        path: '/v1/maintenance/session/project',
        token: 'a-token',
        body: { state: 'NACK_MAINTENANCE' },
      },
    ]);
  });

  it('names an action for each instance that the URL tells', async () => {
    stub.instanceIds = ['i1', 'i2'];
    const question = move({ instance_ids: projectUrl() });
    expect(await instanceIds(client, question)).toEqual(['i1', 'i2']);
    expect(ack(question, { i1: 'MIGRATE', i2: 'OWN_ACTION' })).toEqual({
      state: 'ACK_PLANNED_MAINTENANCE',
      instance_actions: { i1: 'MIGRATE', i2: 'OWN_ACTION' },
    });
  });

  it('names the action of the one instance that is asked for by itself', async () => {
    const question = move({ instance_ids: ['i1'], reply_url: `${projectUrl()}/i1` });
    expect(await instanceIds(client, question)).toEqual(['i1']);
    const body = ack(question, { i1: 'OWN_ACTION' });
    expect(body).toEqual({ state: 'ACK_PLANNED_MAINTENANCE', instance_action: 'OWN_ACTION' });
    await reply(client, question, body);
    expect(stub.calls).toMatchObject([{ path: '/v1/maintenance/session/project/i1', body }]);
    expect(() => ack(question, { i2: 'OWN_ACTION' })).toThrow('no action is given for instance i1');
  });

  it('agrees from a time on', () => {
    const question = move({ instance_ids: ['i1'], reply_url: `${projectUrl()}/i1` });
    const readyAt = new Date(Date.UTC(2026, 10, 3, 2, 31, 30));
    expect(ackFrom(question, readyAt, { i1: 'MIGRATE' })).toEqual({
      state: 'ACK_PLANNED_MAINTENANCE',
      instance_action: 'MIGRATE',
      ready_at: '2026-11-03T02:31:30.000Z',
    });
    expect(() => ackFrom(question, readyAt, {})).toThrow('no action is given for instance i1');
    expect(() => ackFrom(question, new Date('soon'), { i1: 'MIGRATE' })).toThrow('readyAt is no time');
  });

  it('puts the answer off', () => {
    const question = move({ instance_ids: ['i1'], reply_url: `${projectUrl()}/i1` });
    const state = 'NACK_PLANNED_MAINTENANCE';
    expect(defer(question, 120)).toEqual({ state, defer_seconds: 120 });
    expect(defer(question, 1, 'Switching over.')).toEqual({
      state,
      defer_seconds: 1,
      reason: 'Switching over.',
    });
    for (const seconds of [0, -1, 0.5, Number.NaN]) {
      expect(() => defer(question, seconds)).toThrow(`not by ${seconds}`);
    }
  });

  it('refuses with a reason', () => {
    expect(nack(plain('MAINTENANCE'), 'Not today.')).toEqual({
      state: 'NACK_MAINTENANCE',
      reason: 'Not today.',
    });
  });

  it('is not built with an action that is not allowed', () => {
    const question = move({ instance_ids: projectUrl() });
    expect(() => ack(question, { i1: 'LIVE_MIGRATE' })).toThrow(
      'LIVE_MIGRATE for instance i1 is not allowed: MIGRATE, OWN_ACTION are',
    );
  });

  it('reaches the server although it is away for a moment', async () => {
    stub.statuses.push(503, 503);
    await reply(client, plain('SCALE_IN'), ack(plain('SCALE_IN')));
    expect(stub.replies).toHaveLength(3);
  });

  it('fails with what the server said', async () => {
    stub.statuses.push(422);
    await expect(reply(client, plain('SCALE_IN'), ack(plain('SCALE_IN')))).rejects.toThrow(
      /answered 422: a stubbed 422/,
    );
  });
});
