import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CloudObservation, MoveAction, ObservedInstance } from '../../../src/domain/cloud.ts';
import type { Cloud, MoveRequest } from '../../../src/engine/ports.ts';

/**
 * A cloud with Doctor's scenario: hosts of two slots, all full with instances of one project, two of the instances in
 * an anti-affinity group. And what others may do to it.
 */
export interface CloudUnderTest {
  readonly cloud: Cloud;
  readonly projectId: string;
  deleteInstance(id: string): Promise<void>;
  stopInstance(id: string): Promise<void>;
  /** Makes the next move of this kind of this instance fail on its host. */
  failNextMove(id: string, action: MoveAction): Promise<void>;
  /** Keeps the next live move of this instance from coming to its end; absent where the cloud's live moves take no time. */
  holdNextLiveMove?(id: string): Promise<void>;
  close(): Promise<void>;
}

/** What every `Cloud` does. The tests build on each other's cloud, and use up about five of its instances. */
export function describeCloudContract(name: string, makeCloud: () => Promise<CloudUnderTest>): void {
  describe(`a cloud: ${name}`, () => {
    let subject: CloudUnderTest;
    let cloud: Cloud;
    const { signal } = new AbortController();

    beforeAll(async () => {
      subject = await makeCloud();
      cloud = subject.cloud;
    });
    // There is none when it could not be made.
    afterAll(() => (subject as typeof subject | undefined)?.close());

    const observe = () => cloud.observe(signal);
    const instance = async (id: string) => (await observe()).instances.find((one) => one.id === id);
    const computes = (seen: CloudObservation) => seen.hosts.filter(({ type }) => type === 'compute');
    const on = (seen: CloudObservation, host: string) => seen.instances.filter((one) => one.host === host);
    const isMovable = (seen: CloudObservation) => (one: ObservedInstance) =>
      one.state === 'active' &&
      one.task === null &&
      one.host !== undefined &&
      !seen.serverGroups.some(({ members }) => members.includes(one.id));

    /** A host with room and an instance on another host that may go there; makes the room when there is none. */
    async function moveOf(action: MoveAction): Promise<MoveRequest & { readonly target: string }> {
      for (;;) {
        const seen = await observe();
        const movable = seen.instances.filter(isMovable(seen));
        const target = computes(seen).find(
          ({ name, capacity }) => on(seen, name).length < capacity.vcpus,
        )?.name;
        const leaving = movable.find(({ host }) => host !== target);
        if (target !== undefined && leaving?.host !== undefined) {
          return { instanceId: leaving.id, action, from: leaving.host, target };
        }
        const victim = movable[0]!;
        await subject.deleteInstance(victim.id);
        await cloud.watchDeparture(victim.host!, [victim.id], signal);
      }
    }

    /** A move to a host that has no room. */
    async function hopelessMove(action: MoveAction): Promise<MoveRequest> {
      const seen = await observe();
      const full = computes(seen).filter(({ name, capacity }) => on(seen, name).length >= capacity.vcpus);
      const target = full.at(-1)!.name;
      const leaving = seen.instances.filter(isMovable(seen)).find(({ host }) => host !== target)!;
      return { instanceId: leaving.id, action, from: leaving.host!, target };
    }

    async function startAndWatch(move: MoveRequest) {
      const baseline = await cloud.moveBaseline(move.instanceId, signal);
      await cloud.startMove(move, signal);
      return cloud.watchMove(move, baseline, signal);
    }

    it('shows hosts with their capacity, instances with their size, and server groups', async () => {
      const seen = await observe();
      const hosts = computes(seen);
      expect(hosts.length).toBeGreaterThanOrEqual(2);
      for (const host of hosts) {
        expect(host).toMatchObject({ open: true, up: true, capacity: { vcpus: 2 } });
        expect(host.serviceId).toBeTruthy();
        expect(host.capacity.memoryMb).toBeGreaterThan(0);
        expect(host.capacity.diskGb).toBeGreaterThan(0);
        expect(on(seen, host.name)).toHaveLength(2);
      }
      expect(seen.hosts.filter(({ type }) => type === 'controller')).toMatchObject([
        { up: true, capacity: { vcpus: 0, memoryMb: 0, diskGb: 0 } },
      ]);
      expect(seen.instances).toHaveLength(2 * hosts.length);
      for (const one of seen.instances) {
        expect(one).toMatchObject({
          projectId: subject.projectId,
          state: 'active',
          task: null,
          size: { vcpus: 1, memoryMb: 256, diskGb: 1 },
        });
      }
      const ids = seen.instances.filter((one) => one.name.startsWith('doctor_ha_app')).map(({ id }) => id);
      expect(seen.serverGroups).toMatchObject([
        { name: 'doctor_ha_app_group', projectId: subject.projectId, policy: 'anti-affinity', maxPerHost: 1 },
      ]);
      expect([...seen.serverGroups[0]!.members].sort()).toEqual([...ids].sort());
      expect(ids).toHaveLength(2);
    });

    it('names all hosts', async () => {
      const { hosts } = await observe();
      const names = await cloud.hostNames(signal);
      expect([...names].sort()).toEqual(hosts.map(({ name: host }) => host).sort());
      expect(new Set(names).size).toBe(names.length);
    });

    it('closes and opens a host, however often it is asked to', async () => {
      const host = computes(await observe())[0]!;
      const service = { name: host.name, serviceId: host.serviceId! };
      const isOpen = async () => computes(await observe()).find(({ name }) => name === host.name)?.open;
      await cloud.closeHost(service, 'contract test', signal);
      await cloud.closeHost(service, 'x'.repeat(400), signal);
      expect(await isOpen()).toBe(false);
      await cloud.openHost(service, signal);
      await cloud.openHost(service, signal);
      expect(await isOpen()).toBe(true);
    });

    it('knows no host by a service id that does not exist', async () => {
      const host = { name: 'nosuch', serviceId: '00000000-0000-4000-8000-000000000000' };
      await expect(cloud.closeHost(host, 'contract test', signal)).rejects.toMatchObject({
        name: 'CloudError',
        code: 'failed',
        message: expect.stringContaining('nosuch') as string,
      });
    });

    it('says that an unknown instance is gone', async () => {
      const instanceId = '00000000-0000-4000-8000-000000000000';
      const [first, second] = computes(await observe());
      const move = { instanceId, action: 'MIGRATE', from: first!.name, target: second!.name } as const;
      const none = { newestAction: null, newestMigration: null };
      const gone = { name: 'CloudError', code: 'instance_gone' };
      await expect(cloud.moveBaseline(instanceId, signal)).rejects.toMatchObject(gone);
      await expect(cloud.startMove(move, signal)).rejects.toMatchObject(gone);
      await expect(cloud.startMove({ ...move, action: 'LIVE_MIGRATE' }, signal)).rejects.toMatchObject(gone);
      await expect(cloud.watchMove(move, none, signal)).rejects.toMatchObject(gone);
      await expect(cloud.confirmMove(instanceId, signal)).rejects.toMatchObject(gone);
      await cloud.watchDeparture(first!.name, [instanceId], signal);
    });

    it.each(['MIGRATE', 'LIVE_MIGRATE'] as const)(
      'tells that a full host takes no instance: %s',
      async (action) => {
        const move = await hopelessMove(action);
        const error = await startAndWatch(move).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ name: 'CloudError', code: 'no_valid_host' });
        for (const part of [move.instanceId, move.from, move.target!]) expect(String(error)).toContain(part);
        expect(await instance(move.instanceId)).toMatchObject({
          host: move.from,
          state: 'active',
          task: null,
        });
      },
    );

    it('refuses a target that does not exist', async () => {
      const move = { ...(await hopelessMove('MIGRATE')), target: 'nosuch' };
      await expect(cloud.startMove(move, signal)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('nosuch') as string,
      });
    });

    it('sees an instance depart that was deleted, and stops waiting for one at once when told to', async () => {
      const seen = await observe();
      const [staying, leaving] = seen.instances.filter(isMovable(seen));
      const stop = new AbortController();
      const endless = cloud.watchDeparture(staying!.host!, [staying!.id], stop.signal);
      const departure = cloud.watchDeparture(leaving!.host!, [leaving!.id], signal);
      await subject.deleteInstance(leaving!.id);
      await departure;
      expect(await instance(leaving!.id)).toBeUndefined();
      const reason = new Error('enough');
      stop.abort(reason);
      await expect(endless).rejects.toBe(reason);
    });

    it('moves an instance cold to the host that was asked for, and confirms', async () => {
      const move = await moveOf('MIGRATE');
      const baseline = await cloud.moveBaseline(move.instanceId, signal);
      expect(await cloud.moveWasStarted(move, baseline, signal)).toBe(false);
      await cloud.startMove(move, signal);
      expect(await cloud.moveWasStarted(move, baseline, signal)).toBe(true);
      expect(await cloud.moveWasStarted({ ...move, action: 'LIVE_MIGRATE' }, baseline, signal)).toBe(false);
      await expect(cloud.startMove(move, signal)).rejects.toMatchObject({ code: 'busy' });
      const result = await cloud.watchMove(move, baseline, signal);
      expect(result).toEqual({ host: move.target, needsConfirmation: true });
      expect(await cloud.watchMove(move, baseline, signal)).toEqual(result);
      await cloud.confirmMove(move.instanceId, signal);
      await cloud.confirmMove(move.instanceId, signal);
      expect(await instance(move.instanceId)).toMatchObject({
        host: move.target,
        state: 'active',
        task: null,
      });
      expect(await cloud.watchMove(move, baseline, signal)).toEqual({
        host: move.target,
        needsConfirmation: false,
      });
      const later = await cloud.moveBaseline(move.instanceId, signal);
      expect(await cloud.moveWasStarted(move, later, signal)).toBe(false);
    });

    it('lets the cloud choose the host when none is asked for', async () => {
      const { target: _target, ...move } = await moveOf('MIGRATE');
      const { host } = await startAndWatch(move);
      expect(host).not.toBe(move.from);
      await cloud.confirmMove(move.instanceId, signal);
      expect(await instance(move.instanceId)).toMatchObject({ host, state: 'active' });
    });

    it('moves an instance live, and sees it depart', async () => {
      const move = await moveOf('LIVE_MIGRATE');
      const departure = cloud.watchDeparture(move.from, [move.instanceId], signal);
      expect(await startAndWatch(move)).toEqual({ host: move.target, needsConfirmation: false });
      await departure;
      expect(await instance(move.instanceId)).toMatchObject({
        host: move.target,
        state: 'active',
        task: null,
      });
    });

    it('tells of a live move that failed on its host', async () => {
      const move = await moveOf('LIVE_MIGRATE');
      await subject.failNextMove(move.instanceId, 'LIVE_MIGRATE');
      await expect(startAndWatch(move)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining(move.instanceId) as string,
      });
      expect(await instance(move.instanceId)).toMatchObject({ host: move.from, state: 'active' });
    });

    it('breaks a live move off, unless it has ended before', async () => {
      const move = await moveOf('LIVE_MIGRATE');
      await subject.holdNextLiveMove?.(move.instanceId);
      await cloud.abortMove(move.instanceId, signal);
      let over = false;
      const watching = startAndWatch(move).finally(() => (over = true));
      watching.catch(() => undefined);
      // Nova breaks off only what has a target already.
      await vi.waitFor(
        async () => {
          await cloud.abortMove(move.instanceId, signal);
          expect(over).toBe(true);
        },
        { timeout: 60_000, interval: 100 },
      );
      const end = await watching.catch((error: unknown) => error);
      if (subject.holdNextLiveMove === undefined && !(end instanceof Error)) {
        expect(end).toEqual({ host: move.target, needsConfirmation: false });
        return;
      }
      expect(end).toMatchObject({
        code: 'aborted',
        message: expect.stringContaining(move.instanceId) as string,
      });
      expect(await instance(move.instanceId)).toMatchObject({ host: move.from, state: 'active', task: null });
      await cloud.abortMove(move.instanceId, signal);
    });

    it('moves a stopped instance cold, and says why it cannot move it live', async () => {
      const move = await moveOf('MIGRATE');
      await subject.stopInstance(move.instanceId);
      await vi.waitFor(
        async () => expect(await instance(move.instanceId)).toMatchObject({ state: 'stopped', task: null }),
        { timeout: 30_000, interval: 200 },
      );
      await expect(cloud.startMove({ ...move, action: 'LIVE_MIGRATE' }, signal)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('stopped') as string,
      });
      expect(await startAndWatch(move)).toEqual({ host: move.target, needsConfirmation: true });
      await cloud.confirmMove(move.instanceId, signal);
      expect(await instance(move.instanceId)).toMatchObject({ host: move.target, state: 'stopped' });
    });

    it('tells of a cold move that failed on its host, with the fault', async () => {
      const move = await moveOf('MIGRATE');
      await subject.failNextMove(move.instanceId, 'MIGRATE');
      await expect(startAndWatch(move)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringMatching(`${move.instanceId}.*${move.from}.*injected fault.*ERROR`) as string,
      });
      await subject.deleteInstance(move.instanceId);
    });

    it('stops watching a move at once when told to', async () => {
      const move = await moveOf('MIGRATE');
      const baseline = await cloud.moveBaseline(move.instanceId, signal);
      await cloud.startMove(move, signal);
      const reason = new Error('enough');
      const stop = new AbortController();
      const watching = cloud.watchMove(move, baseline, stop.signal);
      stop.abort(reason);
      await expect(watching).rejects.toBe(reason);
      await cloud.watchMove(move, baseline, signal);
      await cloud.confirmMove(move.instanceId, signal);
    });
  });
}
