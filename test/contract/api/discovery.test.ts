import { describe, expect, it } from 'vitest';
import { publicUrl, startApi } from './api-under-test.ts';

const api = await startApi();
const version = { id: 'v1.0', status: 'CURRENT', links: [{ href: `${publicUrl}/v1`, rel: 'self' }] };

describe('discovery', () => {
  it('lists the versions with 300, as OpenStack services do', async () => {
    const response = await api.as('none').get('/');
    expect(response.status).toBe(300);
    expect(response.body).toEqual({ versions: [version] });
    expect(response.headers['location']).toBeUndefined();
  });

  it('shows version 1', async () => {
    const response = await api.as('none').get('/v1');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ versions: [version] });
  });

  it('links to the configured address, whatever the request says', async () => {
    const response = await api.as('none').get('/').set('Host', 'evil.example.net');
    expect(JSON.stringify(response.body)).not.toContain('evil');
  });

  it('tells that the server is well', async () => {
    const response = await api.as('none').get('/healthcheck');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ status: 'ok' });
  });

  it('answers HEAD', async () => {
    expect((await api.as('none').head('/healthcheck')).status).toBe(200);
    expect((await api.as('none').head('/v1/maintenance')).status).toBe(401);
    expect((await api.as('admin').head('/v1/maintenance')).status).toBe(200);
  });

  it('tells nothing of what it is made of, and gives no ETag', async () => {
    const { headers } = await api.as('admin').get('/v1/maintenance');
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('etag');
  });
});
