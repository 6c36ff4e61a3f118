import { beforeEach, describe, expect, it } from 'vitest';
import { identities, startApi, type ErrorBody } from './api-under-test.ts';
import { otherProjectId, sampleProjectId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

const instanceId = 'c3a5f1de-0b77-4f0e-8a53-6d1e2b9f4c10';
const groupId = '0d9a6f38-52e1-4e0b-9f47-8b3c61d2a7f4';

/** What Doctor's vnfm sends. */
const instance = {
  instance_id: instanceId,
  project_id: sampleProjectId,
  group_id: groupId,
  instance_name: 'app_node_1',
  max_interruption_time: 120,
  migration_type: 'MIGRATE',
  resource_mitigation: true,
  lead_time: 40,
};
const group = {
  group_id: groupId,
  project_id: sampleProjectId,
  group_name: 'app_ha_group',
  anti_affinity_group: true,
  max_instances_per_host: 1,
  max_impacted_members: 1,
  recovery_time: 4,
  resource_mitigation: true,
};

const kinds = [
  { kind: 'an instance', path: `/v1/instance/${instanceId}`, stored: instance, ownId: 'instance_id' },
  { kind: 'a group', path: `/v1/instance_group/${groupId}`, stored: group, ownId: 'group_id' },
] as const;

describe.each(kinds)('the constraint of $kind', ({ path, stored, ownId }) => {
  it('is stored with 200 and answered as it is stored, then shown', async () => {
    const put = await api.as('member').put(path).send(stored);
    expect(put.status).toBe(200);
    expect(put.body).toEqual(stored);
    const shown = await api.as('member').get(path);
    expect(shown.status).toBe(200);
    expect(shown.body).toEqual(stored);
    expect((await api.as('admin').get(path)).body).toEqual(stored);
  });

  it('is replaced whole by the next', async () => {
    await api.as('member').put(path).send(stored);
    await api
      .as('member')
      .put(path)
      .send({ ...stored, resource_mitigation: false });
    expect((await api.as('member').get(path)).body).toEqual({ ...stored, resource_mitigation: false });
  });

  it('takes its id from the path', async () => {
    const { [ownId as never]: _id, ...rest } = stored as Record<string, unknown>;
    const response = await api.as('member').put(path).send(rest);
    expect(response.status).toBe(200);
    expect(response.body).toEqual(stored);
  });

  it('is refused where path and body name different ids', async () => {
    const response = await api
      .as('member')
      .put(path)
      .send({ ...stored, [ownId]: '91c7d0aa-3d0a-4a8b-8f0c-77a1d9d8f3e5' });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer: `/${ownId}` });
  });

  it('takes fields that it does not know', async () => {
    const response = await api
      .as('member')
      .put(path)
      .send({ ...stored, extra: 1 });
    expect(response.status).toBe(200);
    expect(response.body).toEqual(stored);
  });

  it('needs its project', async () => {
    const response = await api
      .as('member')
      .put(path)
      .send({ ...stored, project_id: undefined });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer: '/project_id' });
  });

  it('is removed with 200 and an empty object, also when there is none', async () => {
    await api.as('member').put(path).send(stored);
    for (const _time of ['first', 'second']) {
      const response = await api.as('member').delete(path);
      expect(response.status).toBe(200);
      expect(response.body).toEqual({});
    }
  });

  it('that nobody registered is not found', async () => {
    const response = await api.as('member').get(path);
    expect(response.status).toBe(404);
    expect(response.body).toMatchObject({ code: 'constraint_not_found' });
  });

  it('belongs to its project: no other stores, sees or removes it', async () => {
    expect((await api.as('stranger').put(path).send(stored)).status).toBe(403);
    await api.as('member').put(path).send(stored);
    expect((await api.as('stranger').get(path)).status).toBe(403);
    expect((await api.as('stranger').delete(path)).status).toBe(403);
    expect((await api.as('member').get(path)).body).toEqual(stored);
  });

  it('of two projects for one id do not meet', async () => {
    const foreign = { ...stored, project_id: otherProjectId, resource_mitigation: false };
    await api.as('member').put(path).send(stored);
    expect((await api.as('stranger').put(path).send(foreign)).status).toBe(200);
    expect((await api.as('member').get(path)).body).toEqual(stored);
    await api.as('stranger').delete(path);
    expect((await api.as('member').get(path)).body).toEqual(stored);
  });

  it('changes its owner where the caller may write for both projects', async () => {
    const moved = { ...stored, project_id: otherProjectId };
    await api.as('member').put(path).send(stored);
    expect((await api.as('admin').put(path).send(moved)).status).toBe(200);
    expect((await api.as('admin').get(path)).body).toEqual(moved);
    expect((await api.as('stranger').get(path)).body).toEqual(moved);
    expect((await api.as('member').get(path)).status).toBe(403);
  });

  it("is not taken from its owner by another project's row of the same id, nor is that kept from its owner", async () => {
    const squatted = { ...stored, project_id: otherProjectId };
    await api.as('stranger').put(path).send(squatted);
    expect((await api.as('member').put(path).send(stored)).status).toBe(200);
    expect((await api.as('member').get(path)).body).toEqual(stored);
    expect((await api.as('stranger').get(path)).body).toEqual(squatted);
    expect((await api.as('member').delete(path)).status).toBe(200);
    expect((await api.as('member').get(path)).status).toBe(403);
    expect((await api.as('stranger').get(path)).body).toEqual(squatted);
  });

  it('is written anew by an admin for the project that has it, and other rows stay', async () => {
    const foreign = { ...stored, project_id: otherProjectId };
    await api.as('member').put(path).send(stored);
    await api.as('stranger').put(path).send(foreign);
    await api
      .as('admin')
      .put(path)
      .send({ ...stored, resource_mitigation: false });
    expect((await api.as('stranger').get(path)).body).toEqual(foreign);
    expect((await api.as('member').get(path)).body).toEqual({ ...stored, resource_mitigation: false });
  });

  it("is shown to an admin as the admin's own project registered it, before what others did later", async () => {
    const own = { ...stored, project_id: identities.admin.projectId };
    await api.as('admin').put(path).send(own);
    await api
      .as('stranger')
      .put(path)
      .send({ ...stored, project_id: otherProjectId });
    expect((await api.as('admin').get(path)).body).toEqual(own);
  });

  it('is refused to others without a word about its owner', async () => {
    await api.as('member').put(path).send(stored);
    for (const response of [
      await api.as('stranger').get(path),
      await api.as('stranger').delete(path),
      await api.as('stranger').put(path).send(stored),
    ]) {
      expect(response.status).toBe(403);
      const { code, message } = response.body as ErrorBody;
      expect(code).toBe('forbidden');
      expect(message).toMatch(
        /token of the project that it belongs to.*The rule is fenix:instance(_group)?:/,
      );
      expect(message).not.toContain(sampleProjectId);
    }
  });

  it('of any project is stored and removed by an admin', async () => {
    expect((await api.as('admin').put(path).send(stored)).status).toBe(200);
    expect((await api.as('admin').delete(path)).status).toBe(200);
    expect((await api.as('member').get(path)).status).toBe(404);
  });
});

