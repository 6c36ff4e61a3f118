import { describe, expect, it } from 'vitest';
import { doctorScenario } from '../../src/lab/doctor-scenario.ts';
import { dataOf } from '../../src/sdk/index.ts';
import {
  aroundCall,
  change,
  expectNothingTwice,
  kill,
  onceIssued,
  onceSucceeded,
  playWell,
  playWithKills,
} from '../support/kills.ts';
import { expectAllWell } from '../support/stage-outcome.ts';
import { acceptedCalls } from '../support/stage-records.ts';
import { endOf, expectDone } from '../support/stage.ts';

describe.concurrent('a session whose server is killed', { timeout: 300_000 }, () => {
  it('while an instance is moved live ends well, and nothing is done twice', async (context) => {
    const played = await playWell(context, {
      steps: [...aroundCall('os-migrateLive'), kill(change('migration', 'running'))],
      vnfm: { action: 'LIVE_MIGRATE' },
    });
    expectNothingTwice(played, 'os-migrateLive', 'completed');
  });

  it('while a project takes its instances away ends well, and nothing is done twice', async (context) => {
    const played = await playWell(context, {
      steps: [
        ...onceIssued('watch_departure'),
        kill(change('server.deleted')),
        ...onceSucceeded('watch_departure'),
      ],
      vnfm: { action: 'OWN_ACTION' },
    });
    expectNothingTwice(played, 'migrate', '');
    const { log } = played.clients.vnfm;
    const replaced = log.flatMap((event) => (event.kind === 'replaced' ? [event.oldId] : []));
    expect([...new Set(replaced)]).toEqual(replaced);
  });

  it('while it breaks a live migration off does so all the same, and ends well once it is continued', async ({
    onTestFinished,
  }) => {
    const { clients, before, detail, sessionId } = await playWithKills(onTestFinished, {
      lab: doctorScenario({ empty: 2 }),
      steps: [
        {
          act: (lab) =>
            void lab.setFault({ kind: 'slow', operation: 'live_migrate', seconds: 3_600, times: 1 }),
        },
        ...aroundCall('server-migrations.delete'),
      ],
      server: { FENIX_WORKFLOW_LIVE_MIGRATION_SECONDS: '2' },
      vnfm: { action: 'LIVE_MIGRATE' },
    });
    expect(detail.state).toBe('MAINTENANCE_FAILED');
    const { migrations } = clients.lab.cloud;
    expect(migrations.filter(({ status }) => status === 'cancelled')).toHaveLength(1);
    const params = { path: { session_id: sessionId } };
    dataOf(await clients.admin.PUT('/v1/maintenance/{session_id}', { params, body: {} }));
    await expectAllWell(clients, before, expectDone(await endOf(clients.admin, sessionId)));
    expect(acceptedCalls(clients.lab, 'os-migrateLive')).toBe(migrations.length);
  });
});
