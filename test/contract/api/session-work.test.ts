/** What the detail of a session tells of action plug-ins, packages, calls under way and calls that were tried again. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command, CommandRecord } from '../../../src/domain/command.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { components } from '../../../src/sdk/openapi.ts';
import { startApi } from './api-under-test.ts';
import { movedInstanceId, sampleSession, sampleSessionId } from './fake-maintenance.ts';

const api = await startApi();
beforeEach(() => api.reset());

type Detail = components['schemas']['SessionDetail'];

async function detailOf(session: Session): Promise<Detail> {
  api.maintenance.sessions.set(session.id, session);
  const response = await api.as('admin').get(`/v1/maintenance/${session.id}/detail`);
  expect(response.status).toBe(200);
  return response.body as Detail;
}

const at = (second: number) => Date.UTC(2026, 10, 3, 2, 30, second);
const timeAt = (second: number) => `2026-11-03T02:30:0${second}.000000`;

describe('the detail of a session', () => {
  it('has a row for each action plug-in and each of its runs', async () => {
    const run = { commandId: 'run-1', plugin: 'firmware', type: 'host', visit: 5, startedAt: at(1) } as const;
    const detail = await detailOf(
      sampleSession({
        request: {
          ...sampleSession().request,
          actions: [
            { plugin: 'stage_packages', type: 'pre', metadata: {} },
            { plugin: 'firmware', type: 'host', metadata: { level: '7.2', force: true } },
          ],
        },
        pluginRuns: [
          { ...run, host: 'cmp-08.example.net', state: 'DONE', endedAt: at(2), output: ['flashing', 'done'] },
          {
            ...run,
            commandId: 'run-2',
            host: 'cmp-07.example.net',
            state: 'FAILED',
            endedAt: at(3),
            output: [],
            error: { code: 'plugin_failed', message: 'it ended with code 3' },
          },
          { ...run, commandId: 'run-3', host: 'localhost', state: 'RUNNING', output: ['50 %'] },
        ],
      }),
    );
    expect(detail.action_plugins).toEqual([
      {
        id: `${sampleSessionId}:stage_packages`,
        session_id: sampleSessionId,
        plugin: 'stage_packages',
        type: 'pre',
        meta: '{}',
        metadata: {},
      },
      {
        id: `${sampleSessionId}:firmware`,
        session_id: sampleSessionId,
        plugin: 'firmware',
        type: 'host',
        meta: "{'level': '7.2', 'force': True}",
        metadata: { level: '7.2', force: true },
      },
    ]);
    const row = { session_id: sampleSessionId, plugin: 'firmware', type: 'host', started_at: timeAt(1) };
    expect(detail.action_plugin_instances).toEqual([
      {
        ...row,
        id: 'run-1',
        hostname: 'cmp-08.example.net',
        state: 'DONE',
        ended_at: timeAt(2),
        output: ['flashing', 'done'],
        error: null,
      },
      {
        ...row,
        id: 'run-2',
        hostname: 'cmp-07.example.net',
        state: 'FAILED',
        ended_at: timeAt(3),
        output: [],
        error: 'it ended with code 3',
      },
      {
        ...row,
        id: 'run-3',
        hostname: 'localhost',
        state: 'RUNNING',
        ended_at: null,
        output: ['50 %'],
        error: null,
      },
    ]);
  });

  it('says of each package what it must be, and whether it was fetched', async () => {
    const sha256 = 'ab'.repeat(32);
    const request = {
      ...sampleSession().request,
      downloads: [
        { url: 'https://repo.example.net/1.tar.gz' },
        { url: 'https://repo.example.net/2.tar.gz', sha256 },
      ],
    };
    const rows = (fetched: boolean) => [
      {
        id: `${sampleSessionId}:0`,
        session_id: sampleSessionId,
        url: 'https://repo.example.net/1.tar.gz',
        sha256: null,
        fetched,
      },
      {
        id: `${sampleSessionId}:1`,
        session_id: sampleSessionId,
        url: 'https://repo.example.net/2.tar.gz',
        sha256,
        fetched,
      },
    ];
    expect((await detailOf(sampleSession({ request }))).downloads).toEqual(rows(false));
    const fetched = sampleSession({ request, downloaded: ['1.tar.gz', '2.tar.gz'] });
    expect((await detailOf(fetched)).downloads).toEqual(rows(true));
  });

  it('tells what is being done just now, and about what', async () => {
    const record = (id: string, command: Command, endedAt?: number): [string, CommandRecord] => [
      id,
      { id, command, visit: 5, sequence: 30, issuedAt: at(4), ...(endedAt !== undefined && { endedAt }) },
    ];
    const { pending } = await detailOf(
      sampleSession({
        commands: new Map([
          record('c1', { kind: 'observe_cloud' }),
          record('c2', { kind: 'open_host', host: 'cmp-08.example.net', serviceId: 's' }),
          record('c3', { kind: 'confirm_move', instanceId: movedInstanceId, host: 'cmp-07.example.net' }),
          record('c4', { kind: 'observe_cloud' }, at(5)),
        ]),
      }),
    );
    expect(pending).toEqual([
      { id: 'c1', kind: 'observe_cloud', subject: null, since: timeAt(4) },
      { id: 'c2', kind: 'open_host', subject: 'cmp-08.example.net', since: timeAt(4) },
      { id: 'c3', kind: 'confirm_move', subject: movedInstanceId, since: timeAt(4) },
    ]);
  });

  it('tells which calls failed and were tried again, and after what pause', async () => {
    const error = { code: 'unavailable', message: 'Nova: closing host cmp-07: answered with 503' };
    const { retries } = await detailOf(
      sampleSession({
        retries: [
          { commandId: 'c1', kind: 'observe_cloud', at: at(6), error, pauseMilliseconds: 500 },
          {
            commandId: 'c2',
            kind: 'close_host',
            subject: 'cmp-07',
            at: at(7),
            error,
            pauseMilliseconds: 2000,
          },
        ],
      }),
    );
    const row = { error: 'Nova: closing host cmp-07: answered with 503' };
    expect(retries).toEqual([
      { ...row, id: 'c1', kind: 'observe_cloud', subject: null, at: timeAt(6), pause_seconds: 0.5 },
      { ...row, id: 'c2', kind: 'close_host', subject: 'cmp-07', at: timeAt(7), pause_seconds: 2 },
    ]);
  });
});
