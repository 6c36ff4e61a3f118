import { beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/domain/session.ts';
import type { components } from '../../../src/sdk/openapi.ts';
import { publicUrl, startApi, type ErrorBody } from './api-under-test.ts';
import { otherProjectId, sampleProjectId, sampleSession, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

type List = components['schemas']['SessionList'];

async function list(query = ''): Promise<List> {
  const response = await api.as('admin').get(`/v1/maintenance${query}`);
  expect(response.status).toBe(200);
  return response.body as List;
}

const at = (minute: number) => Date.UTC(2026, 10, 3, 2, minute, 0);

/** Sessions `a`, `b`, `c` ..., each a minute younger than the one before. */
function keep(...changes: readonly Partial<Session>[]): void {
  api.maintenance.sessions.clear();
  changes.forEach((change, index) => {
    const id = change.id ?? String.fromCharCode(97 + index);
    const times = { createdAt: at(index), updatedAt: at(index) };
    api.maintenance.sessions.set(id, sampleSession({ ...times, ...change, id }));
  });
}

const request = (change: Partial<Session['request']>): Partial<Session> => ({
  request: { ...sampleSession().request, ...change },
});

describe('the list of sessions', () => {
  it('stands under both keys that clients read, and has a row for each', async () => {
    const body = await list();
    expect(body).toEqual({
      sessions: [sampleSessionId],
      session_id: [sampleSessionId],
      items: [
        {
          session_id: sampleSessionId,
          workflow: 'default',
          state: 'PLANNED_MAINTENANCE',
          prev_state: 'START_MAINTENANCE',
          maintenance_at: '2026-11-03T02:30:00.000000',
          meta: "{'openstack_version': 'Epoxy'}",
          created_at: '2026-11-03T02:20:11.000000',
          updated_at: '2026-11-03T02:21:21.000000',
          ended_at: null,
          percent_done: 50,
          failure_reason: null,
          paused: false,
          aborted_at: null,
        },
      ],
      next: null,
    });
  });

  it('may be empty', async () => {
    keep();
    expect(await list('?limit=10')).toEqual({ sessions: [], session_id: [], items: [], next: null });
  });

  it('says of a failed session why', async () => {
    keep({ state: 'MAINTENANCE_FAILED', failure: 'nobody replied' });
    expect((await list()).items[0]).toMatchObject({ failure_reason: 'nobody replied' });
  });
});

describe('a filter', () => {
  beforeEach(() => {
    keep(
      { state: 'MAINTENANCE_FAILED', projects: {} },
      { ...request({ workflow: 'vnf', hosts: ['cmp-50'] }), hosts: [] },
      { state: 'MAINTENANCE_DONE' },
    );
  });

  it.each([
    ['', 'abc'],
    ['?state=MAINTENANCE_FAILED', 'a'],
    ['?state=MAINTENANCE_FAILED&state=MAINTENANCE_DONE', 'ac'],
    ['?state=SCALE_IN', ''],
    ['?workflow=vnf', 'b'],
    ['?workflow=nobody-has-it', ''],
    ['?host=cmp-50', 'b'],
    ['?host=cmp-07.example.net', 'ac'],
    ['?host=cmp-07', ''],
    [`?project_id=${sampleProjectId}`, 'bc'],
    [`?project_id=${otherProjectId}`, ''],
    ['?project_id=constructor', ''],
    [`?state=MAINTENANCE_DONE&host=cmp-07.example.net&project_id=${sampleProjectId}`, 'c'],
    ['?state[]=MAINTENANCE_FAILED', 'a'],
    ['?colour=red&__proto__=1&constructor=2&state.x=1', 'abc'],
  ])('%s gives %j', async (query, expected) => {
    expect((await list(query)).sessions.join('')).toBe(expected);
  });
});

describe('the order', () => {
  beforeEach(() => {
    keep(
      { state: 'SCALE_IN', updatedAt: at(50), ...request({ maintenanceAt: at(30) }) },
      { state: 'MAINTENANCE', updatedAt: at(40), ...request({ maintenanceAt: at(20), workflow: 'vnf' }) },
      { state: 'SCALE_IN', updatedAt: at(45), ...request({ maintenanceAt: at(30) }) },
    );
  });

  it.each([
    ['', 'abc'],
    ['?sort=created_at', 'abc'],
    ['?sort=created_at:desc', 'cba'],
    ['?sort=updated_at:asc', 'bca'],
    ['?sort=maintenance_at', 'bac'],
    ['?sort=maintenance_at:desc', 'acb'],
    ['?sort=state', 'bac'],
    ['?sort=state:desc&sort=updated_at', 'cab'],
    ['?sort=workflow:desc&sort=created_at:desc', 'bca'],
  ])('%s is %s', async (query, expected) => {
    expect((await list(query)).sessions.join('')).toBe(expected);
  });
});

describe('paging', () => {
  /** Follows `next` to the end. */
  async function follow(query: string, betweenPages: (page: number) => void = () => undefined) {
    const pages: string[] = [];
    for (let next: string | null = `${publicUrl}/v1/maintenance${query}`; next !== null;) {
      expect(next.startsWith(`${publicUrl}/v1/maintenance?`)).toBe(true);
      const page: List = await list(new URL(next).search);
      pages.push(page.sessions.join(''));
      expect(page.items.map(({ session_id: id }) => id)).toEqual(page.sessions);
      next = page.next;
      betweenPages(pages.length);
    }
    return pages;
  }

  const four = () => keep({}, { state: 'SCALE_IN' }, {}, { state: 'SCALE_IN' });

  it.each([
    ['?limit=1', ['a', 'b', 'c', 'd']],
    ['?limit=2', ['ab', 'cd']],
    ['?limit=3', ['abc', 'd']],
    ['?limit=4', ['abcd']],
    ['?limit=1000', ['abcd']],
    ['?limit=3&sort=created_at:desc', ['dcb', 'a']],
    ['?limit=1&sort=state:desc&sort=created_at:desc', ['d', 'b', 'c', 'a']],
    ['?limit=1&state=SCALE_IN&state=MAINTENANCE', ['b', 'd']],
    ['?limit=2&host=cmp-07.example.net&workflow=default', ['ab', 'cd']],
    ['?marker=b&limit=1', ['c', 'd']],
    ['?marker=d&limit=1', ['']],
  ])('%s gives %j', async (query, expected) => {
    four();
    expect(await follow(query)).toEqual(expected);
  });

  it('gives every session once though others come meanwhile', async () => {
    for (const [query, expected] of [
      ['?limit=2', ['ab', 'cd', 'e']],
      ['?limit=2&sort=created_at:desc', ['dc', 'ba']],
    ] as const) {
      four();
      const pages = await follow(query, (page) => {
        if (page === 1) api.maintenance.sessions.set('e', sampleSession({ id: 'e', createdAt: at(50) }));
      });
      expect(pages).toEqual(expected);
    }
  });

  it('goes on though the last session of the page has got another state', async () => {
    four();
    const pages = await follow('?limit=1&state=SCALE_IN', (page) => {
      if (page === 1) api.maintenance.sessions.set('b', sampleSession({ id: 'b', createdAt: at(1) }));
    });
    expect(pages).toEqual(['b', 'd']);
  });
});

describe('a query that makes no sense', () => {
  it.each([
    ['?state=NIGHT', 'state'],
    ['?state=', 'state'],
    ['?state=SCALE_IN,MAINTENANCE', 'state'],
    ['?state=scale_in', 'state'],
    [`?${Array.from({ length: 9 }, () => 'state=SCALE_IN').join('&')}`, 'state'],
    ['?limit=0', 'limit'],
    ['?limit=-1', 'limit'],
    ['?limit=1.5', 'limit'],
    ['?limit=many', 'limit'],
    ['?limit=1001', 'limit'],
    ['?limit=1e400', 'limit'],
    ['?limit=Infinity', 'limit'],
    ['?limit=NaN', 'limit'],
    ['?limit=99999999999999999999', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?limit=', 'limit'],
    ['?sort=colour', 'sort'],
    ['?sort=state:up', 'sort'],
    ['?sort=constructor', 'sort'],
    ['?marker=not~an~id', 'marker'],
    ['?marker=nobody', 'marker'],
    ['?project_id=%00', 'project_id'],
    [`?project_id=${'a'.repeat(37)}`, 'project_id'],
    [`?host=${'x'.repeat(256)}`, 'host'],
    ['?workflow=vnf&workflow=default', 'workflow'],
  ])('is refused, and the parameter is named: %s', async (query, name) => {
    const response = await api.as('admin').get(`/v1/maintenance${query}`);
    const { code, message } = response.body as ErrorBody;
    expect([response.status, code]).toEqual([400, 'invalid_query']);
    expect(message).toContain(name);
  });
});
