import type { LabConfigInput } from './lab-config.ts';

export interface DoctorScenarioOptions {
  /** Compute hosts; 4 when absent. */
  readonly hosts?: number;
  /** Servers that fit on one host; 2 when absent. */
  readonly slots?: number;
  /** Whether every slot is taken; the default. Without, only the redundant pair runs. */
  readonly filled?: boolean;
  /** Slots that stay free, taken from the last; 0 when absent. */
  readonly empty?: number;
}

/** The password of every account of the scenario. */
const password = 'lab-secret';

/**
 * The cloud of Doctor's maintenance test: one project whose active-standby pair is an anti-affinity server
 * group and whose other servers fill the rest, so that a host can be emptied only after the project has scaled in.
 * Accounts: `admin`, `doctor` (a plain member) and `fenix` (the service user), all with the password `lab-secret`.
 */
export function doctorScenario(options: DoctorScenarioOptions = {}): LabConfigInput {
  const { hosts = 4, slots = 2, filled = true, empty = 0 } = options;
  const others = filled ? hosts * slots - 2 - empty : 0;
  return {
    hosts: [{ name: 'compute-{n}', count: hosts, vcpus: slots, memory_mb: Math.max(8192, slots * 256) }],
    projects: ['admin', 'service', 'doctor'],
    users: [
      { name: 'admin', password, project: 'admin', roles: ['admin'] },
      { name: 'doctor', password, project: 'doctor', roles: ['member'] },
      { name: 'fenix', password, project: 'service', roles: ['admin', 'service'] },
    ],
    flavors: [{ name: 'mini', vcpus: 1, ram_mb: 256, disk_gb: 1 }],
    server_groups: [{ name: 'doctor_ha_app_group', project: 'doctor', policy: 'anti-affinity' }],
    instances: [
      { name: 'doctor_ha_app_{n}', count: 2, project: 'doctor', group: 'doctor_ha_app_group' },
      ...(others > 0 ? [{ name: 'doctor_nonha_app_{n}', count: others, project: 'doctor' }] : []),
    ],
  };
}
