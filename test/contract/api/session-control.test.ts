/** An admin's word to a running session: pause, resume, abort, leave a host aside. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { components } from '../../../src/sdk/openapi.ts';
import { startApi } from './api-under-test.ts';
import { sampleSession, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

type Detail = components['schemas']['SessionDetail'];

const path = `/v1/maintenance/${sampleSessionId}`;
const waiting = 'cmp-07.example.net';
const maintained = 'cmp-08.example.net';

const words = [
  ['pause', undefined, { kind: 'pause' }],
  ['resume', undefined, { kind: 'resume' }],
  ['abort', undefined, { kind: 'abort' }],
  ['skip-host', { host: waiting }, { kind: 'skip_host', host: waiting }],
] as const;

const say = (word: string, body?: object, session = path) =>
  body === undefined
    ? api.as('admin').post(`${session}/${word}`)
    : api.as('admin').post(`${session}/${word}`).send(body);

describe.each(words)('%s', (word, body, control) => {
  it('is passed on, and answered with the detail of the session', async () => {
    const response = await say(word, body);
    expect(response.status).toBe(200);
    expect(api.maintenance.controls).toEqual([control]);
    const detail = await api.as('admin').get(`${path}/detail`);
    expect(response.body).toEqual(detail.body);
  });

  it('may be said twice, and means the same', async () => {
    const first = await say(word, body);
    const second = await say(word, body);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  it('is not for a session that nobody knows', async () => {
    const response = await say(word, body, '/v1/maintenance/47479bca-7f0e-11ea-99c9-2c600c9893ee');
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ code: 'session_not_found' });
  });

  it('is not for a session that has ended, and the state is named', async () => {
    const ended = sampleSession({ state: 'MAINTENANCE_FAILED', endedAt: Date.UTC(2026, 10, 3, 2, 22, 0) });
    api.maintenance.sessions.set(sampleSessionId, ended);
    const response = await say(word, body);
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({
      code: 'session_not_running',
      message: 'The session is in MAINTENANCE_FAILED.',
    });
    expect(api.maintenance.controls).toEqual([]);
  });

  it('is for admins alone', async () => {
    const response = await api
      .as('member')
      .post(`${path}/${word}`)
      .send(body ?? {});
    expect(response.status).toBe(403);
    expect(api.maintenance.controls).toEqual([]);
  });

  it('is said with POST, and is no project', async () => {
    for (const method of ['get', 'put', 'delete'] as const) {
      const response = await api.as('admin')[method](`${path}/${word}`);
      expect(response.status).toBe(405);
      expect(response.headers['allow']).toBe('POST');
    }
  });
});

describe('a paused session', () => {
  it('says so in its detail and in the list, until it is resumed', async () => {
    const paused = (await say('pause')).body as Detail;
    expect(paused).toMatchObject({ paused: true, paused_at: '2026-11-03T02:21:21.000000' });
    const listed = await api.as('admin').get('/v1/maintenance');
    expect(listed.body).toMatchObject({ items: [{ paused: true }] });
    expect((await say('resume')).body).toMatchObject({ paused: false });
  });
});

describe('an aborted session', () => {
  it('says when in its detail and in the list', async () => {
    const aborted_at = '2026-11-03T02:21:21.000000';
    expect((await say('abort')).body).toMatchObject({ aborted_at });
    const listed = await api.as('admin').get('/v1/maintenance');
    expect(listed.body).toMatchObject({ items: [{ aborted_at }] });
  });
});

describe('leaving a host aside', () => {
  it('lists it among the exceptions, with the reason', async () => {
    const detail = (await say('skip-host', { host: waiting })).body as Detail;
    expect(detail.exceptions).toEqual([{ hostname: waiting, reason: 'an admin left it aside' }]);
    expect(detail.hosts.find(({ hostname }) => hostname === waiting)).toMatchObject({
      activity: 'skipped',
      skip_reason: 'an admin left it aside',
      maintained: false,
    });
  });

  it('is refused for a host that the session does not have', async () => {
    const response = await say('skip-host', { host: 'cmp-99' });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({
      code: 'host_not_in_session',
      pointer: '/host',
      message: 'The session has no host cmp-99.',
    });
  });

  it('is refused for a host that is maintained already', async () => {
    const response = await say('skip-host', { host: maintained });
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({
      code: 'host_not_skippable',
      pointer: '/host',
      message: `Host ${maintained} is maintained.`,
    });
  });

  it.each([
    ['no host', {}, '/host'],
    ['an empty name', { host: '' }, '/host'],
    ['a number', { host: 7 }, '/host'],
    ['a list', { host: [waiting] }, '/host'],
    ['null', { host: null }, '/host'],
    ['hosts', { hosts: [waiting] }, '/host'],
  ])('is refused with %s, and the place is named', async (_what, body, pointer) => {
    const response = await say('skip-host', body);
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer });
    expect(api.maintenance.controls).toEqual([]);
  });
});
