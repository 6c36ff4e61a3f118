import { beforeEach, describe, expect, it } from 'vitest';
import { HostsTaken } from '../../../src/engine/maintenance-service.ts';
import { publicUrl, startApi, type ErrorBody } from './api-under-test.ts';
import { sampleSession, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const unknownSession = '47479bca-7f0e-11ea-99c9-2c600c9893ee';
const failed = sampleSession({
  state: 'MAINTENANCE_FAILED',
  previousState: 'PLANNED_MAINTENANCE',
  endedAt: Date.UTC(2026, 10, 3, 2, 22, 0),
});

describe('a session', () => {
  it('shows its state', async () => {
    const response = await api.as('admin').get(`/v1/maintenance/${sampleSessionId}`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ session_id: sampleSessionId, state: 'PLANNED_MAINTENANCE' });
  });

  it('is deleted with 200 and an empty object, and is not found from then on', async () => {
    const response = await api.as('admin').delete(`/v1/maintenance/${sampleSessionId}`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({});
    expect((await api.as('admin').get(`/v1/maintenance/${sampleSessionId}`)).status).toBe(404);
    expect((await api.as('admin').delete(`/v1/maintenance/${sampleSessionId}`)).status).toBe(404);
  });

  it.each([
    ['where it failed', {}, 'PLANNED_MAINTENANCE'],
    ['at the state that is given', { state: 'START_MAINTENANCE', extra: true }, 'START_MAINTENANCE'],
  ])('that failed is continued %s', async (_where, body, state) => {
    api.maintenance.sessions.set(sampleSessionId, failed);
    const response = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send(body);
    expect([response.status, response.body]).toEqual([
      200,
      { maintenance: `${publicUrl}/v1/maintenance/${sampleSessionId}`, session_id: sampleSessionId, state },
    ]);
    const again = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send(body);
    expect([again.status, (again.body as ErrorBody).code]).toEqual([409, 'session_not_failed']);
  });

  it.each(['PLANNED_MAINTENANCE', 'MAINTENANCE_DONE'] as const)(
    'in %s is not continued, and says where it is',
    async (state) => {
      api.maintenance.sessions.set(sampleSessionId, sampleSession({ state }));
      const response = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send({});
      expect([response.status, (response.body as ErrorBody).code]).toEqual([409, 'session_not_failed']);
      expect((response.body as ErrorBody).message).toContain(state);
    },
  );

  it('is not continued where others took its hosts, or its place', async () => {
    api.maintenance.sessions.set(sampleSessionId, failed);
    api.maintenance.refusal = new HostsTaken(['cmp-07']);
    const taken = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send({});
    expect([taken.status, (taken.body as ErrorBody).code]).toEqual([409, 'host_in_session']);
    api.maintenance.maxSessions = 0;
    const many = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send({});
    expect([many.status, (many.body as ErrorBody).code]).toEqual([509, 'too_many_sessions']);
  });

  it.each(['NIGHT', 'MAINTENANCE_FAILED', 'MAINTENANCE_DONE', '', null, 7, ['MAINTENANCE']])(
    'is not continued at %j',
    async (state) => {
      api.maintenance.sessions.set(sampleSessionId, failed);
      const response = await api.as('admin').put(`/v1/maintenance/${sampleSessionId}`).send({ state });
      expect(response.status).toBe(422);
      expect(response.body).toMatchObject({ code: 'invalid_request', pointer: '/state' });
    },
  );

  it.each([
    ['get', `/v1/maintenance/${unknownSession}`],
    ['put', `/v1/maintenance/${unknownSession}`],
    ['delete', `/v1/maintenance/${unknownSession}`],
    ['get', `/v1/maintenance/${unknownSession}/detail`],
    ['get', `/v1/maintenance/${unknownSession}/5f0c2d7b9e1a4c66b0d3f4a18e27c9ab`],
  ] as const)('that does not exist is an invalid session: %s %s', async (method, path) => {
    const response = await api.as('admin')[method](path);
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ error: 'Invalid session', code: 'session_not_found' });
  });
});
