import { randomUUID } from 'node:crypto';
import type { LabConfig } from '../lab-config.ts';
import { place } from './boot.ts';
import type { LabCloud } from './lab-cloud.ts';
import { numbered } from './make-hosts.ts';

/** Who owns what is there from the start. */
export interface Owners {
  readonly projects: readonly { readonly id: string; readonly name: string }[];
  readonly users: readonly { readonly id: string; readonly projectId: string }[];
}

/**
 * Puts the server groups and instances of the configuration into the cloud; the first user of a project owns them.
 * @throws Error when there is no room for an instance
 */
export function populate(cloud: LabCloud, owners: Owners, config: LabConfig): void {
  const owner = (projectName: string): { projectId: string; userId: string } => {
    const projectId = owners.projects.find((project) => project.name === projectName)?.id ?? '';
    const user = owners.users.find((one) => one.projectId === projectId) ?? owners.users[0];
    return { projectId, userId: user?.id ?? '' };
  };
  for (const { name, project, policy, max_server_per_host: max } of config.server_groups) {
    const id = randomUUID();
    cloud.groups.set(id, {
      id,
      name,
      policy,
      ...owner(project),
      ...(max === undefined ? {} : { maxServerPerHost: max }),
    });
  }
  for (const wanted of config.instances) {
    const flavor = wanted.flavor === undefined ? cloud.flavors[0] : cloud.flavor(wanted.flavor);
    if (flavor === undefined)
      throw new Error(`instance ${wanted.name}: there is no flavor ${wanted.flavor ?? ''}`);
    const group = [...cloud.groups.values()].find((one) => one.name === wanted.group);
    const { projectId, userId } = owner(wanted.project);
    for (const name of numbered(wanted.name, wanted.count, 0)) {
      place(
        cloud,
        { name, projectId, userId, flavor, imageId: cloud.imageId, groupId: group?.id ?? null },
        { projectId, userId, requestId: `req-${randomUUID()}` },
        wanted.host,
      );
    }
  }
}
