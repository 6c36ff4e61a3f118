import { describe, expect, it } from 'vitest';
import type { MoveRequest } from '../../../src/engine/ports.ts';
import { actions, events, migrations, scriptedNova, shows, type ScriptedNova } from './scripted-nova.ts';

const { signal } = new AbortController();
const move: MoveRequest = {
  instanceId: 'server-1',
  action: 'MIGRATE',
  from: 'compute-1',
  target: 'compute-2',
};
const live: MoveRequest = { ...move, action: 'LIVE_MIGRATE' };
const baseline = { newestAction: 'req-0 2026-11-22T21:43:18.000000', newestMigration: '7' };
const path = '/servers/server-1';

const resizing = shows({ task_state: 'resize_migrating' });
const idle = shows({});
const moved = shows({ host: 'compute-2' });
const createOnly = actions(['req-0', 'create']);
const takenOn = actions(['req-1', 'migrate'], ['req-0', 'create']);
const errored = actions(['req-1', 'migrate', 'Error'], ['req-0', 'create']);

function watch(answers: Record<string, NonNullable<ScriptedNova['answers']>[string]>, request = move) {
  const script = {
    'GET /os-migrations': [migrations()],
    [`GET ${path}/os-instance-actions`]: [takenOn],
    ...answers,
  };
  return scriptedNova({ answers: script }).cloud.watchMove(request, baseline, signal);
}

describe('watching a move in Nova', () => {
  it('ends a cold one in VERIFY_RESIZE', async () => {
    const servers = [resizing, shows({ host: 'compute-2', task_state: 'resize_finish' })];
    const result = await watch({
      [`GET ${path}`]: [...servers, shows({ host: 'compute-2', vm_state: 'resized' })],
      'GET /os-migrations': [migrations([8, 'finished', 'compute-2'])],
    });
    expect(result).toEqual({ host: 'compute-2', needsConfirmation: true });
  });

  it("does not take the owner's resize for the end of a move that found no host", async () => {
    const watching = watch({
      [`GET ${path}`]: [resizing, shows({ host: 'compute-2', vm_state: 'resized' })],
      'GET /os-migrations': [migrations([9, 'finished', 'compute-2', 'resize'], [8, 'error'])],
      [`GET ${path}/os-instance-actions`]: [errored],
      [`GET ${path}/os-instance-actions/req-1`]: [events(['Error', 'No valid host was found.'])],
    });
    await expect(watching).rejects.toMatchObject({ code: 'no_valid_host' });
  });

  it('does not take an idle server for a failure while Nova has nothing to show yet', async () => {
    const result = await watch({
      [`GET ${path}`]: [idle, idle, idle, resizing, shows({ host: 'compute-2', vm_state: 'resized' })],
      [`GET ${path}/os-instance-actions`]: [createOnly, takenOn],
      'GET /os-migrations': [
        migrations([7, 'error'], [6, 'error']),
        migrations([7, 'error']),
        migrations([8, 'pre-migrating']),
      ],
    });
    expect(result).toEqual({ host: 'compute-2', needsConfirmation: true });
  });

  it('needs no confirmation when the site or somebody has given it', async () => {
    const result = await watch({
      [`GET ${path}`]: [resizing, moved],
      'GET /os-migrations': [migrations([8, 'confirmed', 'compute-2'], [7, 'confirmed', 'compute-1'])],
    });
    expect(result).toEqual({ host: 'compute-2', needsConfirmation: false });
  });

  it('ends a live one once the old host has given its room back, not when the server runs on the new one', async () => {
    const servers = [shows({ task_state: 'migrating' }), moved, moved];
    const running = migrations([8, 'running', 'compute-2', 'live-migration']);
    const nova = scriptedNova({
      answers: {
        [`GET ${path}`]: servers,
        'GET /os-migrations': [running, migrations([8, 'completed', 'compute-2', 'live-migration'])],
        [`GET ${path}/os-instance-actions`]: [takenOn],
      },
    });
    const result = await nova.cloud.watchMove(live, baseline, signal);
    expect(result).toEqual({ host: 'compute-2', needsConfirmation: false });
    expect(nova.calls.filter(({ path: called }) => called.startsWith('/os-migrations'))).toHaveLength(2);
  });

  it('does not take a host that the server had before for the end of the move', async () => {
    const elsewhere = shows({ host: 'compute-3' });
    const result = await watch({
      [`GET ${path}`]: [elsewhere, elsewhere, shows({ host: 'compute-2', vm_state: 'resized' })],
      'GET /os-migrations': [migrations([8, 'pre-migrating']), migrations([8, 'migrating', 'compute-2'])],
    });
    expect(result.host).toBe('compute-2');
  });

  it('tells that no host fits, also when Nova writes the reason later than the state', async () => {
    const watching = watch({
      [`GET ${path}`]: [resizing, idle],
      'GET /os-migrations': [migrations([8, 'error'])],
      [`GET ${path}/os-instance-actions`]: [takenOn, takenOn, errored],
      [`GET ${path}/os-instance-actions/req-1`]: [
        events(),
        events(),
        events(['Success', null], ['Error', 'No valid host was found. No valid host found for cold migrate']),
      ],
    });
    await expect(watching).rejects.toMatchObject({
      name: 'CloudError',
      code: 'no_valid_host',
      message:
        'cold migration of instance app (server-1) from compute-1 to compute-2 failed: ' +
        'No valid host was found. No valid host found for cold migrate',
    });
  });

  it('reads the reason from the traceback where Nova is older than 2.84', async () => {
    const watching = watch({
      [`GET ${path}`]: [idle],
      'GET /os-migrations': [migrations([8, 'error'])],
      [`GET ${path}/os-instance-actions`]: [errored],
      [`GET ${path}/os-instance-actions/req-1`]: [
        events(['Error', null, 'raise exception.NoValidHost(reason=msg)']),
      ],
    });
    await expect(watching).rejects.toMatchObject({ code: 'no_valid_host' });
  });

  it('tells that an action failed before there was a migration', async () => {
    const watching = watch({
      [`GET ${path}`]: [idle],
      [`GET ${path}/os-instance-actions`]: [errored],
      [`GET ${path}/os-instance-actions/req-1`]: [events(['Error', 'Something broke'])],
    });
    await expect(watching).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('Something broke') as string,
    });
  });

  it('tells the fault of an instance in ERROR, also when it is written later', async () => {
    const watching = watch({
      [`GET ${path}`]: [
        resizing,
        shows({ vm_state: 'error', task_state: 'resize_migrating' }),
        shows({ vm_state: 'error' }),
        shows({ vm_state: 'error', fault: { message: 'disk is full' } }),
      ],
    });
    await expect(watching).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /app \(server-1\) from compute-1 .*disk is full; the instance is in ERROR/,
      ) as string,
    });
  });

  it('names the log to read where Nova gives no reason', async () => {
    const watching = watch(
      {
        [`GET ${path}`]: [idle],
        'GET /os-migrations': [migrations([8, 'failed', 'compute-2', 'live-migration'])],
        [`GET ${path}/os-instance-actions`]: [actions(['req-1', 'live-migration'])],
        [`GET ${path}/os-instance-actions/req-1`]: [events(['Success', null])],
      },
      live,
    );
    await expect(watching).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(
        /live migration .*its migration is failed; .*log of nova-compute on compute-1/,
      ) as string,
    });
  });

  it.each([
    ['reverted', 'failed', 'turned back by somebody'],
    ['cancelled', 'aborted', 'broken off'],
  ])('tells that somebody turned it back: %s', async (status, code, what) => {
    const watching = watch({
      [`GET ${path}`]: [idle],
      'GET /os-migrations': [migrations([8, status, 'compute-2'])],
    });
    await expect(watching).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`was ${what}: its migration is ${status}`) as string,
    });
  });

  it('tells that the instance was deleted meanwhile', async () => {
    const watching = watch({ [`GET ${path}`]: [resizing, { status: 404, body: { itemNotFound: {} } }] });
    await expect(watching).rejects.toMatchObject({ name: 'CloudError', code: 'instance_gone' });
  });
});

