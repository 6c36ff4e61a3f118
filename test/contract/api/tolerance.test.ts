/** What old clients send and Fenix took (facts 1.2). */
import { beforeEach, describe, expect, it } from 'vitest';
import { startApi } from './api-under-test.ts';
import { sampleProjectId, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const path = `/v1/maintenance/${sampleSessionId}/${sampleProjectId}`;
const reply = '{"state": "ACK_MAINTENANCE"}';

describe('a body', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'nonsense',
    'application/json; charset=utf-8',
  ])('is JSON though its Content-Type is %s', async (contentType) => {
    const response = await api.as('member').put(path).set('Content-Type', contentType).send(reply);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(JSON.parse(reply));
  });

  it('is JSON without a Content-Type', async () => {
    const response = await api.as('member').put(path).unset('Content-Type').send(reply);
    expect(response.status).toBe(200);
  });

  it('has letters of any alphabet', async () => {
    const body = { state: 'ACK_MAINTENANCE', note: 'Wartung für Ωmega 日本 \u{1F600}' };
    expect((await api.as('member').put(path).send(body)).body).toEqual(body);
  });

  it('in an encoding that we do not read is refused as malformed', async () => {
    const response = await api.as('member').put(path).set('Content-Encoding', 'snappy').send(reply);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'malformed_body' });
  });
});

describe('the query', () => {
  it('may hold what nobody asked for', async () => {
    expect((await api.as('member').get(`${path}?verbose=1&q=a?b`)).status).toBe(200);
  });

  it('is refused with 400 where it does not fit', async () => {
    const response = await api.as('member').get('/v2/alarms?limit=many');
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'invalid_query' });
    expect((response.body as { message: string }).message).toContain('limit');
  });
});

describe('Accept', () => {
  it('does not matter', async () => {
    const response = await api.as('member').get(path).set('Accept', 'text/html');
    expect(response.status).toBe(200);
    expect(response.type).toBe('application/json');
  });
});
