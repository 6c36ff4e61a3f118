/** What the application tells of its limits (facts 5), kept registered as instances come and go. */
import { createHash } from 'node:crypto';
import { dataOf, type components, type InstanceAction, type MaintenanceClient } from '../sdk/index.ts';
import type { Members } from './fleet.ts';
import type { ServerGroup } from './nova.ts';
import type { NamedInstance } from './vnfm-event.ts';

type GroupConstraint = components['schemas']['InstanceGroupConstraintRequest'] & {
  readonly group_id: string;
  readonly group_name: string;
};
type InstanceConstraint = components['schemas']['InstanceConstraintRequest'] & {
  readonly instance_id: string;
  readonly instance_name: string;
};

export interface ConstraintOptions {
  readonly projectId: string;
  readonly migrationType: InstanceAction;
  /** Names of the groups begin so: `doctor_ha_app_` gives `doctor_ha_app_group`, as Doctor's are called. */
  readonly haPrefix: string;
  readonly nonHaPrefix: string;
  /** Default: Doctor's. */
  readonly leadSeconds?: number;
}

/** Doctor's values (facts 5), seconds. */
const haRecoverySeconds = 4;
const nonHaRecoverySeconds = 2;
const maxInterruptionSeconds = 120;
const doctorsLeadSeconds = 40;

export class Constraints {
  readonly #options: ConstraintOptions;
  #groups: readonly GroupConstraint[] = [];
  #instances: readonly InstanceConstraint[] = [];

  constructor(options: ConstraintOptions) {
    this.#options = options;
  }

  /** Ids and names of what is registered. */
  get registered(): { readonly groups: readonly string[]; readonly instances: readonly NamedInstance[] } {
    return {
      groups: this.#groups.map(({ group_name }) => group_name),
      instances: this.#instances.map(({ instance_id: id, instance_name: name }) => ({ id, name })),
    };
  }

  /** Registers what is there now, groups first, and takes back what is not there any more. @throws ApiError */
  async sync(
    client: MaintenanceClient,
    members: Members,
    serverGroups: readonly ServerGroup[],
  ): Promise<void> {
    const [ha, nonHa] = this.#groupsFor(members, serverGroups);
    const instances = [
      ...members.ha.map((member) => this.#instance(member, ha)),
      ...members.nonHa.map((member) => this.#instance(member, nonHa)),
    ];
    const groups = [...(members.ha.length > 0 ? [ha] : []), ...(members.nonHa.length > 0 ? [nonHa] : [])];
    for (const body of groups)
      dataOf(
        await client.PUT('/v1/instance_group/{group_id}', {
          params: { path: { group_id: body.group_id } },
          body,
        }),
      );
    await Promise.all(
      instances.map(async (body) =>
        dataOf(
          await client.PUT('/v1/instance/{instance_id}', {
            params: { path: { instance_id: body.instance_id } },
            body,
          }),
        ),
      ),
    );
    await this.#replace(client, groups, instances);
  }

  /** Takes everything back. @throws ApiError */
  async clear(client: MaintenanceClient): Promise<void> {
    await this.#replace(client, [], []);
  }

  /** Takes back what is registered and not among these, instances before groups as Doctor does. */
  async #replace(
    client: MaintenanceClient,
    groups: readonly GroupConstraint[],
    instances: readonly InstanceConstraint[],
  ): Promise<void> {
    const keptInstances = new Set(instances.map(({ instance_id }) => instance_id));
    const keptGroups = new Set(groups.map(({ group_id }) => group_id));
    const oldInstances = this.#instances.filter(({ instance_id }) => !keptInstances.has(instance_id));
    const oldGroups = this.#groups.filter(({ group_id }) => !keptGroups.has(group_id));
    this.#instances = [...instances, ...oldInstances];
    this.#groups = [...groups, ...oldGroups];
    for (const { instance_id } of oldInstances)
      dataOf(await client.DELETE('/v1/instance/{instance_id}', { params: { path: { instance_id } } }));
    for (const { group_id } of oldGroups)
      dataOf(await client.DELETE('/v1/instance_group/{group_id}', { params: { path: { group_id } } }));
    this.#instances = instances;
    this.#groups = groups;
  }

  #groupsFor(members: Members, serverGroups: readonly ServerGroup[]): [GroupConstraint, GroupConstraint] {
    const { projectId: project_id, haPrefix, nonHaPrefix } = this.#options;
    const [haName, nonHaName] = [`${haPrefix}group`, `${nonHaPrefix}group`];
    const haIds = members.ha.map(({ id }) => id);
    // The group's id is that of Nova's server group where there is one; every instance needs a group all the same.
    const serverGroup = serverGroups.find((group) => group.members.some((id) => haIds.includes(id)));
    const count = members.nonHa.length;
    return [
      {
        group_id: serverGroup?.id ?? stableId(project_id, haName),
        project_id,
        group_name: serverGroup?.name ?? haName,
        anti_affinity_group: true,
        max_instances_per_host: 1,
        max_impacted_members: 1,
        recovery_time: haRecoverySeconds,
        resource_mitigation: true,
      },
      {
        group_id: stableId(project_id, nonHaName),
        project_id,
        group_name: nonHaName,
        anti_affinity_group: false,
        max_instances_per_host: 0,
        max_impacted_members: count >= 7 ? Math.floor(count / 2) - 1 : 2,
        recovery_time: nonHaRecoverySeconds,
        resource_mitigation: true,
      },
    ];
  }

  #instance({ id, name }: NamedInstance, group: GroupConstraint): InstanceConstraint {
    return {
      instance_id: id,
      project_id: this.#options.projectId,
      group_id: group.group_id,
      instance_name: name,
      max_interruption_time: maxInterruptionSeconds,
      migration_type: this.#options.migrationType,
      resource_mitigation: true,
      lead_time: this.#options.leadSeconds ?? doctorsLeadSeconds,
    };
  }
}

/** The same id at every start, so that a crash leaves no group behind that nobody takes back. */
function stableId(projectId: string, name: string): string {
  const hex = createHash('sha256').update(`${projectId}/${name}`).digest('hex');
  // Version 8 of RFC 9562: a UUID of the maker's own making.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
