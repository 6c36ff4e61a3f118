import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AodhSubscriptions } from '../../../src/adapters/aodh/aodh-subscriptions.ts';
import { AuthorizedService } from '../../../src/adapters/keystone/authorized-service.ts';
import { ServiceSession } from '../../../src/adapters/keystone/service-session.ts';
import { HttpClient } from '../../../src/adapters/http-client/http-client.ts';
import { SystemClock } from '../../../src/adapters/system/clock.ts';
import { credentialsOf } from '../../contract/ports/connect-openstack.ts';
import { readOpenstackEnv, type OpenstackAccount } from './openstack-env.ts';

describe('subscriptions in real Aodh', () => {
  const http = new HttpClient();
  const { signal } = new AbortController();
  const made: { readonly aodh: AuthorizedService; readonly id: string }[] = [];
  let service: OpenstackAccount;
  let doctor: OpenstackAccount;
  let admin: OpenstackAccount;

  const aodhAs = (account: OpenstackAccount) => {
    const session = new ServiceSession({
      http,
      credentials: credentialsOf(account),
      clock: new SystemClock(),
    });
    return new AuthorizedService({
      session,
      http,
      baseUrl: (by) => session.endpoint(['alarming', 'alarm'], by),
    });
  };

  async function createAlarm(account: OpenstackAccount, fields: object): Promise<void> {
    const aodh = aodhAs(account);
    const body = { name: 'contract-test', type: 'event', alarm_actions: ['http://127.0.0.1:9/'], ...fields };
    const answer = await aodh.request({ method: 'POST', path: '/v2/alarms', body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    made.push({ aodh, id: (answer.body as { alarm_id: string }).alarm_id });
  }

  const deleteAlarms = async () => {
    for (const { aodh, id } of made.splice(0))
      await aodh.request({ method: 'DELETE', path: `/v2/alarms/${id}` });
  };

  beforeAll(async () => {
    ({ service, doctor, admin } = await readOpenstackEnv());
  });
  afterAll(async () => {
    await deleteAlarms();
    await http.close();
  });

  it('finds the projects whose alarms maintenance.scheduled sets off, whoever they are', async () => {
    const subscriptions = new AodhSubscriptions(aodhAs(service));
    const asked = [admin.projectId, service.projectId, '0'.repeat(32)];
    const unheard = await subscriptions.subscribedProjects(asked, signal);
    expect(unheard).toEqual([]);
    await createAlarm(admin, { event_rule: { event_type: 'maintenance.host' } });
    await createAlarm(admin, { event_rule: { event_type: 'maintenance.scheduled' }, enabled: false });
    expect(await subscriptions.subscribedProjects(asked, signal)).toEqual([]);
    await createAlarm(admin, { event_rule: { event_type: 'maintenance.s*' } });
    await createAlarm(service, { event_rule: { event_type: 'maintenance.scheduled' } });
    expect(await subscriptions.subscribedProjects(asked, signal)).toEqual([
      admin.projectId,
      service.projectId,
    ]);
    await createAlarm(doctor, { event_rule: { event_type: 'maintenance.scheduled' } });
    expect(await subscriptions.subscribedProjects([doctor.projectId], signal)).toEqual([doctor.projectId]);
  });
});
