import { beforeEach, describe, expect, it } from 'vitest';
import { startApi, type ErrorBody } from './api-under-test.ts';
import { operations } from './contract-operations.ts';
import { movedInstanceId, otherProjectId, sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const session = `/v1/maintenance/${sampleSessionId}`;

describe('sessions', () => {
  it.each(
    operations
      .filter(({ id }) => /Sessions?(Detail)?$/.test(id))
      .map((operation) => [operation.id, operation] as const),
  )('are for admins: %s', async (_id, { method, path, statuses }) => {
    const response = await api.as('member')[method](path);
    expect(response.status).toBe(403);
    expect(response.body).toMatchObject({ code: 'forbidden' });
    expect((response.body as ErrorBody).message).toContain('admin');
    expect(statuses).toContain(403);
    expect(api.maintenance.sessions.size).toBe(1);
  });
});

describe('what concerns a project', () => {
  it.each([
    ['get', `${session}/${sampleProjectId}`],
    ['put', `${session}/${sampleProjectId}`],
    ['put', `${session}/${sampleProjectId}/${movedInstanceId}`],
  ] as const)('is for its members: %s %s', async (method, path) => {
    const body = { state: 'NACK_PLANNED_MAINTENANCE' };
    const denied = await api.as('stranger')[method](path).send(body);
    expect(denied.status).toBe(403);
    expect(denied.body).toMatchObject({ code: 'forbidden' });
    expect(api.maintenance.replies).toEqual([]);
    expect((await api.as('member')[method](path).send(body)).status).toBe(200);
    expect((await api.as('admin')[method](path).send(body)).status).toBe(200);
  });

  it('is for its members however the path is written', async () => {
    const encoded = sampleProjectId.replaceAll(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    for (const path of [
      `${session}/${encoded}`,
      `${session}/${sampleProjectId}/`,
      `${session}/${sampleProjectId}?a=b`,
    ]) {
      expect((await api.as('stranger').get(path)).status).toBe(403);
    }
  });

  it('of another project tells nothing about its session', async () => {
    const path = `/v1/maintenance/47479bca-7f0e-11ea-99c9-2c600c9893ee/${otherProjectId}`;
    expect((await api.as('member').get(path)).status).toBe(403);
  });
});

describe('without authentication', () => {
  it('everybody may do everything', async () => {
    const open = await startApi({ mode: 'none' });
    expect((await open.as('none').get('/v1/maintenance')).status).toBe(200);
    expect((await open.as('forged').get(session)).status).toBe(200);
    expect((await open.as('none').get(`${session}/${sampleProjectId}`)).status).toBe(200);
    const opened = await open
      .as('none')
      .post('/v1/maintenance')
      .send({ maintenance_at: '2026-11-03 02:30:00' });
    expect(opened.status).toBe(200);
  });
});