describe('the forms in which Tacker and its sample configuration send numbers and flags', () => {
  const put = (change: object) =>
    api
      .as('member')
      .put(`/v1/instance/${instanceId}`)
      .send({ ...instance, ...change });

  it.each([
    [60, 60],
    ['60', 60],
    ['60,', 60],
    [0, 0],
    ['007', 7],
  ])('seconds %j are %i', async (lead_time, seconds) => {
    const response = await put({ lead_time, max_interruption_time: lead_time });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ lead_time: seconds, max_interruption_time: seconds });
  });

  it.each([
    [true, true],
    ['True', true],
    ['True,', true],
    ['true', true],
    [false, false],
    ['False,', false],
  ])('the flag %j is %s', async (resource_mitigation, flag) => {
    const response = await put({ resource_mitigation });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ resource_mitigation: flag });
  });

  it.each([
    ['lead_time', -1],
    ['lead_time', 1.5],
    ['lead_time', '60;'],
    ['lead_time', 'soon'],
    ['lead_time', '60,,'],
    ['lead_time', null],
    ['max_interruption_time', true],
    ['resource_mitigation', 'yes'],
    ['resource_mitigation', 1],
    ['migration_type', 'MIGRATION'],
    ['group_id', 'no id'],
    ['instance_name', 7],
  ])('%s: %j is refused, and the place is named', async (field, value) => {
    const response = await put({ [field]: value });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer: `/${field}` });
  });

  it('counts of a group are read alike', async () => {
    const response = await api
      .as('member')
      .put(`/v1/instance_group/${groupId}`)
      .send({
        ...group,
        max_impacted_members: '2,',
        max_instances_per_host: '0',
        anti_affinity_group: 'False',
      });
    expect(response.body).toMatchObject({
      max_impacted_members: 2,
      max_instances_per_host: 0,
      anti_affinity_group: false,
    });
  });
});

