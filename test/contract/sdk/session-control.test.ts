/** The helpers for admins and for lists, against the real edge. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  abortSession,
  ackFrom,
  ApiError,
  createMaintenanceClient,
  defer,
  instanceConstraints,
  instanceGroupConstraints,
  isMoveQuestion,
  isQuestion,
  nack,
  parseAlarm,
  pauseSession,
  reply,
  resumeSession,
  skipHost,
  type MaintenanceClient,
  type MoveQuestion,
} from '../../../src/sdk/index.ts';
import { startApi } from '../api/api-under-test.ts';
import {
  movedInstanceId,
  otherProjectId,
  sampleProjectId,
  sampleSession,
  sampleSessionId,
} from '../api/fake-maintenance.ts';
import { alarmBody } from './stub-maintenance-server.ts';

async function collect<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

const api = await startApi();
const server = createServer(api.app);
let url = '';
let admin: MaintenanceClient;
let member: MaintenanceClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  admin = createMaintenanceClient({ endpoint: url, token: 'admin' });
  member = createMaintenanceClient({ endpoint: url, token: 'member' });
});
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});
beforeEach(() => api.reset());

describe('an admin', () => {
  it('pauses, resumes and aborts a session, and skips a host', async () => {
    expect(await pauseSession(admin, sampleSessionId)).toMatchObject({ paused: true });
    expect(await resumeSession(admin, sampleSessionId)).toMatchObject({ paused: false });
    const skipped = await skipHost(admin, sampleSessionId, 'cmp-07.example.net');
    expect(skipped.exceptions.map(({ hostname }) => hostname)).toEqual(['cmp-07.example.net']);
    const aborted = await abortSession(admin, sampleSessionId);
    expect(aborted.aborted_at).not.toBeNull();
    expect(api.maintenance.controls.map(({ kind }) => kind)).toEqual([
      'pause',
      'resume',
      'skip_host',
      'abort',
    ]);
  });

  it('is told why not', async () => {
    const skipping = skipHost(admin, sampleSessionId, 'cmp-08.example.net');
    await expect(skipping).rejects.toThrow(ApiError);
    await expect(skipping).rejects.toMatchObject({ status: 409, body: { code: 'host_not_skippable' } });
    const ended = sampleSession({ state: 'MAINTENANCE_DONE', endedAt: 1 });
    api.maintenance.sessions.set(sampleSessionId, ended);
    for (const word of [pauseSession, resumeSession, abortSession]) {
      await expect(word(admin, sampleSessionId)).rejects.toMatchObject({ status: 409 });
      await expect(word(member, sampleSessionId)).rejects.toMatchObject({ status: 403 });
      await expect(word(admin, 'nobody')).rejects.toMatchObject({ status: 404 });
    }
  });
});

describe('the constraints', () => {
  it('are gone through page by page', async () => {
    for (const id of ['a', 'b', 'c']) {
      const row = { projectId: sampleProjectId, id, name: '', resourceMitigation: false } as const;
      await api.constraints.put({
        ...row,
        kind: 'instance',
        groupId: id === 'b' ? 'g2' : 'g1',
        maxInterruptionSeconds: 0,
        migrationType: 'MIGRATE',
        leadSeconds: 0,
      });
      await api.constraints.put({
        ...row,
        kind: 'instance_group',
        projectId: otherProjectId,
        antiAffinity: false,
        maxInstancesPerHost: 0,
        maxImpactedMembers: 1,
        recoverySeconds: 0,
      });
    }
    const instances = await collect(instanceConstraints(member, { limit: 1 }));
    expect(instances.map(({ instance_id }) => instance_id)).toEqual(['a', 'b', 'c']);
    const ofGroup = await collect(instanceConstraints(member, { limit: 1, group_id: 'g1' }));
    expect(ofGroup.map(({ instance_id }) => instance_id)).toEqual(['a', 'c']);
    const groups = await collect(instanceGroupConstraints(admin, { limit: 2 }));
    expect(groups.map(({ group_id }) => group_id)).toEqual(['a', 'b', 'c']);
    expect(await collect(instanceGroupConstraints(member))).toEqual([]);
  });

  it('of others are refused', async () => {
    const listing = collect(instanceConstraints(member, { project_id: otherProjectId }));
    await expect(listing).rejects.toMatchObject({ status: 403 });
  });
});

describe('a reply that says more', () => {
  function question(): MoveQuestion {
    const path = `/v1/maintenance/${sampleSessionId}/${sampleProjectId}/${movedInstanceId}`;
    const traits = {
      instance_ids: [movedInstanceId],
      reply_url: `${url}${path}`,
      allowed_actions: ['MIGRATE'],
    };
    const notification = parseAlarm(alarmBody({ state: 'PLANNED_MAINTENANCE', traits }, sampleProjectId));
    if (!isQuestion(notification) || !isMoveQuestion(notification)) throw new Error('not a move');
    return notification;
  }

  it('is taken by the server', async () => {
    const readyAt = new Date(Date.UTC(2026, 10, 3, 2, 31, 30, 125));
    const asked = question();
    await reply(member, asked, ackFrom(asked, readyAt, { [movedInstanceId]: 'MIGRATE' }));
    await reply(member, asked, defer(asked, 60, 'Switching over.'));
    await reply(member, asked, nack(asked, 'Not today.'));
    expect(api.maintenance.replies.map((taken) => taken.reply)).toEqual([
      { state: 'ACK_PLANNED_MAINTENANCE', instanceAction: 'MIGRATE', readyAt: readyAt.getTime() },
      { state: 'NACK_PLANNED_MAINTENANCE', deferSeconds: 60, reason: 'Switching over.' },
      { state: 'NACK_PLANNED_MAINTENANCE', reason: 'Not today.' },
    ]);
  });
});
