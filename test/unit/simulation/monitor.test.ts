import { describe, expect, it } from 'vitest';
import { CloudError } from '../../../src/engine/ports.ts';
import { movesPerInstance, violations, type PromisedGroup } from '../../../src/simulation/monitor.ts';
import { Simulation } from '../../../src/simulation/simulation.ts';

const group: PromisedGroup = { id: 'group', members: ['app-1', 'app-2'], slots: 1, recoverySeconds: 60 };
const signal = new AbortController().signal;
const size = (vcpus: number) => ({ vcpus, memoryMb: 1024, diskGb: 10 });

/** Two members on `compute-1`, nothing on `compute-2`; a cold migration takes 3 s. */
function cloudOfTwo(): Simulation {
  const simulation = new Simulation();
  for (const host of ['compute-1', 'compute-2'])
    simulation.cloud.addHost(host, { vcpus: 4, memoryMb: 4096, diskGb: 40 });
  for (const id of group.members) simulation.cloud.addInstance(id, 'compute-1', 'project-1', size(1));
  return simulation;
}

async function pass({ clock }: Simulation, seconds: number): Promise<void> {
  let isOver = false;
  clock.at(clock.now() + seconds * 1000, () => (isOver = true));
  await clock.runUntil(() => isOver);
}

async function begin(
  { cloud }: Simulation,
  instanceId: string,
  action: 'MIGRATE' | 'LIVE_MIGRATE' = 'MIGRATE',
) {
  const from = cloud.instances.get(instanceId)?.host ?? '';
  await cloud.startMove({ instanceId, action, from });
}

async function move(simulation: Simulation, id: string): Promise<void> {
  await begin(simulation, id);
  await pass(simulation, 3);
  await simulation.cloud.confirmMove(id);
}

function tell(simulation: Simulation, host: string, state: 'IN_MAINTENANCE' | 'MAINTENANCE_COMPLETE') {
  const payload = { host, state, project_id: 'admin' };
  return simulation.notify({ messageId: host, eventType: 'maintenance.host', at: 0, payload }, signal);
}

describe('the slots of a group', () => {
  it('are kept where a member begins when the other has recovered', async () => {
    const simulation = cloudOfTwo();
    await move(simulation, 'app-1');
    await pass(simulation, 60);
    await move(simulation, 'app-2');
    expect(violations(simulation, { groups: [group] })).toEqual([]);
  });

  it('are broken a moment before that', async () => {
    const simulation = cloudOfTwo();
    await move(simulation, 'app-1');
    await pass(simulation, 59.999);
    await move(simulation, 'app-2');
    expect(violations(simulation, { groups: [group] })).toEqual([
      expect.stringMatching(/: the move of app-2 began while app-1 of group \(1 at once, recovery 60 s\)/),
    ]);
    expect(violations(simulation, { groups: [{ ...group, slots: 2 }] })).toEqual([]);
  });

  it('are taken until a cold migration is confirmed', async () => {
    const simulation = cloudOfTwo();
    await begin(simulation, 'app-1');
    await pass(simulation, 1_000);
    await move(simulation, 'app-2');
    expect(violations(simulation, { groups: [group] })).toHaveLength(1);
  });

  it('are taken by a move that failed, and by a member in ERROR after that', async () => {
    const simulation = cloudOfTwo();
    simulation.cloud.outcome = () => new CloudError('failed', 'no');
    await begin(simulation, 'app-1', 'LIVE_MIGRATE');
    await pass(simulation, 62.9);
    simulation.cloud.outcome = () => undefined;
    await move(simulation, 'app-2');
    expect(violations(simulation, { groups: [group] })).toHaveLength(1);

    const other = cloudOfTwo();
    Object.assign(other.cloud.instances.get('app-1') ?? {}, { state: 'error' });
    await move(other, 'app-2');
    expect(violations(other, { groups: [group] })).toHaveLength(1);
  });

  it('are taken by an own action from its notice on', async () => {
    const simulation = cloudOfTwo();
    const at = simulation.clock.now();
    const reply_at = new Date(at + 40_000).toISOString().slice(0, 19).replace('T', ' ');
    const reply_url = 'http://fenix/v1/maintenance/session/project-1/app-1';
    const payload = { state: 'PREPARE_MAINTENANCE', project_id: 'project-1', reply_url, reply_at };
    await simulation.notify({ messageId: 'one', eventType: 'maintenance.scheduled', at, payload }, signal);
    await pass(simulation, 5);
    const answer = { projectId: 'project-1', instanceId: 'app-1', state: 'ACK_PREPARE_MAINTENANCE' };
    await simulation.giveReply({ ...answer, action: 'OWN_ACTION' }, () => Promise.resolve());
    await move(simulation, 'app-2');
    simulation.cloud.delete('app-1');
    expect(violations(simulation, { groups: [group] })).toHaveLength(1);
  });
});

