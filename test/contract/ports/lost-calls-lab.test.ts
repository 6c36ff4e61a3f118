import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MoveRequest } from '../../../src/engine/ports.ts';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { startLab, type Lab } from '../../../src/lab/lab.ts';
import type { CloudUnderTest } from './cloud.contract.ts';
import { connectOpenstack } from './connect-openstack.ts';

describe('a call to Nova whose answer is lost', () => {
  let lab: Lab;
  let openstack: Pick<CloudUnderTest, 'cloud' | 'close'>;
  const { signal } = new AbortController();

  beforeAll(async () => {
    lab = await startLab({ config: doctorScenario({ empty: 2 }) });
    const { name: username, password, projectName } = lab.users['fenix']!;
    openstack = connectOpenstack({ authUrl: lab.authUrl, username, password, projectName });
  });
  afterAll(async () => {
    await openstack.close();
    await lab.stop();
  });

  it.each([true, false])(
    'is an unknown outcome, and its records tell which: carried out %j',
    async (carried_out) => {
      const { cloud } = openstack;
      const { id: instanceId, host } = lab
        .servers()
        .find(({ name, status }) => name === 'doctor_nonha_app_0' && status === 'ACTIVE')!;
      const move: MoveRequest = { instanceId, action: 'LIVE_MIGRATE', from: host! };
      const baseline = await cloud.moveBaseline(instanceId, signal);
      lab.setFault({ kind: 'lost_call', call: 'write', carried_out, times: 1 });
      await expect(cloud.startMove(move, signal)).rejects.toMatchObject({
        name: 'CloudError',
        code: 'unknown_outcome',
      });
      expect(await cloud.moveWasStarted(move, baseline, signal)).toBe(carried_out);
      if (carried_out) {
        const { host: target } = await cloud.watchMove(move, baseline, signal);
        expect(target).not.toBe(move.from);
      }
    },
  );

  it('is only unavailable where repeating does no harm', async () => {
    const { cloud } = openstack;
    const host = (await cloud.observe(signal)).hosts.find(({ type }) => type === 'compute')!;
    const service = { name: host.name, serviceId: host.serviceId! };
    lab.setFault({ kind: 'lost_call', call: 'write', carried_out: true, times: 1 });
    await expect(cloud.closeHost(service, 'lost', signal)).rejects.toMatchObject({ code: 'unavailable' });
    await cloud.closeHost(service, 'lost', signal);
    await cloud.openHost(service, signal);
  });

  it('is repeated when it only reads', async () => {
    const { cloud } = openstack;
    lab.setFault({ kind: 'lost_call', call: 'read', carried_out: true, times: 2 });
    expect((await cloud.observe(signal)).hosts.length).toBeGreaterThan(4);
  });

  it('is unavailable when nobody listens any more', async () => {
    const { cloud } = openstack;
    await lab.stop();
    const id = lab.servers()[0]!.id;
    const move: MoveRequest = { instanceId: id, action: 'MIGRATE', from: 'compute-1' };
    // The read comes first: a connection that was kept open may be lost with a call on it, whose outcome is unknown then.
    await expect(cloud.observe(signal)).rejects.toMatchObject({ name: 'CloudError', code: 'unavailable' });
    await expect(cloud.startMove(move, signal)).rejects.toMatchObject({
      name: 'CloudError',
      code: 'unavailable',
    });
  });
});
