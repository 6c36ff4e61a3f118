/** The lists of constraints: whose, which, in pages. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Policy } from '../../../src/policy/policy.ts';
import { publicUrl, startApi, type ErrorBody } from './api-under-test.ts';
import { otherProjectId, sampleProjectId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

interface List {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

const kinds = [
  { kind: 'instances', path: '/v1/instance', ownId: 'instance_id', more: { group_id: 'g1' } },
  { kind: 'groups', path: '/v1/instance_group', ownId: 'group_id', more: {} },
] as const;

describe.each(kinds)('the list of $kind', ({ path, ownId, more }) => {
  const register = async (who: 'member' | 'stranger', ...ids: readonly string[]) => {
    const project_id = who === 'member' ? sampleProjectId : otherProjectId;
    for (const id of ids) {
      const response = await api
        .as(who)
        .put(`${path}/${id}`)
        .send({ project_id, ...more });
      expect(response.status).toBe(200);
    }
  };
  const list = async (who: 'admin' | 'member' | 'stranger', query = ''): Promise<List> => {
    const response = await api.as(who).get(`${path}${query}`);
    expect(response.status).toBe(200);
    return response.body as List;
  };
  const idsOf = ({ items }: List) => items.map((item) => item[ownId]);

  it('has each constraint as it is shown by itself, ordered by id', async () => {
    await register('member', 'b', 'a');
    const { items, next } = await list('member');
    const shown = await Promise.all(
      ['a', 'b'].map(async (id) => (await api.as('member').get(`${path}/${id}`)).body as unknown),
    );
    expect(items).toEqual(shown);
    expect(next).toBeNull();
  });

  it('may be empty', async () => {
    expect(await list('member')).toEqual({ items: [], next: null });
  });

  it('is of the own project for its members, and of all for admins', async () => {
    await register('member', 'a');
    await register('stranger', 'b');
    expect(idsOf(await list('member'))).toEqual(['a']);
    expect(idsOf(await list('stranger'))).toEqual(['b']);
    // otherProjectId comes first.
    expect(idsOf(await list('admin'))).toEqual(['b', 'a']);
  });

  it('is of the project that is asked for', async () => {
    await register('member', 'a');
    await register('stranger', 'b');
    expect(idsOf(await list('admin', `?project_id=${sampleProjectId}`))).toEqual(['a']);
    expect(idsOf(await list('member', `?project_id=${sampleProjectId}`))).toEqual(['a']);
    expect(idsOf(await list('admin', '?project_id=nobody'))).toEqual([]);
  });

  it('of another project is refused, whether or not that has any', async () => {
    const response = await api.as('member').get(`${path}?project_id=${otherProjectId}`);
    expect(response.status).toBe(403);
    expect((response.body as ErrorBody).message).toMatch(/The rule is fenix:(instances|instance_groups):get/);
  });

  it.each(['', `&project_id=${sampleProjectId}`])(
    'comes in pages that lead to each other%s',
    async (filter) => {
      await register('member', 'a', 'b', 'c', 'd', 'e');
      const seen: unknown[] = [];
      let next: string | null = `${publicUrl}${path}?limit=2${filter}`;
      let pages = 0;
      while (next !== null) {
        expect(next.startsWith(`${publicUrl}${path}?`)).toBe(true);
        const page: List = await list('admin', next.slice(`${publicUrl}${path}`.length));
        seen.push(...idsOf(page));
        next = page.next;
        pages += 1;
      }
      expect([seen, pages]).toEqual([['a', 'b', 'c', 'd', 'e'], 3]);
    },
  );

  it('goes on after a row that is gone, and over the border of projects', async () => {
    await register('stranger', 'a', 'b');
    await register('member', 'a', 'b');
    const first = await list('admin', '?limit=1');
    await api.as('stranger').delete(`${path}/a`);
    const query = first.next?.slice(`${publicUrl}${path}`.length).replace('limit=1', 'limit=2');
    const second = await list('admin', query);
    expect(second.items.map((item) => [item['project_id'], item[ownId]])).toEqual([
      [otherProjectId, 'b'],
      [sampleProjectId, 'a'],
    ]);
  });

  it('has no further page where a page is just full', async () => {
    await register('member', 'a', 'b');
    expect((await list('member', '?limit=2')).next).toBeNull();
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1e400',
    'marker=a',
    'marker=a:',
    'marker=a:b:c',
    'project_id=no%20id',
  ])('is refused with ?%s', async (query) => {
    const response = await api.as('admin').get(`${path}?${query}`);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'invalid_query' });
  });

  it('is of the own project for who may not see those of all', async () => {
    const rule = { name: 'fenix:constraints:all_projects', text: '!', where: 'policy.yaml:1' };
    const site = await startApi(undefined, new Policy([rule]));
    await site
      .as('admin')
      .put(`${path}/a`)
      .send({ project_id: sampleProjectId, ...more });
    expect((await site.as('admin').get(path)).body).toEqual({ items: [], next: null });
  });
});

describe('the instances of a group', () => {
  it('are listed by themselves', async () => {
    for (const [id, group_id] of [
      ['a', 'g1'],
      ['b', 'g2'],
      ['c', 'g1'],
    ]) {
      await api.as('member').put(`/v1/instance/${id}`).send({ project_id: sampleProjectId, group_id });
    }
    const response = await api.as('member').get('/v1/instance?group_id=g1&limit=1');
    const { items, next } = response.body as List;
    expect(items).toMatchObject([{ instance_id: 'a' }]);
    const rest = await api.as('member').get(next?.slice(publicUrl.length) ?? '');
    expect(rest.body).toMatchObject({ items: [{ instance_id: 'c' }], next: null });
  });
});
