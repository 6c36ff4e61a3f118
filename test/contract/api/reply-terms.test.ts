/** Replies that say more than ACK and NACK, for one instance and for a project alike. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ActionNotOffered } from '../../../src/engine/maintenance-service.ts';
import { startApi, type ErrorBody } from './api-under-test.ts';
import { movedInstanceId, sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const projectPath = `/v1/maintenance/${sampleSessionId}/${sampleProjectId}`;

const whose = [
  ['for one instance', `${projectPath}/${movedInstanceId}`, { instance_action: 'MIGRATE' }],
  ['of a project', projectPath, { instance_actions: { [movedInstanceId]: 'MIGRATE' } }],
] as const;

describe.each(whose)('a reply %s', (_of, path, actions) => {
  const send = (body: object) => api.as('member').put(path).send(body);
  const taken = () => api.maintenance.replies.map(({ reply }) => reply);

  it.each([
    ['2026-11-03 02:31:30', Date.UTC(2026, 10, 3, 2, 31, 30)],
    ['2026-11-03T02:31:30.250Z', Date.UTC(2026, 10, 3, 2, 31, 30, 250)],
    ['2026-11-03T03:31:30+01:00', Date.UTC(2026, 10, 3, 2, 31, 30)],
    ['2026-11-03T02:31:30.123456', Date.UTC(2026, 10, 3, 2, 31, 30, 123)],
  ])('may agree from a time on: %s', async (ready_at, readyAt) => {
    const body = { state: 'ACK_PLANNED_MAINTENANCE', ...actions, ready_at };
    const response = await send(body);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(body);
    expect(taken()).toMatchObject([{ state: 'ACK_PLANNED_MAINTENANCE', readyAt }]);
  });

  it('may put its answer off, and say why', async () => {
    const body = { state: 'NACK_PREPARE_MAINTENANCE', defer_seconds: 120, reason: 'Switching over.' };
    const response = await send(body);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(body);
    expect(taken()).toEqual([
      { state: 'NACK_PREPARE_MAINTENANCE', deferSeconds: 120, reason: 'Switching over.' },
    ]);
  });

  it('may refuse with a reason, whatever was asked', async () => {
    for (const state of ['NACK_PLANNED_MAINTENANCE', 'NACK_MAINTENANCE']) {
      expect((await send({ state, reason: 'Not today.' })).status).toBe(200);
    }
    expect(taken()).toMatchObject([{ reason: 'Not today.' }, { reason: 'Not today.' }]);
  });

  it('needs none of that', async () => {
    await send({ state: 'NACK_PLANNED_MAINTENANCE' });
    expect(taken()).toStrictEqual([{ state: 'NACK_PLANNED_MAINTENANCE' }]);
  });

  it('with a reason to agree is an ACK like any other', async () => {
    await send({ state: 'ACK_PLANNED_MAINTENANCE', ...actions, reason: 'Why not.' });
    expect(taken()).toHaveLength(1);
    expect(taken()[0]).not.toHaveProperty('reason');
  });

  it.each([
    [
      'a NACK that is ready',
      { state: 'NACK_PLANNED_MAINTENANCE', ready_at: '2026-11-03 02:31:30' },
      '/ready_at',
    ],
    [
      'an ACK that is put off',
      { state: 'ACK_PLANNED_MAINTENANCE', ...actions, defer_seconds: 5 },
      '/defer_seconds',
    ],
    ['a time for what has none', { state: 'ACK_SCALE_IN', ready_at: '2026-11-03 02:31:30' }, '/ready_at'],
    ['putting off what cannot be', { state: 'NACK_MAINTENANCE', defer_seconds: 5 }, '/defer_seconds'],
    ['no time', { state: 'ACK_PLANNED_MAINTENANCE', ...actions, ready_at: 'soon' }, '/ready_at'],
    [
      'a day that is none',
      { state: 'ACK_PLANNED_MAINTENANCE', ...actions, ready_at: '2026-02-30 00:00:00' },
      '/ready_at',
    ],
    [
      'a slip of the pen',
      { state: 'ACK_PLANNED_MAINTENANCE', ...actions, ready_at: '9026-11-03 02:31:30' },
      '/ready_at',
    ],
    [
      'a time as a number',
      { state: 'ACK_PLANNED_MAINTENANCE', ...actions, ready_at: 1793673000 },
      '/ready_at',
    ],
    ['no seconds at all', { state: 'NACK_PLANNED_MAINTENANCE', defer_seconds: 0 }, '/defer_seconds'],
    ['seconds backwards', { state: 'NACK_PLANNED_MAINTENANCE', defer_seconds: -5 }, '/defer_seconds'],
    ['half a second', { state: 'NACK_PLANNED_MAINTENANCE', defer_seconds: 0.5 }, '/defer_seconds'],
    ['more than a year', { state: 'NACK_PLANNED_MAINTENANCE', defer_seconds: 31_536_001 }, '/defer_seconds'],
    ['a reason that is a list', { state: 'NACK_PLANNED_MAINTENANCE', reason: [] }, '/reason'],
    ['a reason without end', { state: 'NACK_PLANNED_MAINTENANCE', reason: 'x'.repeat(1001) }, '/reason'],
  ])('with %s is refused, and the place is named', async (_what, body, pointer) => {
    const response = await send(body);
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer });
    expect(taken()).toEqual([]);
  });

  it('with an action that was not offered is refused, and the instance is named', async () => {
    api.maintenance.fault = new ActionNotOffered([movedInstanceId]);
    const response = await send({ state: 'ACK_PLANNED_MAINTENANCE', ...actions });
    expect(response.status).toBe(422);
    const [pointer] = Object.keys(actions).map((field) => `/${field}`);
    expect(response.body).toMatchObject({ code: 'action_not_offered', pointer });
    expect((response.body as ErrorBody).message).toContain(movedInstanceId);
  });
});
