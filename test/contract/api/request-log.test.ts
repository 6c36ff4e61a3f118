import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-under-test.ts';
import { sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const lines = () => api.log.filter(({ msg }) => msg.startsWith('request'));

describe('a request', () => {
  it('gets an id, and one line in the log that carries it', async () => {
    const response = await api.as('admin').get(`/v1/maintenance/${sampleSessionId}`);
    const requestId = response.headers['x-openstack-request-id'];
    expect(requestId).toMatch(/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).toMatchObject({
      level: 30,
      request_id: requestId,
      session_id: sampleSessionId,
      method: 'GET',
      path: `/v1/maintenance/${sampleSessionId}`,
      status: 200,
    });
    expect(lines()[0]?.['duration_ms']).toBeGreaterThanOrEqual(0);
  });

  it('keeps the id that a service gave it, but nothing that is not one', async () => {
    const own = 'req-5a1d0f4e-3a83-4b36-9f9b-0a1c9d3e7b52';
    const send = async (id: string) =>
      (await api.as('admin').get('/v1/maintenance').set('X-Openstack-Request-Id', id)).headers[
        'x-openstack-request-id'
      ];
    expect(await send(own)).toBe(own);
    expect(await send('req-<script>')).not.toContain('script');
  });

  it('without a valid token is a warning', async () => {
    await api.as('forged').get('/v1/maintenance');
    expect(lines()).toMatchObject([{ level: 40, status: 401 }]);
  });

  it('leaves no token, query or body in the log', async () => {
    const body = { maintenance_at: '2026-11-03 02:30:00', metadata: { secret: 'swordfish' } };
    await api.as('admin').post('/v1/maintenance?token=trout').send(body);
    await api.as('forged').post('/v1/maintenance').send(body);
    await api.as('keystone-away').post('/v1/maintenance').send(body);
    const text = JSON.stringify(api.log);
    for (const secret of ['forged', 'keystone-away', 'swordfish', 'trout'])
      expect(text).not.toContain(secret);
  });

  it('for health does not fill the log', async () => {
    await api.as('none').get('/healthcheck');
    expect(lines()).toMatchObject([{ level: 20 }]);
  });
});