describe('what goes beyond Fenix: the table of ETSI', () => {
  const put = (path: string, body: object) => api.as('member').put(path).send(body);
  const instancePath = `/v1/instance/${instanceId}`;
  const groupPath = `/v1/instance_group/${groupId}`;

  it('is stored and shown as it was given, the rows of a table by size', async () => {
    const response = await put(groupPath, {
      ...group,
      max_impacted_members_by_size: [
        { group_size: '10,', max_impacted_members: '3' },
        { group_size: 4, max_impacted_members: 1 },
      ],
      min_preserved_members_by_size: [{ group_size: 4, min_preserved_members: '3,' }],
      lead_time: '60,',
    });
    const stored = {
      ...group,
      max_impacted_members_by_size: [
        { group_size: 4, max_impacted_members: 1 },
        { group_size: 10, max_impacted_members: 3 },
      ],
      min_preserved_members_by_size: [{ group_size: 4, min_preserved_members: 3 }],
      lead_time: 60,
    };
    expect(response.status).toBe(200);
    expect(response.body).toEqual(stored);
    expect((await api.as('member').get(groupPath)).body).toEqual(stored);
  });

  it('is not there where it was not given, nor where it is empty', async () => {
    const empty = { max_impacted_members_by_size: [], min_preserved_members_by_size: [] };
    expect((await put(groupPath, { ...group, ...empty })).body).toEqual(group);
    expect((await put(instancePath, { ...instance, migration_types: [] })).body).toEqual(instance);
  });

  it('goes with the next that does not have it', async () => {
    await put(groupPath, { ...group, lead_time: 60 });
    await put(groupPath, group);
    expect((await api.as('member').get(groupPath)).body).toEqual(group);
  });

  it('keeps the order of preference', async () => {
    const migration_types = ['OWN_ACTION', 'LIVE_MIGRATE', 'MIGRATE'];
    const { migration_type: _type, ...rest } = instance;
    const both = await put(instancePath, { ...instance, migration_types });
    expect(both.body).toEqual({ ...instance, migration_types });
    const alone = await put(instancePath, { ...rest, migration_types });
    expect(alone.body).toEqual({ ...instance, migration_types, migration_type: 'OWN_ACTION' });
  });

  it.each([
    ['migration_types', ['MIGRATE', 'MIGRATE'], '/migration_types'],
    ['migration_types', ['EVACUATE'], '/migration_types/0'],
    ['migration_types', 'MIGRATE', '/migration_types'],
    ['migration_types', ['OWN_ACTION'], '/migration_type'],
  ])('%s: %j of an instance is refused, and the place is named', async (field, value, pointer) => {
    const response = await put(instancePath, { ...instance, [field]: value });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer });
  });

  const table = 'max_impacted_members_by_size';
  it.each([
    [table, {}, `/${table}`],
    [table, [{ group_size: 4 }], `/${table}/0/max_impacted_members`],
    [table, [{ max_impacted_members: 1 }], `/${table}/0/group_size`],
    [table, [{ group_size: 0, max_impacted_members: 1 }], `/${table}/0/group_size`],
    [table, [{ group_size: '00', max_impacted_members: 1 }], `/${table}/0/group_size`],
    [table, [{ group_size: 4, max_impacted_members: -1 }], `/${table}/0/max_impacted_members`],
    [
      table,
      [
        { group_size: 4, max_impacted_members: 1 },
        { group_size: '4', max_impacted_members: 2 },
      ],
      `/${table}/1/group_size`,
    ],
    ['min_preserved_members_by_size', [7], '/min_preserved_members_by_size/0'],
    ['lead_time', 'soon', '/lead_time'],
  ])('%s: %j of a group is refused, and the place is named', async (field, value, pointer) => {
    const response = await put(groupPath, { ...group, [field]: value });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'invalid_request', pointer });
  });
});
