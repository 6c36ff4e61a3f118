import type { LabConfigInput } from './lab-config.ts';

/** The applications of the scenario: each is a project, an account of the same name, and what its servers' names begin with. */
export const applications = [
  { name: 'doctor', haPrefix: 'doctor_ha_app_', nonHaPrefix: 'doctor_nonha_app_' },
  { name: 'video', haPrefix: 'video_ha_app_', nonHaPrefix: 'video_nonha_app_' },
] as const;

/** The password of every account of the scenario. */
const password = 'lab-secret';
const slots = 4;
/** One of so many hosts carries nothing; at least one. */
const hostsPerSpare = 6;

/**
 * A cloud whose hosts are full but for a few that are empty, and two applications on it: an active-standby pair each, kept on
 * different hosts by a server group, and the rest of equal servers. Several hosts can be maintained at once without anybody's
 * scaling in. Accounts: `admin`, `fenix` (the service user) and one for each application.
 */
export function applicationsScenario(hosts: number): LabConfigInput {
  const full = hosts - Math.max(1, Math.floor(hosts / hostsPerSpare));
  return {
    hosts: [{ name: 'compute-{n}', count: hosts, vcpus: slots, memory_mb: 8192 }],
    projects: ['admin', 'service', ...applications.map(({ name }) => name)],
    users: [
      { name: 'admin', password, project: 'admin', roles: ['admin'] },
      { name: 'fenix', password, project: 'service', roles: ['admin', 'service'] },
      ...applications.map(({ name }) => ({ name, password, project: name, roles: ['member'] })),
    ],
    flavors: [{ name: 'mini', vcpus: 1, ram_mb: 256, disk_gb: 1 }],
    server_groups: applications.map(({ name, haPrefix }) => ({
      name: `${haPrefix}group`,
      project: name,
      policy: 'anti-affinity' as const,
    })),
    instances: Array.from({ length: full }, (_, index) => serversOn(index, full > 1)).flat(),
  };
}

/** Fills a host. Where there are two full ones, the first two carry the pairs, one server of each on each. */
function serversOn(index: number, withPairs: boolean): NonNullable<LabConfigInput['instances']> {
  const share = slots / applications.length;
  return applications.flatMap(({ name: project, haPrefix, nonHaPrefix }) =>
    Array.from({ length: share }, (_, n) => {
      const host = `compute-${index + 1}`;
      return withPairs && index < 2 && n === 0
        ? { name: `${haPrefix}${index}`, project, group: `${haPrefix}group`, host }
        : { name: `${nonHaPrefix}${index * share + n}`, project, host };
    }),
  );
}
