import { describe, expect, it } from 'vitest';
import { AnswerLost, RequestNotSent } from '../../../src/adapters/http-client/http-errors.ts';
import type { MoveRequest } from '../../../src/engine/ports.ts';
import { actions, migrations, scriptedNova } from './scripted-nova.ts';

const { signal } = new AbortController();
const move: MoveRequest = {
  instanceId: 'server-1',
  action: 'MIGRATE',
  from: 'compute-1',
  target: 'compute-2',
};
const { target: _target, ...untargeted } = move;
const path = '/servers/server-1';
const action = `POST ${path}/action`;

describe('asking Nova for a move', () => {
  it.each([
    [move, { migrate: { host: 'compute-2' } }],
    [untargeted, { migrate: null }],
    [
      { ...move, action: 'LIVE_MIGRATE' as const },
      { 'os-migrateLive': { host: 'compute-2', block_migration: 'auto' } },
    ],
    [
      { ...untargeted, action: 'LIVE_MIGRATE' as const },
      { 'os-migrateLive': { host: null, block_migration: 'auto' } },
    ],
  ])('says what is wanted: %j', async (request, body) => {
    const { cloud, calls } = scriptedNova({ answers: { [action]: [{ status: 202 }] } });
    await cloud.startMove(request, signal);
    expect(calls.filter(({ method }) => method === 'POST')).toMatchObject([{ body }]);
  });

  it.each([
    [500, { computeFault: { message: 'Unexpected API Error.' } }, 'unknown_outcome'],
    [502, '<html>Bad Gateway</html>', 'unknown_outcome'],
    [504, '<html>Gateway Time-out</html>', 'unknown_outcome'],
    [503, { message: 'The server is currently unavailable' }, 'unavailable'],
    [401, { error: { message: 'authentication' } }, 'unavailable'],
    [403, { forbidden: { message: "Policy doesn't allow it" } }, 'failed'],
    [400, { badRequest: { message: 'No valid host was found. ' } }, 'no_valid_host'],
    [400, { badRequest: { message: 'Compute host nosuch could not be found.' } }, 'failed'],
    [404, { itemNotFound: { message: 'Instance server-1 could not be found.' } }, 'instance_gone'],
    [409, { conflictingRequest: { message: 'while it is in task_state resize_prep' } }, 'busy'],
    [409, { conflictingRequest: { message: 'while it is in vm_state resized' } }, 'busy'],
    [409, { conflictingRequest: { message: 'while it is in vm_state stopped' } }, 'failed'],
  ])('understands a refusal: %i %j', async (status, body, code) => {
    const { cloud } = scriptedNova({
      answers: { [action]: [{ status, body, headers: { 'x-openstack-request-id': 'req-9' } }] },
    });
    await expect(cloud.startMove(move, signal)).rejects.toMatchObject({
      name: 'CloudError',
      code,
      message: expect.stringContaining('server-1') as string,
    });
  });

  it('tells a lost answer from a call that was never made', async () => {
    const lost = scriptedNova({ answers: { [action]: [new AnswerLost('reset')] } });
    await expect(lost.cloud.startMove(move, signal)).rejects.toMatchObject({ code: 'unknown_outcome' });
    const unsent = scriptedNova({ answers: { [action]: [new RequestNotSent('refused')] } });
    await expect(unsent.cloud.startMove(move, signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('calls a lost answer to what may be repeated unavailable', async () => {
    const { cloud } = scriptedNova({
      answers: {
        [action]: [new AnswerLost('reset')],
        'GET /os-migrations': [migrations()],
        'PUT /os-services/id-1': [new AnswerLost('reset')],
      },
    });
    const host = { name: 'compute-1', serviceId: 'id-1' };
    await expect(cloud.confirmMove('server-1', signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(cloud.closeHost(host, 'why', signal)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(cloud.observe(signal)).rejects.toMatchObject({ name: 'CloudError' });
  });

  it('does not ask a Nova for a target that would ignore it', async () => {
    const { cloud, calls } = scriptedNova({ version: '2.53', answers: { [action]: [{ status: 202 }] } });
    await expect(cloud.startMove(move, signal)).rejects.toThrow('2.56');
    expect(calls.some(({ method }) => method === 'POST')).toBe(false);
    await cloud.startMove(untargeted, signal);
  });
});

describe("Nova's records of a move", () => {
  const lists = (actionList: ReturnType<typeof actions>, migrationList: ReturnType<typeof migrations>) =>
    scriptedNova({
      answers: { [`GET ${path}/os-instance-actions`]: [actionList], 'GET /os-migrations': [migrationList] },
    }).cloud;

  it('are the baseline', async () => {
    const cloud = lists(
      actions(['req-2', 'stop'], ['req-1', 'create']),
      migrations([5, 'confirmed'], [9, 'error']),
    );
    expect(await cloud.moveBaseline('server-1', signal)).toEqual({
      newestAction: 'req-2 2026-11-22T21:43:18.000000',
      newestMigration: '9',
    });
    const none = { newestAction: null, newestMigration: null };
    expect(await lists(actions(), migrations()).moveBaseline('server-1', signal)).toEqual(none);
  });

  it.each([
    ['an action came', actions(['req-1', 'migrate'], ['req-0', 'create']), migrations(), true],
    ['only the migration is seen', actions(['req-0', 'create']), migrations([8, 'pre-migrating']), true],
    ['nothing came', actions(['req-0', 'migrate']), migrations([7, 'confirmed']), false],
    ['something else came', actions(['req-1', 'stop'], ['req-0', 'create']), migrations([7, 'error']), false],
    [
      'another kind of move came',
      actions(['req-1', 'live-migration'], ['req-0', 'create']),
      migrations([8, 'completed', 'compute-3', 'live-migration']),
      false,
    ],
    ['more came since than is read', actions(['req-3', 'migrate'], ['req-2', 'stop']), migrations(), true],
  ])('tell whether it was taken on: %s', async (_what, actionList, migrationList, expected) => {
    const baseline = { newestAction: 'req-0 2026-11-22T21:43:18.000000', newestMigration: '7' };
    expect(await lists(actionList, migrationList).moveWasStarted(move, baseline, signal)).toBe(expected);
  });
});