describe('room', () => {
  it('is not to be taken on a host in maintenance, but before and after', async () => {
    const simulation = cloudOfTwo();
    await tell(simulation, 'compute-2', 'IN_MAINTENANCE');
    await pass(simulation, 10);
    await tell(simulation, 'compute-2', 'MAINTENANCE_COMPLETE');
    await begin(simulation, 'app-1');
    expect(violations(simulation, { groups: [] })).toEqual([]);
    await pass(simulation, 1);
    await tell(simulation, 'compute-1', 'IN_MAINTENANCE');
    expect(violations(simulation, { groups: [] })).toEqual([
      expect.stringContaining('compute-1 carried app-1, app-2 while it was in maintenance'),
    ]);
  });

  it('is no more than a host has, of each kind', () => {
    const simulation = cloudOfTwo();
    simulation.cloud.addInstance('large', 'compute-2', 'project-1', { vcpus: 1, memoryMb: 5000, diskGb: 10 });
    expect(violations(simulation, { groups: [] })).toEqual([
      expect.stringContaining('compute-2 carried 5000 memoryMb when large came, and has 4096'),
    ]);
  });

  it('is shared by no more members of a group than may be together', async () => {
    const simulation = cloudOfTwo();
    const capped = { ...group, maxPerHost: 1, slots: 9 };
    const before = violations(simulation, { groups: [capped] }).length;
    await move(simulation, 'app-1');
    expect(violations(simulation, { groups: [capped] })).toHaveLength(before);
    await move(simulation, 'app-2');
    expect(violations(simulation, { groups: [capped] })).toHaveLength(before + 1);
  });
});

describe('lead times', () => {
  const leadSeconds = new Map([['app-1', 30]]);
  async function told(simulation: Simulation): Promise<void> {
    const reply_url = 'http://fenix/v1/maintenance/session/project-1/app-1';
    const payload = { state: 'PREPARE_MAINTENANCE', project_id: 'project-1', reply_url };
    const notice = {
      messageId: 'one',
      eventType: 'maintenance.scheduled',
      at: simulation.clock.now(),
    } as const;
    await simulation.notify({ ...notice, payload }, signal);
    await pass(simulation, 5);
  }
  const ack = (simulation: Simulation, readyAt?: number) =>
    simulation.giveReply(
      {
        projectId: 'project-1',
        instanceId: 'app-1',
        state: 'ACK_PREPARE_MAINTENANCE',
        ...(readyAt !== undefined && { readyAt }),
      },
      () => Promise.resolve(),
    );

  it('are given away by an ACK, but not by one that names a time', async () => {
    const plain = cloudOfTwo();
    await told(plain);
    await ack(plain);
    await begin(plain, 'app-1');
    expect(violations(plain, { groups: [], leadSeconds })).toEqual([]);

    const named = cloudOfTwo();
    await told(named);
    await ack(named, named.clock.now() + 7_000);
    await begin(named, 'app-1');
    expect(violations(named, { groups: [], leadSeconds })).toEqual([
      expect.stringContaining('app-1 was moved 7 s sooner than was promised'),
    ]);
  });

  it('hold without an answer, and without a notice nothing may begin', async () => {
    const silent = cloudOfTwo();
    await told(silent);
    await begin(silent, 'app-1');
    expect(violations(silent, { groups: [], leadSeconds })).toEqual([expect.stringContaining('25 s sooner')]);

    const unasked = cloudOfTwo();
    await begin(unasked, 'app-1');
    expect(violations(unasked, { groups: [], leadSeconds })).toEqual([
      expect.stringContaining('app-1 was moved without a notice'),
    ]);
  });
});

describe('moves per instance', () => {
  it('leave out what empties the first hosts', async () => {
    const simulation = cloudOfTwo();
    await move(simulation, 'app-1');
    expect(movesPerInstance(simulation)).toBe(1);
    await tell(simulation, 'compute-1', 'MAINTENANCE_COMPLETE');
    await move(simulation, 'app-1');
    await move(simulation, 'app-2');
    expect(movesPerInstance(simulation)).toBe(1);
    await move(simulation, 'app-1');
    expect(movesPerInstance(simulation)).toBe(1.5);
  });
});
