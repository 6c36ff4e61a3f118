/** The real edge over a store in memory, with every answer checked against the contract. */
import { pino } from 'pino';
import request from 'supertest';
import { systemIds } from '../../../src/adapters/system/ids.ts';
import { TargetRule } from '../../../src/adapters/http-client/target-rule.ts';
import { AlarmService } from '../../../src/engine/alarm-service.ts';
import { createApp } from '../../../src/http/app.ts';
import { createApis } from '../../../src/http/handlers/index.ts';
import { Policy } from '../../../src/policy/policy.ts';
import { HandClock } from '../../support/hand-clock.ts';
import { MemoryAlarmStore } from '../../support/memory-alarm-store.ts';
import type { identities } from '../api/api-under-test.ts';
import { authUrl, maxBodyBytes, publicUrl, tokens } from '../api/api-under-test.ts';
import { FakePlans } from '../api/fake-plans.ts';
import { FakeMaintenance, sampleSession } from '../api/fake-maintenance.ts';
import { recordAnswers } from '../api/record-answers.ts';
import { MemoryConstraintStore } from '../../../src/simulation/memory-constraint-store.ts';

/** Takes a while: once for all tests of a file. */
export async function startAlarmApi() {
  const alarmStore = new MemoryAlarmStore();
  const clock = new HandClock();
  const targets = new TargetRule();
  const alarms = new AlarmService({
    store: alarmStore,
    clock,
    ids: systemIds,
    targetRefusal: (target) => targets.refusal(target),
  });
  const maintenance = new FakeMaintenance(sampleSession());
  const constraints = new MemoryConstraintStore();
  const apis = createApis(
    { maintenance, plans: new FakePlans(), constraints, alarms, clock, publicUrl },
    'keystone',
  );
  const authenticator = { mode: 'keystone', tokens, authUrl } as const;
  const options = { maxBodyBytes, validateResponses: true };
  const edge = await createApp(apis, authenticator, new Policy(), pino({ level: 'silent' }), options);
  const app = recordAnswers(edge, ['fenix']);
  return {
    alarmStore,
    as: (who: keyof typeof identities) => request.agent(app).set('X-Auth-Token', who),
  };
}

export type AlarmApi = Awaited<ReturnType<typeof startAlarmApi>>;
