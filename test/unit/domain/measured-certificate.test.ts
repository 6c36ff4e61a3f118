import { describe, expect, it } from 'vitest';
import { measuredCertificate } from '../../../src/domain/measured-certificate.ts';
import { planCampaign } from '../../../src/domain/planner/plan-campaign.ts';
import type { Host, Instance, Session } from '../../../src/domain/session.ts';
import { hostSeconds, row } from '../../support/vnf-stage.ts';

/** A session over three full hosts and a spare one, played to its end. */
async function played(): Promise<Session> {
  const session = await (await row(3)).play();
  expect(session.failure).toBeUndefined();
  return session;
}

const changedHost = (session: Session, name: string, change: Partial<Host>): Session => ({
  ...session,
  hosts: session.hosts.map((host) => (host.name === name ? { ...host, ...change } : host)),
});

const changedInstance = (session: Session, id: string, change: Partial<Instance>): Session => ({
  ...session,
  instances: new Map(session.instances).set(id, { ...session.instances.get(id)!, ...change }),
});

const boundOf = (session: Session) => measuredCertificate(session)?.bound.seconds ?? Number.NaN;

describe('the certificate of a session that is done', () => {
  it('holds its time against what no schedule beats with the durations that it measured', async () => {
    const session = await played();
    const { makespanSeconds, bound } = measuredCertificate(session)!;
    const ends = session.hosts.map(({ maintenanceEndedAt = 0 }) => maintenanceEndedAt);
    expect(makespanSeconds).toBe((Math.max(...ends) - session.plan!.madeAt) / 1000);
    expect(bound.seconds).toBeGreaterThanOrEqual(hostSeconds);
    expect(bound.seconds).toBeLessThanOrEqual(makespanSeconds);
    expect(bound.because).not.toBe('');
  });

  it('reckons with measured maintenance, not with what was planned', async () => {
    const session = await played();
    const { maintenanceStartedAt = 0 } = session.hosts.find(({ name }) => name === 'spare')!;
    const slower = changedHost(session, 'spare', { maintenanceEndedAt: maintenanceStartedAt + 5_000_000 });
    expect(boundOf(slower)).toBeGreaterThanOrEqual(5_000);
    expect(planCampaign(session.plan!.campaign).makespanSeconds).toBeLessThan(5_000);
  });

  it('reckons with measured moves, and with none for an instance that went by itself', async () => {
    const session = await played();
    const slower = changedInstance(session, 'app-1', { moveSeconds: 5_000 });
    expect(boundOf(slower)).toBeGreaterThanOrEqual(5_000 + hostSeconds - 1);
    const gone = changedInstance(slower, 'app-1', { gone: true });
    expect(boundOf(gone)).toBeLessThan(5_000);
    expect(boundOf(gone)).toBeLessThanOrEqual(boundOf(session));
  });

  it('does not reckon with a host that was left aside', async () => {
    const session = await played();
    const { maintenanceStartedAt = 0 } = session.hosts.find(({ name }) => name === 'spare')!;
    const slower = changedHost(session, 'spare', { maintenanceEndedAt: maintenanceStartedAt + 5_000_000 });
    expect(boundOf(changedHost(slower, 'spare', { progress: 'skipped' }))).toBeLessThan(5_000);
  });

  it('counts from the end of the controllers, which come first', async () => {
    const session = await played();
    const [host] = session.hosts;
    const controllerEnd = session.plan!.madeAt + 30_000;
    const controller: Host = {
      ...host!,
      name: 'controller-1',
      type: 'controller',
      progress: 'maintained',
      maintenanceEndedAt: controllerEnd,
    };
    const withController = { ...session, hosts: [controller, ...session.hosts] };
    expect(measuredCertificate(withController)!.makespanSeconds).toBe(
      measuredCertificate(session)!.makespanSeconds - 30,
    );
  });

  it('is none for a session that runs, that failed, or that planned nothing', async () => {
    const session = await played();
    const { plan: _plan, ...planless } = session;
    expect(measuredCertificate({ ...session, state: 'START_MAINTENANCE' })).toBeUndefined();
    expect(measuredCertificate({ ...session, state: 'MAINTENANCE_FAILED' })).toBeUndefined();
    expect(measuredCertificate(planless)).toBeUndefined();
  });
});
