import { describe, expect, it } from 'vitest';
import { ModelCloud } from '../../../src/simulation/model-cloud.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';

const signal = new AbortController().signal;
const size = (vcpus: number, memoryMb = 1, diskGb = 1) => ({ vcpus, memoryMb, diskGb });

function build() {
  const clock = new VirtualClock();
  const cloud = new ModelCloud(clock);
  cloud.addHost('a', size(8, 8, 100));
  cloud.addHost('b', size(4, 4, 100));
  cloud.addHost('c', size(8, 2, 100));
  return { clock, cloud };
}

/** Where a live migration ends; `undefined`: nowhere. */
async function migrate({ clock, cloud }: ReturnType<typeof build>, id: string, target?: string) {
  const from = cloud.instances.get(id)?.host ?? '';
  const request = {
    instanceId: id,
    action: 'LIVE_MIGRATE',
    from,
    ...(target !== undefined && { target }),
  } as const;
  await cloud.startMove(request);
  let ended: string | undefined | null = null;
  cloud.watchMove(request, await cloud.moveBaseline(id), signal).then(
    ({ host }) => (ended = host),
    () => (ended = undefined),
  );
  await clock.runUntil(() => ended !== null);
  return ended;
}

describe('a model cloud', () => {
  it('lets an instance go only where there is room of every kind', async () => {
    const all = build();
    all.cloud.addInstance('large', 'a', 'project-1', size(5, 1));
    all.cloud.addInstance('greedy', 'a', 'project-1', size(1, 3));
    expect(await migrate(all, 'large')).toBe('c');
    expect(await migrate(all, 'greedy', 'c')).toBeUndefined();
    expect(await migrate(all, 'greedy')).toBe('b');
  });

  it('counts an instance on both hosts while it moves, and until a cold migration is confirmed', async () => {
    const { clock, cloud } = build();
    cloud.addInstance('app', 'a');
    const on = () => ['a', 'b', 'c'].filter((host) => cloud.on(host).length > 0);
    await cloud.startMove({ instanceId: 'app', action: 'MIGRATE', from: 'a', target: 'b' });
    expect(on()).toEqual(['a', 'b']);
    await clock.runUntil(() => cloud.instances.get('app')?.state === 'resized');
    expect(on()).toEqual(['a', 'b']);
    await cloud.confirmMove('app');
    expect(on()).toEqual(['b']);
    cloud.delete('app');
    expect(on()).toEqual([]);
  });

  it('keeps members of a group apart as its rule says, or together', async () => {
    const all = build();
    for (const id of ['one', 'two', 'three']) all.cloud.addInstance(id, 'a', 'project-1', size(1, 0));
    all.cloud.addGroup('apart', ['one', 'two', 'three'], 'project-1', { maxPerHost: 2 });
    expect(await migrate(all, 'one', 'b')).toBe('b');
    expect(await migrate(all, 'two', 'b')).toBe('b');
    expect(await migrate(all, 'three', 'b')).toBeUndefined();

    const together = build();
    for (const id of ['one', 'two']) together.cloud.addInstance(id, 'a');
    together.cloud.addGroup('together', ['one', 'two'], 'project-1', { policy: 'affinity' });
    expect(await migrate(together, 'one')).toBeUndefined();
  });

  it('shows what was changed from outside, and writes down who took room when', async () => {
    const { cloud } = build();
    cloud.addInstance('app', 'a');
    Object.assign(cloud.instances.get('app') ?? {}, { host: 'b', state: 'error' });
    const [seen] = (await cloud.observe()).instances;
    expect(seen).toMatchObject({ host: 'b', state: 'error' });
    expect(cloud.instances.history.map(({ kind }) => kind)).toEqual([
      'room_taken',
      'room_freed',
      'room_taken',
      'broken',
    ]);
  });
});
