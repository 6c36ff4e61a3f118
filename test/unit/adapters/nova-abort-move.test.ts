import { describe, expect, it } from 'vitest';
import { migrations, scriptedNova } from './scripted-nova.ts';

const { signal } = new AbortController();
const path = '/servers/server-1/migrations';

function abort(status: string, answer: { status: number; message?: string }) {
  const body = answer.message === undefined ? undefined : { conflictingRequest: { message: answer.message } };
  const nova = scriptedNova({
    answers: {
      [`GET ${path}`]: [migrations([8, status, 'compute-2', 'live-migration'])],
      [`DELETE ${path}/8`]: [{ status: answer.status, body }],
    },
  });
  return { aborting: nova.cloud.abortMove('server-1', signal), calls: nova.calls };
}

describe('breaking a live migration off in Nova', () => {
  it('asks for the one that is under way', async () => {
    const { aborting, calls } = abort('running', { status: 202 });
    await aborting;
    expect(calls.filter(({ method }) => method === 'DELETE')).toMatchObject([{ path: `${path}/8` }]);
  });

  it('has nothing to do where none is under way, or the instance is gone', async () => {
    for (const answer of [migrations(), { status: 404, body: { itemNotFound: {} } }]) {
      const { cloud, calls } = scriptedNova({ answers: { [`GET ${path}`]: [answer] } });
      await cloud.abortMove('server-1', signal);
      expect(calls.filter(({ method }) => method === 'DELETE')).toEqual([]);
    }
  });

  it.each([
    ['running', 404, 'Migration 8 could not be found for instance server-1'],
    ['post-migrating', 400, 'Migration 8 state of instance server-1 is post-migrating. Cannot abort'],
    ['running', 409, "Cannot 'abort live migration' instance server-1 while it is in task_state None"],
  ])('takes one that has just come to its end for that: %s, %i', async (status, code, message) => {
    await abort(status, { status: code, message }).aborting;
  });

  it.each([
    ['preparing', 400, 'Migration 8 state of instance server-1 is preparing. Cannot abort live migration'],
    ['running', 409, 'Instance server-1 is locked'],
  ])(
    'says that it is too early for one that cannot be broken off yet: %s, %i',
    async (status, code, message) => {
      await expect(abort(status, { status: code, message }).aborting).rejects.toMatchObject({
        code: 'busy',
        message: expect.stringContaining(message) as string,
      });
    },
  );

  it('tells of a refusal', async () => {
    await expect(abort('running', { status: 403 }).aborting).rejects.toMatchObject({ code: 'failed' });
  });
});