describe('confirming a move in Nova', () => {
  const action = `POST ${path}/action`;
  const unconfirmed = shows({ host: 'compute-2', vm_state: 'resized' });
  const notResized = {
    status: 409,
    body: {
      conflictingRequest: { message: "Cannot 'confirmResize' instance x while it is in vm_state active" },
    },
  };

  const finished = migrations([8, 'finished', 'compute-2'], [7, 'confirmed']);

  it('waits until the instance is back in service', async () => {
    const { cloud, calls } = scriptedNova({
      answers: {
        [action]: [{ status: 204 }],
        [`GET ${path}`]: [unconfirmed, unconfirmed, moved],
        'GET /os-migrations': [finished],
      },
    });
    await cloud.confirmMove('server-1', signal);
    expect(calls.filter(({ method }) => method === 'POST')).toMatchObject([
      { body: { confirmResize: null } },
    ]);
    expect(calls.filter((call) => call.path === path)).toHaveLength(3);
  });

  it.each([notResized, { status: 400, body: { badRequest: { message: 'Instance has not been resized.' } } }])(
    'takes $status for somebody else having been quicker',
    async (refusal) => {
      const { cloud } = scriptedNova({
        answers: {
          [action]: [refusal],
          [`GET ${path}`]: [unconfirmed, moved],
          'GET /os-migrations': [migrations([8, 'confirmed'])],
        },
      });
      await cloud.confirmMove('server-1', signal);
    },
  );

  it('tells that somebody turned the migration back instead', async () => {
    const { cloud } = scriptedNova({
      answers: {
        [action]: [notResized],
        [`GET ${path}`]: [idle],
        'GET /os-migrations': [migrations([7, 'confirmed'], [8, 'reverted'])],
      },
    });
    await expect(cloud.confirmMove('server-1', signal)).rejects.toMatchObject({ code: 'failed' });
  });

  it.each([
    ['confirmed', undefined],
    ['reverted', 'turned back by somebody'],
  ])('leaves a resize to its owner, who began it after ours was %s', async (status, message) => {
    const { cloud, calls } = scriptedNova({
      answers: {
        [`GET ${path}`]: [unconfirmed],
        'GET /os-migrations': [migrations([9, 'finished', 'compute-3', 'resize'], [8, status])],
      },
    });
    const confirming = cloud.confirmMove('server-1', signal);
    if (message === undefined) await confirming;
    else await expect(confirming).rejects.toThrow(message);
    expect(calls.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it.each([
    ['Service is unavailable at this time.', 'unavailable'],
    ['Instance server-1 is locked', 'failed'],
  ])('does not wait for what will not come: %s', async (message, code) => {
    const { cloud } = scriptedNova({
      answers: {
        [action]: [{ status: 409, body: { conflictingRequest: { message } } }],
        [`GET ${path}`]: [unconfirmed],
        'GET /os-migrations': [finished],
      },
    });
    await expect(cloud.confirmMove('server-1', signal)).rejects.toMatchObject({ code });
  });

  it('tells of an instance that went to ERROR over it', async () => {
    const { cloud } = scriptedNova({
      answers: {
        [action]: [{ status: 204 }],
        [`GET ${path}`]: [shows({ vm_state: 'error', fault: { message: 'boom' } })],
        'GET /os-migrations': [finished],
      },
    });
    await expect(cloud.confirmMove('server-1', signal)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('boom') as string,
    });
  });
});
