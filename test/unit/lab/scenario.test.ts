import { describe, expect, it } from 'vitest';
import { doctorScenario } from '../../../src/lab/doctor-scenario.ts';
import { Identity } from '../../../src/lab/keystone/identity.ts';
import { parseLabConfig, readLabConfig } from '../../../src/lab/lab-config.ts';
import { LabCloud } from '../../../src/lab/model/lab-cloud.ts';
import { populate } from '../../../src/lab/model/populate.ts';
import { ManualTimers } from './manual-timers.ts';

function cloudOf(config: ReturnType<typeof parseLabConfig>): LabCloud {
  const cloud = new LabCloud(config, new ManualTimers());
  populate(cloud, new Identity(config), config);
  return cloud;
}

describe("Doctor's scenario", () => {
  it.each([
    [4, 2],
    [3, 3],
    [10, 4],
  ])('with %i hosts of %i slots fills every slot and keeps the pair apart', (hosts, slots) => {
    const cloud = cloudOf(parseLabConfig(doctorScenario({ hosts, slots })));
    expect(cloud.hosts.map(({ name }) => cloud.allocations.used(name).vcpus)).toEqual(
      Array(hosts).fill(slots),
    );
    const pair = [...cloud.servers.values()].filter(({ name }) => name.startsWith('doctor_ha_app_'));
    expect(new Set(pair.map(({ host }) => host)).size).toBe(2);
  });

  it('is what src/lab/doctor.yaml says', async () => {
    expect(await readLabConfig('src/lab/doctor.yaml')).toEqual(parseLabConfig(withFlavor()));
  });
});

/** The file names the flavor of each instance, the helper leaves it to the default. */
function withFlavor() {
  const scenario = doctorScenario();
  return { ...scenario, instances: scenario.instances?.map((one) => ({ ...one, flavor: 'mini' })) };
}

describe("a lab's configuration", () => {
  const least = {
    hosts: [{ name: 'a' }],
    projects: ['p'],
    users: [{ name: 'u', project: 'p', roles: ['member'] }],
  };

  it('needs hosts, projects and users only', () => {
    expect(parseLabConfig(least)).toMatchObject({
      region: 'RegionOne',
      flavors: [{ name: 'mini', vcpus: 1 }],
      instances: [],
    });
  });

  it.each([
    ['an unknown project', { instances: [{ name: 'i', project: 'q' }] }, 'there is no project named q'],
    [
      'an unknown flavor',
      { instances: [{ name: 'i', project: 'p', flavor: 'big' }] },
      'there is no flavor named big',
    ],
    [
      'an unknown group',
      { instances: [{ name: 'i', project: 'p', group: 'g' }] },
      'there is no server group named g',
    ],
    ['an option that does not exist', { hostz: [] }, 'hostz'],
  ])('with %s is refused by name', (_what, more, words) => {
    expect(() => parseLabConfig({ ...least, ...more })).toThrow(words);
  });

  it('with more instances than fit is refused', () => {
    const config = parseLabConfig({ ...least, instances: [{ name: 'i{n}', count: 3, project: 'p' }] });
    expect(() => cloudOf(config)).toThrow('no room for instance i2');
  });

  it('puts an instance on the host that it names', () => {
    const config = parseLabConfig({
      ...least,
      hosts: [{ name: 'h{n}', count: 3 }],
      instances: [{ name: 'i', project: 'p', host: 'h3' }],
    });
    expect(cloudOf(config).server('i')?.host).toBe('h3');
  });
});
